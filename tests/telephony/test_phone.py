from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pytest

from voicebot.audio import Samples
from voicebot.errors import LineClosedError, TelephonyError
from voicebot.telephony.dialog import Dialog
from voicebot.telephony.phone import PhoneCall, SipPhone
from voicebot.telephony.rtp import Address
from voicebot.telephony.sdp import Media, build_sdp, parse_sdp
from voicebot.telephony.sip import (
    Request,
    Response,
    address,
    build,
    credentials,
    display_name,
    parameter,
    parse,
    reply,
)

pytestmark = pytest.mark.unit

HERE = "127.0.0.1"
NOWHERE: Address = (HERE, 9)
T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run on real loopback, for a few seconds at most, and see that nothing is left behind."""

    async def bounded() -> T:
        async with asyncio.timeout(8):
            result = await main
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    before = open_files()
    result = asyncio.run(bounded())
    assert open_files() == before
    return result


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@asynccontextmanager
async def connected(**ways: Any) -> AsyncIterator[tuple[PhoneCall, PhoneCall]]:
    """Two phones in a call: the caller's end and the called one's."""
    async with SipPhone("called", NOWHERE) as there, SipPhone("caller", there.address) as here:
        calling = asyncio.create_task(here.call("100", **ways))
        called = await there.incoming(2)
        await called.answer()
        yield await calling, called


def sweep(from_hz: float, to_hz: float) -> Samples:
    """0.8 s of sound that is unlike itself at any other moment."""
    time = np.arange(6400) / 8000
    phase = 2 * np.pi * (from_hz * time + (to_hz - from_hz) * time**2 / 1.6)
    return (8000 * np.sin(phase)).astype(np.int16)


def snr_db(said: Samples, heard: Samples) -> float:
    """How well `said` is found back in `heard`, at the place where it fits best."""
    place = int(np.argmax(np.correlate(heard.astype(float), said.astype(float), "valid")))
    found = heard[place : place + len(said)].astype(float)
    return float(10 * np.log10((said.astype(float) ** 2).mean() / ((found - said) ** 2).mean()))


def test_sound_keys_and_times_both_ways() -> None:
    async def main() -> None:
        headers = {"X-Voicebot-Reason": "asked_for_human"}
        async with connected(display_name='Jan "J."', headers=headers) as (caller, called):
            assert called.headers["x-voicebot-reason"] == "asked_for_human"
            assert display_name(called.headers["From"]) == 'Jan "J."'
            live: list[float] = []
            called.stream.on_frame = lambda samples, at: live.append(at)
            there, back = sweep(300, 900), sweep(1500, 700)
            place = caller.say(there)
            called.say(back)
            await caller.said()
            caller.press("19#")
            await caller.said()
            await asyncio.sleep(0.1)
            assert snr_db(there, called.heard()) > 30
            assert snr_db(back, caller.heard()) > 30
            assert called.keys() == "19#"
            assert called.statistics().lost == caller.statistics().duplicates == 0
            assert live == [arrival.at for arrival in called.stream.received.arrivals][-len(live) :]
            sent_at = caller.stream.sent_at[place // 160]
            assert any(0 <= at - sent_at < 0.1 for at in live)
            for call in (caller, called):
                assert call.ringing_at is not None
                assert call.answered_at is not None
                assert call.ringing_at <= call.answered_at <= sent_at

    run(main())


@pytest.mark.parametrize("who", [0, 1], ids=["the caller", "the called"])
def test_either_side_hangs_up(who: int) -> None:
    async def main() -> None:
        async with connected() as ends:
            await ends[who].hang_up()
            await ends[1 - who].ended.wait()
            assert (ends[who].end_reason, ends[1 - who].end_reason) == ("local", "remote")
            ends[who].say(sweep(300, 900))
            await ends[who].said()
            await ends[who].hang_up()
            assert ends[who].ended_at is not None

    run(main())


def test_at_the_end_of_the_block_calls_are_hung_up() -> None:
    async def main() -> None:
        async with connected() as ends:
            ends[0].say(sweep(300, 900))
        assert {call.end_reason for call in ends} == {"local", "remote"}

    run(main())


def test_a_rejected_call_tells_the_status() -> None:
    async def main() -> None:
        async with SipPhone("called", NOWHERE) as there, SipPhone("caller", there.address) as here:
            refusals: dict[Literal[486, 603], str] = {
                486: "486 Busy Here; the line is busy",
                603: "603 Decline",
            }
            for status, words in refusals.items():
                calling = asyncio.create_task(here.call("100"))
                called = await there.incoming(2)
                called.reject(status)
                with pytest.raises(TelephonyError, match=words):
                    await calling
                assert called.end_reason == "rejected"
                with pytest.raises(LineClosedError):
                    await called.answer()

    run(main())


def test_a_call_that_nobody_answers_is_cancelled() -> None:
    async def main() -> None:
        async with SipPhone("called", NOWHERE) as there, SipPhone("caller", there.address) as here:
            with pytest.raises(TelephonyError, match=r"did not answer within 0\.2 s"):
                await here.call("100", timeout_s=0.2)
            with pytest.raises(TelephonyError, match="no call rang"):
                await there.incoming(0.05)

    run(main())


def test_a_caller_who_gives_up_is_heard_at_the_other_end() -> None:
    async def main() -> None:
        async with SipPhone("called", NOWHERE) as there, SipPhone("caller", there.address) as here:
            calling = asyncio.create_task(here.call("100"))
            called = await there.incoming(2)
            calling.cancel()
            await called.ended.wait()
            assert called.end_reason == "cancelled"
            await asyncio.wait([calling])
            assert calling.cancelled()

    run(main())


def test_a_caller_who_gives_up_while_it_is_answered_leaves_nothing_open() -> None:
    async def main() -> None:
        async with SipPhone("called", NOWHERE) as phone, Peer.open() as peer:
            peer.phone = phone.address
            dialog = peer.dialog()
            invite = dialog.request("INVITE", [SDP], OFFER)
            peer.send(invite)
            call = await phone.incoming(1)
            answering = asyncio.create_task(call.answer())
            await asyncio.sleep(0)
            call.take(dialog.cancel(invite))
            with pytest.raises(LineClosedError, match="cancelled"):
                await answering

    run(main())


def test_nobody_at_the_server() -> None:
    async def main() -> None:
        async with SipPhone("caller", NOWHERE) as phone:
            with pytest.raises(TelephonyError, match=r"no SIP from 127\.0\.0\.1:9"):
                await phone.call("100", timeout_s=0.1)
        with pytest.raises(TelephonyError, match="no such server"):
            await SipPhone("caller", ("no..where", 5060)).__aenter__()

    run(main())


def test_an_address_in_use_is_told() -> None:
    async def main() -> None:
        async with SipPhone("one", NOWHERE) as phone:
            with pytest.raises(TelephonyError, match="choose another"):
                await SipPhone("two", NOWHERE, port=phone.address[1]).__aenter__()

    run(main())


# --------------------------------------------------------------------------- a peer made by hand


class Peer(asyncio.DatagramProtocol):
    """The other side of a phone, message by message."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Request | Response] = asyncio.Queue()
        self.phone: Address = NOWHERE

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Peer]:
        loop = asyncio.get_running_loop()
        transport, peer = await loop.create_datagram_endpoint(cls, (HERE, 0))
        peer.address = transport.get_extra_info("sockname")
        try:
            yield peer
        finally:
            transport.abort()
            await asyncio.sleep(0)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.address: Address = NOWHERE

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.phone = addr
        self.messages.put_nowait(parse(data))

    def send(self, message: Request | Response) -> None:
        self.transport.sendto(build(message), self.phone)

    async def request(self) -> Request:
        message = await asyncio.wait_for(self.messages.get(), 3)
        assert isinstance(message, Request)
        return message

    async def status(self) -> Response:
        message = await asyncio.wait_for(self.messages.get(), 3)
        assert isinstance(message, Response)
        return message

    def dialog(self) -> Dialog:
        here = f"{HERE}:{self.address[1]}"
        return Dialog.new("<sip:peer@h>", "sip:phone@h", f"sip:peer@{here}", here)


