"""The agent's own page: in and out of the queue, and the call that they have now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from voicebot.handoff import Agent, Person, QueueSnapshot
from voicebot.web.commands import agent_labels
from voicebot.web.forms import read_form
from voicebot.web.pages import Pages

_COOKIE = "voicebot-agent"
_YEAR_S = 365 * 24 * 3600


class AgentNames:
    """Knows which agent asks: the one that this browser's user said they are."""

    def __init__(
        self,
        queues: Callable[[], tuple[QueueSnapshot, ...] | None],
        people: Callable[[], Sequence[Person]],
    ) -> None:
        self._queues = queues
        self._people = people

    def labels(self) -> dict[str, str]:
        """Return all agents there are: key -> what people read."""
        return agent_labels(self._queues(), self._people())

    def key_of(self, request: Request) -> str:
        """Return the key of the agent who asks; empty when they did not say, or are no agent any more."""
        key = unquote(request.cookies.get(_COOKIE, ""))
        return key if key in self.labels() else ""


def agent_routes(
    pages: Pages, queues: Callable[[], tuple[QueueSnapshot, ...] | None], names: AgentNames
) -> APIRouter:
    """Return the agent's page."""
    routes = APIRouter(prefix="/agent")

    def shown(template: str, request: Request) -> Response:
        key, now = names.key_of(request), queues()
        return pages.render(
            template,
            labels=names.labels(),
            key=key,
            label=names.labels().get(key, ""),
            agent=_now(key, now),
            connected=now is not None,
            waiting=sum(len(queue.waiting) for queue in now or ()),
        )

    @routes.get("")
    async def page(request: Request) -> Response:
        return shown("agent_page.html", request)

    @routes.get("/live")
    async def fragment(request: Request) -> Response:
        return shown("agent.html", request)

    @routes.post("/me")
    async def say_who(request: Request) -> Response:
        key = (await read_form(request)).get("agent", "")
        answer = RedirectResponse("/agent", 303)
        if key in names.labels():
            answer.set_cookie(
                _COOKIE,
                quote(key, safe=""),
                max_age=_YEAR_S,
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )
        else:
            answer.delete_cookie(_COOKIE)
        return answer

    return routes


def _now(key: str, queues: Sequence[QueueSnapshot] | None) -> Agent | None:
    """Return how this agent is, from the queue where they have a call, else from any; None: in no queue."""
    found = [agent for queue in queues or () for agent in queue.agents if agent.key == key]
    return next((agent for agent in found if agent.call_id), found[0] if found else None)
