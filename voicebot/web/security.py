"""What protects the pages: who may ask, what may be sent, and what a browser may do with the answer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.web.access import Access, Attempts, Pass

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # to others nothing; with no-referrer a browser would not tell us either that a form is our own
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
COOKIE = "voicebot"
CALL_COOKIE = "voicebot-call"
LARGEST_BODY = 4096
"""Bytes; a form of ours has a few short fields."""
TOO_MANY = "Er zijn te veel verkeerde codes gegeven. Probeer het over tien minuten opnieuw."
_BODY = (b"content-length", b"transfer-encoding")
_OPEN = re.compile(r"/health|/ready|/login|/static/.*|/h/[^/]*", re.DOTALL)
_FORMS = re.compile(r"/login|/logout|/agent/me|/commands/(call|agent)/[a-z-]+|/handover/[0-9a-f-]+/feedback")


class Guard:
    """Middleware: refuses strange host names (DNS rebinding), who has no code, and forms of other sites.

    An IP address is always allowed as a host: rebinding needs a name. All but the open places needs a code
    (``Authorization: Bearer``) or the cookie for one. Only forms of ours take a body, a small one, and only
    from our own pages (CSRF): a browser that tells otherwise, or nothing, is refused; who sends the code
    itself is no browser that another site misleads.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], access: Access, attempts: Attempts) -> None:
        self._app = app
        self._hosts = hosts
        self._access = access
        self._attempts = attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what the asker may is in ``scope["pass"]``."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif refusal := self._malformed(scope) or self._stranger(scope):
            await refusal(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _malformed(self, scope: Scope) -> Response | None:
        """Return the answer to a request that nobody may make."""
        headers = Headers(scope=scope)
        if not self._knows(_host(scope)):
            return _refuse(400, "Deze naam hoort niet bij voicebot; gebruik localhost of een IP-adres.")
        if scope["method"] == "POST" and _FORMS.fullmatch(scope["path"]):
            lengths = headers.getlist("content-length")
            if "transfer-encoding" in headers or len(lengths) != 1 or not _is_small(lengths[0]):
                return _refuse(413, "Dit is te veel, of er staat niet bij hoeveel het is.")
            if headers.get("content-type", "").partition(";")[0].strip() != _FORM_TYPE:
                return _refuse(415, "Hier kan alleen een formulier heen.")
            return None
        if scope["method"] not in ("GET", "HEAD"):
            return _refuse(405, "Hier valt alleen te lezen.")
        if any(name in _BODY and value != b"0" for name, value in scope["headers"]):
            return _refuse(413, "Hier valt niets te sturen.")
        return None

    def _stranger(self, scope: Scope) -> Response | None:
        """Return the answer to who may not ask this."""
        headers, path, address = Headers(scope=scope), scope["path"], address_of(scope)
        kind, _, code = headers.get("authorization", "").partition(" ")
        by_code = kind.lower() == "bearer"
        if by_code:
            if self._attempts.too_many(address):
                return _refuse(429, TOO_MANY)
            granted = self._access.check(code)
            if granted is None:
                self._attempts.wrong(address)
        else:
            granted = self._by_cookie(headers, path)
        scope["pass"] = granted
        if scope["method"] == "POST" and not (by_code and granted) and not _from_our_page(headers):
            return _refuse(403, "Dit kwam niet van een pagina van voicebot.")
        if _OPEN.fullmatch(path):
            return None
        if granted is None:
            if "text/html" in headers.get("accept", "") and scope["method"] != "POST":
                return RedirectResponse(f"/login?next={quote(path, safe='/')}", 303)
            answer = _refuse(401, "Hiervoor is een code nodig; `voicebot access` toont die.")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        return (
            None
            if granted.opens(path)
            else _refuse(403, "Dit is niet voor u; meld u aan met een andere code.")
        )

    def _by_cookie(self, headers: Headers, path: str) -> Pass | None:
        """Return the pass in the cookies that opens `path`, else one that does not, if any."""
        sealed = _cookies(headers)
        found = [self._access.unseal(sealed[name]) for name in (COOKIE, CALL_COOKIE) if name in sealed]
        passes = [one for one in found if one is not None]
        return next((one for one in passes if one.opens(path)), passes[0] if passes else None)

    def _knows(self, host: str) -> bool:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return host in self._hosts
        return True


_FORM_TYPE = "application/x-www-form-urlencoded"


def pass_of(scope: Scope) -> Pass | None:
    """Return what the asker of a request that was let through may see."""
    granted: Pass | None = scope["pass"]
    return granted


def address_of(scope: Scope) -> str:
    """Return where a request came from."""
    return scope["client"][0] if scope.get("client") else ""


def _from_our_page(headers: Headers) -> bool:
    """Whether a browser tells that a page of ours sent this."""
    if (site := headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    # the scheme may differ behind a proxy
    return headers.get("origin", "").lower().partition("://")[2] == headers.get("host", "").lower()


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _is_small(length: str) -> bool:
    return length.isascii() and length.isdigit() and len(length) < 8 and int(length) <= LARGEST_BODY


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