SDP = ("Content-Type", "application/sdp")
OFFER = build_sdp(Media(HERE, 9, (0,), 96))


def test_a_lost_invite_and_a_lost_ack_are_mended() -> None:
    async def main() -> None:
        async with Peer.open() as peer, SipPhone("caller", peer.address) as phone:
            calling = asyncio.create_task(phone.call("100"))
            lost = await peer.request()
            invite = await peer.request()
            assert invite == lost
            contact = address(f"sip:caller@{HERE}:{phone.address[1]}")
            assert invite.headers.all("Contact") == [contact]
            answer = reply(invite, 200, [("Contact", "<sip:pbx@h:7>"), SDP], OFFER, tag="t")
            peer.send(answer)
            call = await calling
            first = await peer.request()
            peer.send(answer)
            assert await peer.request() == first
            assert (first.method, first.uri, first.cseq) == ("ACK", "sip:pbx@h:7", (1, "ACK"))
            hanging_up = asyncio.create_task(call.hang_up())
            bye = await peer.request()
            assert (bye.method, bye.uri, bye.cseq) == ("BYE", "sip:pbx@h:7", (2, "BYE"))
            assert parameter(bye.headers["To"], "tag") == "t"
            peer.send(reply(bye, 200))
            await hanging_up

    run(main())


