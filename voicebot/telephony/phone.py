"""A SIP telephone without hardware: caller and agent of the demo, the tests and the benchmarks.

UDP, A-law or mu-law, keys by RFC 4733; one user at one server. Times are those
of the running event loop (`loop.time()`), for what is sent and what arrives.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType

from voicebot.errors import ProtocolError, TelephonyError
from voicebot.telephony.dialog import METHODS, Dialog, token
from voicebot.telephony.phone_call import GOODBYE_SECONDS, PhoneCall
from voicebot.telephony.rtp import Address
from voicebot.telephony.sdp import parse_sdp
from voicebot.telephony.sip import Request, Response, address, credentials, parameter
from voicebot.telephony.transactions import Transactions

__all__ = ["PhoneCall", "SipPhone"]

_REGISTER_SECONDS = 5.0
_MAX_RINGING = 16
"""Calls that may ring at once; another one gets 486 Busy Here."""
_CHALLENGES = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}


class SipPhone:
    """A telephone: ``async with SipPhone("caller", ("127.0.0.1", 5060)) as phone: ...``.

    At the end of the block calls are hung up, a registration is removed and
    every socket is closed.
    """

    def __init__(
        self,
        user: str,
        server: Address,
        password: str | None = None,
        bind: str | None = None,
        port: int = 0,
    ) -> None:
        """Make a phone for `user` at `server`.

        `bind` is the IPv4 address of this machine to take calls at (None: the
        one that the server sees), `port` the UDP port for SIP (0: any that is
        free).
        """
        self.address: Address = (bind or "", port)
        """Where the phone takes calls, once the block has begun."""
        self._user = user
        self._password = password
        self._server_name = server
        self._server = server
        self._wire = Transactions(self._take)
        self._calls: dict[str, PhoneCall] = {}
        self._ringing: asyncio.Queue[PhoneCall] = asyncio.Queue(_MAX_RINGING)
        self._registration: Dialog | None = None

    async def __aenter__(self) -> SipPhone:
        """Open the phone; raises TelephonyError when its address is taken, or the server's name unknown."""
        self._server = await _resolve(self._server_name)
        host, port = self.address
        host = host or _facing(self._server)
        try:
            self.address = await self._wire.open(host, port)
        except OSError as error:
            raise TelephonyError(f"cannot open a phone at {host}:{port}: {error}; choose another") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, unregister, close everything."""
        try:
            await asyncio.gather(*(call.hang_up() for call in list(self._calls.values())))
            if self._registration is not None:
                with suppress(TelephonyError):
                    await self._register(self._registration, 0, GOODBYE_SECONDS)
        finally:
            self._wire.close()
            await asyncio.sleep(0)  # closed sockets go in the loop's next turn

    async def call(
        self,
        number: str,
        display_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
    ) -> PhoneCall:
        """Call `number` at the server and return the answered call.

        `headers` go along in the INVITE. Raises TelephonyError, with the SIP
        status, when the call is refused or not answered within `timeout_s`.
        """
        dialog = self._dialog(address(self._contact, display_name), f"sip:{number}@{_text(self._server)}")
        call = PhoneCall(dialog, self._wire, self.address[0], self._server)
        await call.place(list((headers or {}).items()), self._login, timeout_s)
        self._keep(call)
        return call

    async def incoming(self, timeout_s: float = 10.0) -> PhoneCall:
        """Return the next call that rings here; raises TelephonyError when none does within `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while (call := await self._ringing.get()).ended.is_set():
                    pass
        except TimeoutError:
            raise TelephonyError(
                f"no call rang at {_text(self.address)} within {timeout_s:g} s; "
                "check that the PBX calls this phone"
            ) from None
        return call

    async def register(self, expires: int = 300) -> None:
        """Tell the server that this user is here, for `expires` seconds.

        Raises TelephonyError when it refuses, or does not answer.
        """
        uri = f"sip:{self._user}@{self._server[0]}"
        dialog = self._dialog(address(uri), f"sip:{_text(self._server)}", remote=address(uri))
        await self._register(dialog, expires, _REGISTER_SECONDS)
        self._registration = dialog

    async def _register(self, dialog: Dialog, expires: int, timeout_s: float) -> None:
        fields = [("Contact", address(dialog.contact)), ("Expires", str(expires))]
        try:
            async with asyncio.timeout(timeout_s):
                request = dialog.request("REGISTER", fields)
                answer = await self._wire.request(request, self._server)
                if login := self._login(request, answer):
                    request = dialog.request("REGISTER", [*fields, *login])
                    answer = await self._wire.request(request, self._server)
        except TimeoutError:
            raise TelephonyError(
                f"no registrar answers at {_text(self._server)} (UDP); "
                "check that the PBX runs and listens there"
            ) from None
        if answer.status != 200:
            raise TelephonyError(
                f"{_text(self._server)} refused to register {self._user}: {answer.status} {answer.reason}; "
                "check user and password"
            )

    def _login(self, request: Request, answer: Response) -> list[tuple[str, str]]:
        """Return the credentials that `answer` asks for; none when it does not, or we have no password."""
        if answer.status not in _CHALLENGES or self._password is None:
            return []
        asks, answers = _CHALLENGES[answer.status]
        challenges = answer.headers.all(asks)
        challenge = next((each for each in challenges if "sha" not in each.lower()), "")
        login = credentials(
            challenge,
            user=self._user,
            password=self._password,
            method=request.method,
            uri=request.uri,
            cnonce=token(),
        )
        return [(answers, login)]

    def _take(self, request: Request, source: Address) -> None:
        """Act on a new request from the network."""
        try:
            self._dispatch(request, source)
        except ProtocolError:
            if request.method != "ACK":
                self._wire.respond(request, 488 if request.body else 400, source)

    def _dispatch(self, request: Request, source: Address) -> None:
        call = self._calls.get(request.call_id)
        if call is not None and request.method in ("ACK", "BYE", "CANCEL", "INVITE", "UPDATE"):
            call.take(request)
        elif request.method == "OPTIONS":
            self._wire.respond(request, 200, source, [("Allow", METHODS)], tag=token())
        elif request.method == "INVITE" and not parameter(request.headers["To"], "tag"):
            self._ring(request, source)
        elif request.method in ("BYE", "CANCEL", "INVITE", "UPDATE"):
            self._wire.respond(request, 481, source, tag=token())
        elif request.method != "ACK":
            self._wire.respond(request, 405, source, [("Allow", METHODS)], tag=token())

    def _ring(self, invite: Request, source: Address) -> None:
        offer = parse_sdp(invite.body) if invite.body else None
        if self._ringing.full():
            self._wire.respond(invite, 486, source, tag=token())
            return
        dialog = Dialog.answering(invite, self._contact, _text(self.address))
        call = PhoneCall(dialog, self._wire, self.address[0], source)
        call.ring(invite, offer)
        self._keep(call)
        self._ringing.put_nowait(call)

    def _keep(self, call: PhoneCall) -> None:
        """Keep a live call; those that have ended are forgotten here, not by who holds them."""
        self._calls = {key: each for key, each in self._calls.items() if not each.ended.is_set()}
        self._calls[call.call_id] = call

    @property
    def _contact(self) -> str:
        return f"sip:{self._user}@{_text(self.address)}"

    def _dialog(self, local: str, target: str, remote: str | None = None) -> Dialog:
        return Dialog.new(local, target, self._contact, _text(self.address), remote)


async def _resolve(server: Address) -> Address:
    """Return the IPv4 address of a server given by name."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            *server, family=socket.AF_INET, type=socket.SOCK_DGRAM
        )
    except (OSError, UnicodeError) as error:
        raise TelephonyError(f"no such server: {server[0]} ({error}); check its name") from error
    host, port = found[0][4][:2]
    return str(host), int(port)


def _text(at: Address) -> str:
    return f"{at[0]}:{at[1]}"


def _facing(server: Address) -> str:
    """Return the IPv4 address of this machine that `server` sees."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(server)  # sends nothing: it only chooses the route
        except OSError as error:
            raise TelephonyError(f"no way to {_text(server)}: {error}; check the network") from error
        return str(probe.getsockname()[0])
