from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from voicebot.clock import run_virtual
from voicebot.telephony.dialog import Dialog
from voicebot.telephony.rtp import Address
from voicebot.telephony.sip import Request, Response, build, parse, reply
from voicebot.telephony.transactions import Transactions

pytestmark = pytest.mark.unit

PEER: Address = ("10.0.0.1", 5060)


class Wire:
    """Stands in for the socket; notes what is sent when."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, Request | Response]] = []

    def sendto(self, data: bytes, to: Address) -> None:
        assert to == PEER
        self.sent.append((asyncio.get_running_loop().time(), parse(data)))

    def abort(self) -> None:
        pass

    def times(self) -> list[float]:
        return [at for at, _ in self.sent]


Play = Callable[[Transactions, Wire, list[Request]], Awaitable[None]]


def on_a_wire(play: Play) -> None:
    async def main() -> None:
        taken: list[Request] = []
        transactions, wire = Transactions(lambda request, _: taken.append(request)), Wire()
        transactions.connection_made(cast(asyncio.DatagramTransport, wire))
        await play(transactions, wire, taken)
        transactions.close()

    run_virtual(main())


def dialog() -> Dialog:
    return Dialog.new("<sip:a@h>", "sip:b@h", "sip:a@h:1", "h:1")


def test_an_invite_is_resent_at_doubling_times_until_something_comes_back() -> None:
    async def play(transactions: Transactions, wire: Wire, _: list[Request]) -> None:
        invite = dialog().request("INVITE")
        heard: list[int] = []
        call = asyncio.create_task(transactions.request(invite, PEER, lambda r: heard.append(r.status)))
        await asyncio.sleep(4)
        assert wire.times() == pytest.approx([0, 0.5, 1.5, 3.5])
        transactions.datagram_received(build(reply(invite, 180, tag="t")), PEER)
        await asyncio.sleep(60)
        assert len(wire.sent) == 4
        assert heard == [180]
        transactions.datagram_received(build(reply(invite, 200, tag="t")), PEER)
        assert (await call).status == 200
        assert len(wire.sent) == 4

    on_a_wire(play)


def test_another_request_is_resent_until_the_final_answer() -> None:
    async def play(transactions: Transactions, wire: Wire, _: list[Request]) -> None:
        bye = dialog().request("BYE")
        ending = asyncio.create_task(transactions.request(bye, PEER))
        await asyncio.sleep(12)
        assert wire.times() == pytest.approx([0, 0.5, 1.5, 3.5, 7.5, 11.5])
        transactions.datagram_received(build(reply(bye, 200)), PEER)
        assert (await ending).status == 200

    on_a_wire(play)


def test_a_refusal_is_acknowledged_again_whenever_it_comes_again() -> None:
    async def play(transactions: Transactions, wire: Wire, _: list[Request]) -> None:
        invite = dialog().request("INVITE")
        call = asyncio.create_task(transactions.request(invite, PEER))
        await asyncio.sleep(0)
        busy = build(reply(invite, 486, tag="theirs"))
        transactions.datagram_received(busy, PEER)
        await call
        transactions.datagram_received(busy, PEER)
        acks = [message for _, message in wire.sent[1:]]
        assert len(acks) == 2
        assert acks[0] == acks[1]
        assert isinstance(acks[0], Request)
        assert (acks[0].method, acks[0].branch, acks[0].cseq) == ("ACK", invite.branch, (1, "ACK"))
        assert acks[0].headers["To"].endswith("tag=theirs")

    on_a_wire(play)


def test_a_request_that_comes_again_is_answered_again_and_not_done_twice() -> None:
    async def play(transactions: Transactions, wire: Wire, taken: list[Request]) -> None:
        invite = dialog().request("INVITE")
        for _ in range(2):
            transactions.datagram_received(build(invite), PEER)
        assert (taken, wire.sent) == ([invite], [])
        transactions.respond(invite, 180, PEER, tag="t")
        transactions.respond(invite, 200, PEER, tag="t")
        transactions.datagram_received(build(invite), PEER)
        statuses = [message.status for _, message in wire.sent if isinstance(message, Response)]
        assert statuses == [180, 200, 200]
        assert taken == [invite]

    on_a_wire(play)


def test_what_is_not_sip_or_not_ours_is_ignored() -> None:
    async def play(transactions: Transactions, wire: Wire, taken: list[Request]) -> None:
        transactions.datagram_received(b"\r\n\r\n", PEER)
        transactions.datagram_received(b"\x00noise", PEER)
        transactions.datagram_received(build(reply(dialog().request("BYE"), 200)), PEER)
        assert (taken, wire.sent) == ([], [])

    on_a_wire(play)


def test_memory_is_bounded() -> None:
    async def play(transactions: Transactions, wire: Wire, taken: list[Request]) -> None:
        first = dialog().request("OPTIONS")
        for request in [first, *(dialog().request("OPTIONS") for _ in range(300)), first]:
            transactions.datagram_received(build(request), PEER)
        assert len(taken) == 302

    on_a_wire(play)