def test_an_answer_that_crosses_the_cancel_is_hung_up() -> None:
    async def main() -> None:
        async with Peer.open() as peer, SipPhone("caller", peer.address) as phone:
            calling = asyncio.create_task(phone.call("100", timeout_s=0.1))
            invite = await peer.request()
            peer.send(reply(invite, 180, tag="t"))
            cancel = await peer.request()
            assert (cancel.method, cancel.branch, cancel.cseq) == ("CANCEL", invite.branch, (1, "CANCEL"))
            peer.send(reply(invite, 200, [SDP], OFFER, tag="t"))
            peer.send(reply(cancel, 200, tag="t"))
            assert (await peer.request()).method == "ACK"
            bye = await peer.request()
            assert bye.method == "BYE"
            peer.send(reply(bye, 200))
            with pytest.raises(TelephonyError, match="did not answer"):
                await calling

    run(main())


def test_an_answer_without_usable_sound_is_hung_up() -> None:
    async def main() -> None:
        async with Peer.open() as peer, SipPhone("caller", peer.address) as phone:
            calling = asyncio.create_task(phone.call("100"))
            peer.send(reply(await peer.request(), 200, [SDP], b"v=0\r\n", tag="t"))
            assert (await peer.request()).method == "ACK"
            bye = await peer.request()
            assert bye.method == "BYE"
            peer.send(reply(bye, 200))
            with pytest.raises(TelephonyError, match="allow alaw"):
                await calling

    run(main())


def test_a_resent_invite_rings_once_and_the_answer_is_resent_until_acknowledged() -> None:
    async def main() -> None:
        async with SipPhone("called", NOWHERE) as phone, Peer.open() as peer:
            peer.phone = phone.address
            dialog = peer.dialog()
            invite = dialog.request("INVITE", [SDP], OFFER)
            for _ in range(2):
                peer.send(invite)
                assert (await peer.status()).status == 180
            call = await phone.incoming(1)
            with pytest.raises(TelephonyError, match="no call rang"):
                await phone.incoming(0.05)
            answering = asyncio.create_task(call.answer())
            answer = await peer.status()
            assert await peer.status() == answer
            media = parse_sdp(answer.body)
            assert (media.payload_types, media.event_type) == ((0,), 96)
            peer.send(dialog.established(answer))
            await answering
            peer.send(dialog.request("BYE"))
            assert (await peer.status()).status == 200
            assert call.end_reason == "remote"

    run(main())


