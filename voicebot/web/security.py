"""What protects the pages: who may ask, and what a browser may do with the answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from starlette.datastructures import URL, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_BODY = (b"content-length", b"transfer-encoding")


class Guard:
    """Middleware: refuses strange host names (DNS rebinding) and all but reading; adds the security headers.

    An IP address is always allowed as a host: rebinding needs a name. Nothing can be commanded over the web,
    so there is no request with a body.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif refusal := self._refusal(scope):
            await refusal(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        """Return the answer to a request that is not let through."""
        if not self._knows(_host(scope)):
            return _refuse(400, "Deze naam hoort niet bij voicebot; gebruik localhost of een IP-adres.")
        if scope["method"] not in ("GET", "HEAD"):
            return _refuse(405, "Hier valt alleen te lezen.")
        if any(name in _BODY and value != b"0" for name, value in scope["headers"]):
            return _refuse(413, "Hier valt niets te sturen.")
        return None

    def _knows(self, host: str) -> bool:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return host in self._hosts
        return True


def _refuse(status: int, sentence: str) -> PlainTextResponse:
    # closed, or what is left of its body would be read as a next request
    return PlainTextResponse(sentence, status, {"Connection": "close"})


def _host(scope: Scope) -> str:
    """Return the host that the client asked for, without port; empty when it makes no sense."""
    given = [value for name, value in scope["headers"] if name == b"host"]
    try:
        return URL(f"http://{given[0].decode('ascii')}/").hostname or "" if len(given) == 1 else ""
    except ValueError:
        return ""
