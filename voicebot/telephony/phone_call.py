"""One call on the SIP test phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, TypeAlias

from voicebot.audio import Samples
from voicebot.errors import LineClosedError, ProtocolError, TelephonyError
from voicebot.telephony.dialog import METHODS, Dialog
from voicebot.telephony.rtp import Address, RtpStatistics, RtpStream
from voicebot.telephony.rtp_packets import CODECS, EVENT_TYPE
from voicebot.telephony.sdp import CONTENT_TYPE, Media, build_sdp, parse_sdp
from voicebot.telephony.sip import Fields, Headers, Request, Response, address
from voicebot.telephony.transactions import T1, T2, TIMEOUT, Sent, Transactions

EndReason: TypeAlias = Literal["local", "remote", "cancelled", "rejected", "unanswered"]
"""We hung up; they hung up; the caller gave up; the called said no; nobody answered."""
Login: TypeAlias = Callable[[Request, Response], Fields]
"""Gives the credentials that a refused request asks for; none where it asks for none."""

GOODBYE_SECONDS = 2.0
"""How long the other side gets to confirm the end of a call."""
_HINTS = {
    401: "check user and password",
    403: "check user and password, and that the PBX lets this user in",
    404: "check that the number is in the PBX's dialplan",
    407: "check user and password",
    408: "check that the called phone is registered",
    480: "check that the called phone is registered",
    486: "the line is busy: try again later",
    488: "allow alaw or ulaw at the other side",
    503: "look at the PBX's log",
}


class PhoneCall:
    """A call in progress, or ringing; made by `SipPhone.call` and `SipPhone.incoming`."""

    def __init__(self, dialog: Dialog, wire: Transactions, host: str, peer: Address) -> None:
        self.stream = RtpStream()
        """The sound: `sent_at`, `received.arrivals`, `received.keys`, `on_frame`, `recording()`."""
        self.headers = Headers()
        """Of the INVITE received, or of the answer to ours; any case will do."""
        self.ringing_at: float | None = None
        """loop.time() at which it began to ring; None when it never did."""
        self.answered_at: float | None = None
        """loop.time(); None while it is not answered."""
        self.ended = asyncio.Event()
        self.ended_at: float | None = None
        """loop.time(); None while it has not ended."""
        self.end_reason: EndReason | None = None
        self._dialog = dialog
        self._wire = wire
        self._host = host
        self._port = 0
        self._peer = peer
        self._invite: Request | None = None
        self._offer: Media | None = None
        self._progressed = asyncio.Event()
        self._acknowledged = asyncio.Event()

    @property
    def call_id(self) -> str:
        """The Call-ID header of the call."""
        return self._dialog.call_id

    # ------------------------------------------------------------------ what a person does

    def say(self, samples: Samples) -> int:
        """Queue sound (int16, 8 kHz, shape (n,)); return its place on the time line sent (`RtpStream.say`).

        Does nothing once the call has ended.
        """
        return self.stream.say(samples)

    def press(self, keys: str) -> None:
        """Queue key presses, 240 ms each; raises TelephonyError for a key that no telephone has."""
        self.stream.press(keys)

    async def said(self) -> None:
        """Wait until everything queued is sent, or the call has ended."""
        await self.stream.idle.wait()

    def heard(self) -> Samples:
        """Return everything heard since the first packet, gaps as silence: int16, 8 kHz, shape (n,)."""
        return self.stream.received.heard()

    def keys(self) -> str:
        """Return the keys that the other side pressed so far."""
        return "".join(key.key for key in self.stream.received.keys)

    def statistics(self) -> RtpStatistics:
        """Return how the sound travelled so far."""
        return self.stream.statistics()

    async def answer(self) -> None:
        """Answer a ringing call; return when the caller has acknowledged, or has hung up.

        Raises LineClosedError when the caller gave up before, TelephonyError
        when the acknowledgement never comes.
        """
        self._ringing()
        await self._open()
        if self.ended.is_set():  # the caller gave up meanwhile
            self.stream.close()
        invite = self._ringing()
        sent = self._wire.respond(
            invite, 200, self._peer, self._session_fields(), self._sdp(self._offer), self._dialog.tag
        )
        self._begin(self._offer)
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._until_acknowledged(sent)
        except TimeoutError:
            await self.hang_up()
            raise TelephonyError(
                f"answered a call from {self._peer}, but no ACK came within {TIMEOUT:g} s; "
                "check that the caller can reach this phone's address"
            ) from None

    def reject(self, status: Literal[486, 603] = 486) -> None:
        """Refuse a ringing call: 486 for busy, 603 for no. Raises LineClosedError when it rings no more."""
        self._wire.respond(self._ringing(), status, self._peer, tag=self._dialog.tag)
        self._end("rejected")

    async def hang_up(self) -> None:
        """End the call, if it has not ended; return when the other side has confirmed, or after 2 s."""
        if self.ended.is_set():
            return
        if self.answered_at is None:
            self.reject()
            return
        self._end("local")
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._wire.request(self._dialog.request("BYE"), self._peer)

    # ------------------------------------------------------------------ what the phone does with it

    async def place(self, fields: Fields, login: Login, timeout_s: float) -> None:
        """Call the dialog's target; return when it is answered. Raises TelephonyError when it is not."""
        try:
            await self._open()
            inviting = asyncio.create_task(self._answered_invite([*self._session_fields(), *fields], login))
            try:
                async with asyncio.timeout(timeout_s):
                    answer = await asyncio.shield(inviting)
            except TimeoutError:
                raise TelephonyError(self._no_answer(timeout_s)) from None
            finally:
                await self._withdraw(inviting)
            if answer.status >= 300:
                hint = _HINTS.get(answer.status, "look at the PBX's log")
                raise TelephonyError(
                    f"{self._dialog.target} refused the call: {answer.status} {answer.reason}; {hint}"
                )
            await self._establish(answer)
        finally:
            if self.answered_at is None:
                self._end("unanswered")

    def ring(self, invite: Request, offer: Media | None) -> None:
        """Begin to ring for the other side's `invite`."""
        self.headers = invite.headers
        self.ringing_at = asyncio.get_running_loop().time()
        self._invite, self._offer = invite, offer
        self._wire.respond(invite, 180, self._peer, [self._contact()], tag=self._dialog.tag)

    def take(self, request: Request) -> None:
        """Act on the other side's request within this call; ProtocolError for an SDP without usable sound."""
        if request.method == "ACK":
            if request.body:
                self.stream.connect(parse_sdp(request.body))
            self._acknowledged.set()
        elif request.method == "BYE":
            self._wire.respond(request, 200, self._peer)
            self._end("remote")
        elif request.method == "CANCEL":
            self._wire.respond(request, 200, self._peer, tag=self._dialog.tag)
            if self.answered_at is None and not self.ended.is_set():
                self._wire.respond(self._ringing(), 487, self._peer, tag=self._dialog.tag)
                self._end("cancelled")
        else:
            self._renegotiate(request)

    # ------------------------------------------------------------------ the parts

    def _ringing(self) -> Request:
        """Return the INVITE that waits for our answer."""
        if self._invite is None or self.ended.is_set() or self.answered_at is not None:
            raise LineClosedError(f"this call does not ring (any more): {self.end_reason or 'answered'}")
        return self._invite

    def _contact(self) -> tuple[str, str]:
        return "Contact", address(self._dialog.contact)

    def _session_fields(self) -> list[tuple[str, str]]:
        return [self._contact(), ("Allow", METHODS), ("Content-Type", CONTENT_TYPE)]

    def _sdp(self, offer: Media | None) -> bytes:
        """Return our answer to `offer`, or our own offer where there is none."""
        own = Media(self._host, self._port, tuple(CODECS), EVENT_TYPE)
        return build_sdp(offer.answer(self._host, self._port) if offer else own)

    async def _open(self) -> None:
        self._port = await self.stream.open(self._host)

    def _begin(self, media: Media | None) -> None:
        if media is not None:
            self.stream.connect(media)
        self.answered_at = asyncio.get_running_loop().time()
        self.stream.start()

    def _end(self, reason: EndReason) -> None:
        if self.ended.is_set():
            return
        self.end_reason = reason
        self.ended_at = asyncio.get_running_loop().time()
        self.stream.close()
        self._acknowledged.set()
        self.ended.set()

    async def _answered_invite(self, fields: Fields, login: Login) -> Response:
        """Send our INVITE, again with credentials when asked; return the final response."""
        body = self._sdp(None)
        self._invite = self._dialog.request("INVITE", fields, body)
        answer = await self._wire.request(self._invite, self._peer, self._progress)
        if credentials := list(login(self._invite, answer)):
            self._invite = self._dialog.request("INVITE", [*fields, *credentials], body)
            answer = await self._wire.request(self._invite, self._peer, self._progress)
        return answer

    def _progress(self, response: Response) -> None:
        self._progressed.set()
        if response.status > 100 and self.ringing_at is None:
            self.ringing_at = asyncio.get_running_loop().time()
        if response.body:  # a 183: the PBX speaks before it answers
            with suppress(ProtocolError):
                self.stream.connect(parse_sdp(response.body))

    async def _withdraw(self, inviting: asyncio.Task[Response]) -> None:
        """Take an INVITE back that nobody answered; one that is answered just then is hung up."""
        if inviting.done():
            return
        try:
            async with asyncio.timeout(T1):
                await self._progressed.wait()  # a CANCEL may not overtake its INVITE
            async with asyncio.timeout(GOODBYE_SECONDS):
                assert self._invite is not None
                await self._wire.request(self._dialog.cancel(self._invite), self._peer)
                answer = await asyncio.shield(inviting)
            if answer.status < 300:
                await self._establish(answer)
                await self.hang_up()
        except TimeoutError:
            pass
        finally:
            inviting.cancel()
            await asyncio.wait([inviting])

    async def _establish(self, answer: Response) -> None:
        """Take the call that the other side's 200 made."""
        assert self._invite is not None
        self.headers = answer.headers
        self._wire.acknowledge(self._invite, self._dialog.established(answer), self._peer)
        try:
            self._begin(parse_sdp(answer.body))
        except ProtocolError:
            self._begin(None)
            await self.hang_up()
            raise

    async def _until_acknowledged(self, sent: Sent) -> None:
        """Send our 200 again until the ACK comes (RFC 3261 section 13.3.1.4)."""
        wait = T1
        while not self._acknowledged.is_set():
            try:
                async with asyncio.timeout(wait):
                    await self._acknowledged.wait()
            except TimeoutError:
                self._wire.resend(sent)
                wait = min(2 * wait, T2)

    def _renegotiate(self, request: Request) -> None:
        """Answer a re-INVITE or UPDATE: sound may go elsewhere, or on hold."""
        offer = parse_sdp(request.body) if request.body else None
        if offer is not None:
            self.stream.connect(offer)
        body = self._sdp(offer) if offer is not None or request.method == "INVITE" else b""
        fields = self._session_fields() if body else [self._contact()]
        self._wire.respond(request, 200, self._peer, fields, body, self._dialog.tag)

    def _no_answer(self, timeout_s: float) -> str:
        place = f"{self._peer[0]}:{self._peer[1]}"
        if not self._progressed.is_set():
            return f"no SIP from {place} (UDP) in {timeout_s:g} s; check that the PBX runs and listens there"
        return f"{self._dialog.target} at {place} did not answer within {timeout_s:g} s; allow it more time"