def test_hold_other_requests_and_unknown_calls() -> None:
    async def main() -> None:
        async with SipPhone("called", NOWHERE) as phone, Peer.open() as peer:
            peer.phone = phone.address
            dialog = peer.dialog()
            peer.send(dialog.request("INVITE", [SDP], OFFER))
            assert (await peer.status()).status == 180
            call = await phone.incoming(1)
            answering = asyncio.create_task(call.answer())
            peer.send(dialog.established(await peer.status()))
            await answering

            peer.send(dialog.request("INVITE", [SDP], build_sdp(Media(HERE, 9, (8,), None, "sendonly"))))
            held = await peer.status()
            assert parse_sdp(held.body).direction == "recvonly"
            peer.send(dialog.established(held))
            sent = call.statistics().sent
            await asyncio.sleep(0.1)
            assert call.statistics().sent == sent

            peer.send(dialog.request("UPDATE"))
            assert (await peer.status()).status == 200
            peer.send(dialog.request("INVITE", [SDP], b"v=0\r\n"))
            assert (await peer.status()).status == 488
            assert not call.ended.is_set()

            statuses = {}
            for method in ("OPTIONS", "BYE", "INFO", "CANCEL"):
                peer.send(peer.dialog().request(method))
                statuses[method] = (await peer.status()).status
            assert statuses == {"OPTIONS": 200, "BYE": 481, "INFO": 405, "CANCEL": 481}

            peer.send(dialog.request("BYE"))
            assert (await peer.status()).status == 200

    run(main())


# --------------------------------------------------------------------------- a registrar


class Registrar(Peer):
    """Lets ``agent1`` in with the right password; knows who is there for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.expires: list[tuple[str, int]] = []

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.phone = addr
        request = parse(data)
        assert isinstance(request, Request)
        if request.method != "ACK":
            self.send(self._answer(request))

    def _answer(self, request: Request) -> Response:
        challenge = 'Digest realm="pbx", nonce="n1", qop="auth"'
        given = request.headers.get("Authorization", "")
        cnonce = re.search(r'cnonce="(\w+)"', given)
        ways = {"method": request.method, "uri": request.uri, "cnonce": cnonce[1] if cnonce else ""}
        if given != credentials(challenge, user="agent1", password="secret", **ways):
            answer = reply(request, 486, [("WWW-Authenticate", challenge)], tag="r")
            return Response(status=401, reason="Unauthorized", headers=answer.headers)
        if request.method == "REGISTER":
            self.expires.append((request.headers["Contact"], int(request.headers["Expires"])))
            return reply(request, 200, tag="r")
        return reply(request, 200, [SDP], OFFER, tag="r")


def test_registers_with_a_password_and_leaves_at_the_end() -> None:
    async def main() -> None:
        async with Registrar.open() as registrar:
            assert isinstance(registrar, Registrar)
            async with SipPhone("agent1", registrar.address, "secret") as phone:
                await phone.register(expires=60)
                contact = address(f"sip:agent1@{HERE}:{phone.address[1]}")
                assert registrar.expires == [(contact, 60)]
            assert registrar.expires == [(contact, 60), (contact, 0)]

    run(main())


def test_calls_with_a_password() -> None:
    async def main() -> None:
        async with Registrar.open() as server, SipPhone("agent1", server.address, "secret") as phone:
            call = await phone.call("100")
            assert call.answered_at is not None

    run(main())


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_wrong_password_is_told(password: str | None) -> None:
    async def main() -> None:
        async with Registrar.open() as server, SipPhone("agent1", server.address, password) as phone:
            with pytest.raises(TelephonyError, match="401 Unauthorized; check user and password"):
                await phone.register()
            with pytest.raises(TelephonyError, match="401 Unauthorized; check user and password"):
                await phone.call("100")

    run(main())
