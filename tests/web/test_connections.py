"""The status page's HTTP connections, over real sockets: bounded whatever comes in."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import uvicorn
from structlog.testing import capture_logs
from web_office import access

from voicebot.web import LiveCalls, Readiness, connections, create_app
from voicebot.web.connections import LARGEST_HEAD
from voicebot.web.server import configuration

pytestmark = pytest.mark.unit

Ask = Callable[[bytes], Awaitable[bytes]]
GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def served(scenario: Callable[[int, Ask], Awaitable[None]]) -> list[str]:
    """Serve the page while `scenario` runs; return the causes of refusals in the log, one each."""

    async def main() -> None:
        app = create_app(LiveCalls(), lambda: None, lambda: Readiness(""), access=access())
        server = uvicorn.Server(configuration(app))
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0.001)

            async def ask(request: bytes) -> bytes:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request)
                answer = b""
                with suppress(ConnectionError):
                    while more := await reader.read(4096):
                        answer += more
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()
                return answer

            async with asyncio.timeout(10):
                await scenario(port, ask)
            server.should_exit = True
            await serving

    with capture_logs() as logs:
        asyncio.run(main())
    assert {entry["event"] for entry in logs} <= {"web_refused"}
    return [entry["cause"] for entry in logs]


def test_pages_are_served() -> None:
    async def scenario(port: int, ask: Ask) -> None:
        assert b'{"alive":true}' in await ask(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    assert served(scenario) == []


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 100, b"405"),
        (b"DELETE /api/calls HTTP/1.1\r\nHost: localhost\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", b"413"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.0\r\n\r\n", b"400"),
        (
            b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            b"400",
        ),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * LARGEST_HEAD, b"400"),
    ],
)
def test_all_but_reading_is_refused(request_bytes: bytes, status: bytes) -> None:
    async def scenario(port: int, ask: Ask) -> None:
        assert (await ask(request_bytes)).startswith(b"HTTP/1.1 " + status)

    served(scenario)


def test_bad_requests_are_logged_once_and_the_page_goes_on() -> None:
    async def scenario(port: int, ask: Ask) -> None:
        for _ in range(20):
            await ask(b"\0\r\n\r\n")
        for _ in range(20):
            await ask(GET + b"\0\r\n\r\n")
        await ask(GET + b"\0\r\n\r\n" + GET)
        assert b"alive" in await ask(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    assert served(scenario) == ["bad_request"]


@pytest.mark.parametrize("beginning", [b"", b"GET / HT", GET + b"GET"])
def test_a_request_without_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    monkeypatch.setattr(connections, "REQUEST_S", 0.05)

    async def scenario(port: int, ask: Ask) -> None:
        await ask(beginning)

    assert served(scenario) == ["slow"]


def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)

    async def scenario(port: int, ask: Ask) -> None:
        first = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        assert await ask(b"") == b""
        for _, writer in first:
            writer.close()
            await writer.wait_closed()

    assert served(scenario) == ["crowded"]
