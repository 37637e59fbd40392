"""What an agent sees of the call that comes to them: for who has its one-time link, or a code."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Protocol
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from voicebot.handoff import ContextPackage
from voicebot.web.access import CALL_S, ROLES, Access, Pass
from voicebot.web.forms import read_form
from voicebot.web.live import LiveCall
from voicebot.web.mood_curve import mood_points, mood_story
from voicebot.web.pages import Pages
from voicebot.web.security import CALL_COOKIE, COOKIE, pass_of

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_OTHER = "-"
"""What the form sends when it is none of the bot's intents; stored as an empty one."""


class Desk(Protocol):
    """Where the packages and the agents' verdicts are; each raises RecordsError."""

    async def claim(self, token: str) -> str | None:
        """Return the call that a one-time link is for, once; None for another token, and afterwards."""
        ...

    async def find(self, token: str) -> str | None:
        """Return the call that a one-time link is or was for; None for another token."""
        ...

    async def package(self, call_id: str) -> ContextPackage | None:
        """Return what goes along with a call; None when there is none (any more)."""
        ...

    async def mark(self, call_id: str, right_intent: str, by: str) -> None:
        """Note that the bot was wrong, and what the caller came for; empty: none of the bot's intents."""
        ...

    async def unmark(self, call_id: str) -> None:
        """Note that it was not."""
        ...

    async def marked(self, call_id: str) -> str | None:
        """Return the right intent that was noted; None when nothing was."""
        ...


def handover_routes(
    pages: Pages,
    access: Access,
    desk: Desk,
    find: Callable[[str], Awaitable[LiveCall | None]],
    name_of: Callable[[Request], str],
) -> APIRouter:
    """Return the one-time links and the pages of calls; `name_of` tells which agent asks, if known."""
    routes = APIRouter()

    @routes.get("/h/{token}")
    async def open_once(token: str, request: Request) -> Response:
        call_id = await desk.claim(token) if _TOKEN.fullmatch(token) else None
        if call_id is None:
            granted = access.unseal(request.cookies.get(COOKIE, ""))
            used = await desk.find(token) if granted and granted.role in ROLES else None
            if used:  # a colleague's telephone, which rang too, has opened it
                return RedirectResponse(f"/handover/{used}", 303)
            # who opened it may do so again in the same browser
            again = access.unseal(request.cookies.get(CALL_COOKIE, ""))
            if again is None or again.role != "call":
                return pages.render("used.html", 410)
            return RedirectResponse(f"/handover/{again.call_id}", 303)
        answer = RedirectResponse(f"/handover/{call_id}", 303)
        sealed = access.seal(Pass("call", call_id))
        for path in (f"/handover/{call_id}", f"/h/{token}"):
            answer.set_cookie(
                CALL_COOKIE,
                sealed,
                max_age=CALL_S,
                path=path,
                httponly=True,
                samesite="lax",  # strict would lose it when a softphone's own page opened the link
                secure=request.url.scheme == "https",
            )
        return answer

    async def shown(template: str, call_id: str) -> Response:
        package, call = await desk.package(call_id), await find(call_id)
        mood = package.mood if package else ()
        return pages.render(
            template,
            404 if package is None and call is None else 200,
            call_id=call_id,
            package=package,
            call=call,
            topics=call.topics if call else {},
            marked=await desk.marked(call_id),
            mood_points=mood_points(mood),
            mood_story=mood_story(mood),
            other=_OTHER,
        )

    @routes.get("/handover/{call_id}")
    async def page(call_id: UUID) -> Response:
        return await shown("handover_page.html", str(call_id))

    @routes.get("/handover/{call_id}/part")
    async def part(call_id: UUID) -> Response:
        return await shown("handover.html", str(call_id))

    @routes.post("/handover/{call_id}/feedback")
    async def take_feedback(call_id: UUID, request: Request) -> Response:
        call, intent = await find(str(call_id)), (await read_form(request)).get("intent", "")
        if not intent:
            await desk.unmark(str(call_id))
        elif intent == _OTHER or (call and intent in call.topics):
            granted = pass_of(request.scope)
            by = name_of(request) or ("supervisor" if granted and granted.role == "supervisor" else "agent")
            await desk.mark(str(call_id), "" if intent == _OTHER else intent, by)
        else:
            return pages.render("problem.html", 400, told="Dit onderwerp kent de bot niet.")
        return RedirectResponse(f"/handover/{call_id}", 303)

    return routes
