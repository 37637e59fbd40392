"""Webhooks: signed, tried again, and never in the way; against a real server on loopback."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.handoff import deliver, pause_s, signature, verify, webhook

pytestmark = pytest.mark.unit

SECRET, BODY, NOW = b"geheim", '{"topic": "één klacht"}'.encode(), 1_795_000_000.7


def test_a_signature_is_what_others_make_of_it() -> None:
    expected = hmac.new(SECRET, b"1795000000." + BODY, hashlib.sha256).hexdigest()
    assert signature(SECRET, 1_795_000_000, BODY) == f"t=1795000000,v1={expected}"


@given(st.binary(min_size=1), st.integers(0, 10**12), st.binary())
def test_what_we_signed_is_ours(secret: bytes, at: int, body: bytes) -> None:
    header = signature(secret, at, body)
    assert verify(secret, header, body, at)
    assert not verify(secret, header, body + b" ", at)
    assert not verify(secret + b"x", header, body, at)


@pytest.mark.parametrize(
    ("seconds", "holds"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_an_old_message_does_not_count(seconds: int, holds: bool) -> None:
    header = signature(SECRET, 1_795_000_000, BODY)
    assert verify(SECRET, header, BODY, 1_795_000_000 + seconds) is holds
    assert verify(SECRET, header, BODY, 1_795_000_000 + seconds, tolerance_s=400)


@pytest.mark.parametrize(
    "header", ["", "t=1,v1=", "v1=ab,t=1", "t=1", "t=x,v1=" + 64 * "0", "t=٣,v1=" + 64 * "0"]
)
def test_what_is_no_signature_is_none_of_ours(header: str) -> None:
    assert verify(SECRET, header, BODY, 1) is False
    assert verify(SECRET, signature(SECRET, 1, BODY) + " ", BODY, 1) is False
    assert verify(SECRET, signature(SECRET, 1, BODY).replace("t=1,", "t=01,"), BODY, 1) is False


def test_the_pauses_double_up_to_an_hour_and_end_after_two_days() -> None:
    pauses = [pause_s(tries) for tries in range(1, 60)]
    waited = [pause for pause in pauses if pause is not None]
    assert waited[:10] == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert set(waited[10:]) == {3600}
    assert 47 * 3600 < sum(waited) <= 48 * 3600
    assert set(pauses[len(waited) :]) == {None}
    assert pause_s(10**9) is None


# --------------------------------------------------------------------------- real receivers

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """Takes one request on loopback, and answers as it was told to."""

    answer: Answer
    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError), closing(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            self.requests.append((headers, await reader.readexactly(int(headers["content-length"]))))
            await self.answer(writer)


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[Receiver]:
    one, tasks = Receiver(answer), set[asyncio.Task[None]]()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(one.serve(reader, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?key=deur"
    try:
        yield one
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def raw(answer: str) -> Answer:
    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(answer.encode())
        await writer.drain()

    return send


def status(code: int, *headers: str) -> Answer:
    return raw("\r\n".join((f"HTTP/1.1 {code} Said", *headers, "content-length: 0", "", "")))


async def never(writer: asyncio.StreamWriter) -> None:
    await asyncio.get_running_loop().create_future()


async def in_drops(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nx: ")
    while True:
        writer.write(b"y")
        await writer.drain()
        await asyncio.sleep(0.01)


async def post(url: str, id: str = "id-1") -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await deliver(client, url, SECRET, id, BODY, NOW)


def send_to(answer: Answer) -> tuple[str, Receiver]:
    async def main() -> tuple[str, Receiver]:
        async with receiver(answer) as one:
            return await post(one.url), one

    return asyncio.run(main())


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_the_receiver_can_tell_that_it_is_ours(code: int) -> None:
    error, one = send_to(status(code))
    ((headers, body),) = one.requests
    assert (error, body) == ("", BODY)
    assert headers["content-type"] == "application/json"
    assert headers["x-voicebot-id"] == "id-1"
    assert verify(SECRET, headers["x-voicebot-signature"], body, NOW)


@pytest.mark.parametrize("code", [400, 404, 409, 410, 429, 500, 503])
def test_all_but_success_is_tried_again(code: int) -> None:
    assert send_to(status(code))[0] == f"status {code}"


def test_a_redirect_is_not_followed() -> None:
    error, one = send_to(status(307, "location: /elsewhere"))
    assert error == "status 307"
    assert len(one.requests) == 1


def test_a_server_that_is_down_is_said_without_its_address() -> None:
    async def main() -> str:
        async with receiver(never) as one:
            url = one.url
        return await post(url)

    assert asyncio.run(main()) == "ConnectError"


@pytest.mark.parametrize("answer", [never, in_drops])
def test_nobody_waits_for_a_server_that_hangs(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.2)
    error, one = send_to(answer)
    assert error in ("no answer in time", "ReadTimeout")
    assert len(one.requests) == 1


@pytest.mark.parametrize(
    "answer", [raw("SSH-2.0-x\r\n"), raw(""), raw("HTTP/1.1 200 OK\r\nx: " + "y" * 200_000)]
)
def test_what_is_no_answer_is_an_error(answer: Answer) -> None:
    assert send_to(answer)[0] == "RemoteProtocolError"


@pytest.mark.parametrize("code", [200, 500])
def test_a_huge_answer_is_not_read(code: int) -> None:
    sent = 0

    async def huge(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(f"HTTP/1.1 {code} Said\r\ncontent-length: {10**12}\r\n\r\n".encode())
        while True:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    assert send_to(huge)[0] == ("" if code == 200 else "status 500")
    assert sent < 50_000_000


@pytest.mark.parametrize(
    "url", ["http://", "ftp://127.0.0.1/x", "nonsense", "http://127.0.0.1:99999/", "http://[::/"]
)
def test_an_address_that_is_none_is_an_error(url: str) -> None:
    assert asyncio.run(post(url)).isidentifier()
