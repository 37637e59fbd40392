"""Coming in with a code, and going out."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from voicebot.web.access import ROLE_S, Access, Attempts, Pass
from voicebot.web.forms import read_form
from voicebot.web.pages import Pages
from voicebot.web.security import COOKIE, TOO_MANY, address_of

WRONG_TAKES_S = 1.0
"""How long the answer to a wrong code takes."""
_WRONG = "Deze code klopt niet. Kijk hem na en probeer het nog eens."


def login_routes(pages: Pages, access: Access, attempts: Attempts) -> APIRouter:
    """Return the page that asks for a code, and what takes it."""
    routes = APIRouter()

    @routes.get("/login")
    async def ask(next: str = "") -> Response:
        return pages.render("login.html", next=next)

    @routes.post("/login")
    async def come_in(request: Request) -> Response:
        form = await read_form(request)
        place, address = form.get("next", ""), address_of(request.scope)
        if attempts.too_many(address):
            return pages.render("login.html", 429, next=place, wrong=TOO_MANY)
        granted = access.check(form.get("code", ""))
        if granted is None:
            attempts.wrong(address)
            await asyncio.sleep(WRONG_TAKES_S)
            return pages.render("login.html", 403, next=place, wrong=_WRONG)
        answer = RedirectResponse(_place(granted, place), 303)
        answer.set_cookie(
            COOKIE,
            access.seal(granted),
            max_age=ROLE_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    @routes.post("/logout")
    async def go_out() -> Response:
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    return routes


def _place(granted: Pass, wanted: str) -> str:
    """Return where to go: the page that was asked for, when it is one of ours and theirs."""
    home = "/" if granted.role == "supervisor" else "/agent"
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and wanted.isprintable()
    return wanted if is_ours and "\\" not in wanted and granted.opens(wanted) else home
