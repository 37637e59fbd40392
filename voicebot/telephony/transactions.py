"""SIP over UDP: requests resent until answered, and each one handled once (RFC 3261 section 17)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from voicebot.errors import ProtocolError
from voicebot.telephony.rtp import Address
from voicebot.telephony.sip import Fields, Headers, Request, Response, build, parse, reply

T1 = 0.5
"""Seconds before the first resending; each next wait is twice as long."""
T2 = 4.0
"""Longest wait, s, except of an INVITE."""
TIMEOUT = 64 * T1
"""Seconds after which a transaction has failed (timers B, F and H)."""
_REMEMBERED = 256
_MAX_RESPONSES = 32

Sent = tuple[bytes, Address]


class _Recent(OrderedDict[tuple[str, str], Sent | None]):
    """The last things sent, by transaction; the oldest are forgotten."""

    def __setitem__(self, key: tuple[str, str], value: Sent | None) -> None:
        super().__setitem__(key, value)
        if len(self) > _REMEMBERED:
            self.popitem(last=False)


class Transactions(asyncio.DatagramProtocol):
    """One UDP socket that speaks SIP; `on_request` gets each new request once."""

    def __init__(self, on_request: Callable[[Request, Address], None]) -> None:
        self._on_request = on_request
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: dict[tuple[str, str], asyncio.Queue[Response]] = {}
        self._responses = _Recent()
        self._acks = _Recent()

    async def open(self, host: str, port: int) -> Address:
        """Listen at `host` and UDP `port` (0: any that is free); return the address."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, (host, port))
        bound: Address = transport.get_extra_info("sockname")
        return bound

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Speak over `transport` from now on."""
        self._transport = transport

    def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.abort()
        self._transport = None

    def send(self, message: Request | Response, to: Address) -> Sent:
        """Send `message` once; return what was sent."""
        sent = (build(message), to)
        self.resend(sent)
        return sent

    async def request(
        self, request: Request, to: Address, on_provisional: Callable[[Response], None] = lambda _: None
    ) -> Response:
        """Send `request` until it is answered; return the final response.

        Waits for ever: put a time limit around it. A refused INVITE is
        acknowledged here, an accepted one by the caller through `acknowledge`.
        """
        key = (request.branch, request.method)
        responses = self._waiting[key] = asyncio.Queue(_MAX_RESPONSES)
        try:
            response = await self._final(request, to, responses, on_provisional)
        finally:
            del self._waiting[key]
        if request.method == "INVITE" and response.status >= 300:
            self.acknowledge(request, _refusal_ack(request, response), to)
        return response

    def acknowledge(self, invite: Request, ack: Request, to: Address) -> None:
        """Send `ack`, and again whenever the response to our `invite` comes again."""
        self._acks[invite.branch, "INVITE"] = self.send(ack, to)

    def respond(
        self,
        request: Request,
        status: int,
        to: Address,
        fields: Fields = (),
        body: bytes = b"",
        tag: str = "",
    ) -> Sent:
        """Answer `request`, and again whenever it comes again; return what was sent."""
        sent = self.send(reply(request, status, fields, body, tag), to)
        self._responses[_server_key(request)] = sent
        return sent

    def resend(self, sent: Sent) -> None:
        """Send again what `send` or `respond` sent; does nothing once closed."""
        if self._transport is not None:
            self._transport.sendto(*sent)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Give a message to whom it concerns; what is not SIP is ignored."""
        try:
            message = parse(data)
        except ProtocolError:
            return
        if isinstance(message, Response):
            self._take_response(message)
        else:
            self._take_request(message, addr)

    def _take_response(self, response: Response) -> None:
        key = (response.branch, response.cseq[1])
        waiting = self._waiting.get(key)
        if waiting is not None:
            if not waiting.full():
                waiting.put_nowait(response)
        elif response.status >= 200 and (ack := self._acks.get(key)):
            self.resend(ack)

    def _take_request(self, request: Request, source: Address) -> None:
        key = _server_key(request)
        if request.method == "ACK":
            self._on_request(request, source)
        elif key not in self._responses:
            self._responses[key] = None
            self._on_request(request, source)
        elif answered := self._responses[key]:
            self.resend(answered)

    async def _final(
        self,
        request: Request,
        to: Address,
        responses: asyncio.Queue[Response],
        on_provisional: Callable[[Response], None],
    ) -> Response:
        invite = request.method == "INVITE"
        sent = self.send(request, to)
        wait: float | None = T1
        while True:
            try:
                async with asyncio.timeout(wait):
                    response = await responses.get()
            except TimeoutError:
                self.resend(sent)
                assert wait is not None
                wait = 2 * wait if invite else min(2 * wait, T2)
                continue
            if response.status >= 200:
                return response
            wait = None if invite else T2  # it arrived: an INVITE is not resent any more
            on_provisional(response)


def _server_key(request: Request) -> tuple[str, str]:
    """Return what a request has in common with its resendings only (RFC 3261 section 17.2.3)."""
    return request.headers["Via"], request.method


def _refusal_ack(invite: Request, refusal: Response) -> Request:
    """Return the ACK that belongs to the same transaction as the refused `invite` (section 17.1.1.3)."""
    headers = invite.headers
    copied = [(name, headers[name]) for name in ("Via", "Max-Forwards", "From", "Call-ID")]
    fields = [*copied, ("To", refusal.headers["To"]), ("CSeq", f"{invite.cseq[0]} ACK")]
    return Request(method="ACK", uri=invite.uri, headers=Headers(fields))
