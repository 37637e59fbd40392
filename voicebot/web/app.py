"""The pages and their API; read state that others keep, and pass orders on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from voicebot.errors import RecordsError
from voicebot.handoff import Person, QueueSnapshot
from voicebot.logs import Refusals
from voicebot.records import ServiceStatus
from voicebot.web.access import Access, Attempts
from voicebot.web.agent import AgentNames, agent_routes
from voicebot.web.board import Board
from voicebot.web.commands import Commands, agent_labels, command_routes
from voicebot.web.handover import Desk, handover_routes
from voicebot.web.live import LiveCall, LiveCalls, mood_word
from voicebot.web.login import login_routes
from voicebot.web.pages import Pages, lasting
from voicebot.web.security import Guard

_STATIC = Path(__file__).parent / "static"
_UNREADABLE = "De gegevens zijn nu niet te lezen of te schrijven. Probeer het zo nog eens."


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether calls can be served well."""

    model: str
    """The speech model in use; empty when not known."""
    problems: tuple[str, ...] = ()
    """In Dutch; none when all is well."""
    service: ServiceStatus = field(default_factory=ServiceStatus)
    """How our processes are."""


def places(queues: Sequence[QueueSnapshot] | None) -> dict[str, str]:
    """Return where callers are who were handed over: call -> a sentence of Dutch."""
    told = {
        one.call_id: f"Wacht op een medewerker: plaats {one.position}, {lasting(one.wait_s)}."
        for queue in queues or ()
        for one in queue.waiting
    }
    for queue in queues or ():
        told |= {agent.call_id: f"In gesprek met {agent.name}." for agent in queue.agents if agent.call_id}
    return told


def create_app(
    live: LiveCalls,
    queues: Callable[[], tuple[QueueSnapshot, ...] | None],
    ready: Callable[[], Readiness],
    hosts: Collection[str] = ("localhost",),
    *,
    access: Access,
    find: Callable[[str], Awaitable[LiveCall | None]] | None = None,
    board: Callable[[], Board | None] = lambda: None,
    desk: Desk | None = None,
    people: Callable[[], Sequence[Person]] = tuple,
    commands: Commands | None = None,
) -> FastAPI:
    """Return the web application.

    `queues` gives None without a link to the telephone exchange, `board` without records; `hosts` are the
    names that this site is known by (IP addresses are always allowed); `find` gives a call by its id, by
    default one in view; without a `desk` there are no packages, without `commands` every order is refused.
    """
    app = FastAPI(title="voicebot", docs_url=None, redoc_url=None, openapi_url=None)
    attempts, pages, names = Attempts(refusals=Refusals("web_refused")), Pages(), AgentNames(queues, people)
    app.add_middleware(Guard, hosts=hosts, access=access, attempts=attempts)
    app.mount("/static", StaticFiles(directory=_STATIC))

    async def find_in_view(call_id: str) -> LiveCall | None:
        return live.find(call_id)

    find = find or find_in_view
    app.include_router(login_routes(pages, access, attempts))
    app.include_router(command_routes(live, queues, people, commands))
    app.include_router(agent_routes(pages, queues, names))
    if desk is not None:
        app.include_router(handover_routes(pages, access, desk, find, names.key_of))

    def render(template: str) -> HTMLResponse:
        calls, now, day = live.calls(), queues(), board()
        moods = {call.call_id: call.mood for call in calls}
        for one in day.handovers if day else ():
            moods.setdefault(one.call_id, mood_word(one.frustration))
        if day is not None:
            labels = agent_labels(now, people())
            named = (replace(one, agent=labels.get(one.agent, one.agent)) for one in day.handovers)
            day = replace(day, handovers=tuple(named))
        there = {agent.key for queue in now or () for agent in queue.agents}
        return pages.render(
            template,
            calls=calls,
            queues=now,
            ready=ready(),
            board=day,
            moods=moods,
            places=places(now),
            people=people(),
            away={key: label for key, label in agent_labels(now, people()).items() if key not in there},
        )

    @app.exception_handler(RecordsError)
    async def unreadable(request: Request, error: RecordsError) -> HTMLResponse:
        return pages.render("problem.html", 503, told=_UNREADABLE)

    @app.get("/")
    async def page() -> HTMLResponse:
        return render("page.html")

    @app.get("/live")
    async def fragment() -> HTMLResponse:
        return render("live.html")

    @app.get("/health")
    async def health() -> dict[str, bool]:
        return {"alive": True}

    @app.get("/ready")
    async def readiness(response: Response) -> dict[str, Any]:
        now = ready()
        response.status_code = 503 if now.problems else 200
        workers = {"ready": now.service.ready, "draining": now.service.draining}
        return {
            "ready": not now.problems,
            "problems": now.problems,
            "model": now.model,
            "workers": workers,
        }

    @app.get("/api/status")
    async def status() -> dict[str, Any]:
        return asdict(ready().service)

    @app.get("/api/calls")
    async def calls() -> dict[str, Any]:
        return {"calls": [asdict(call) for call in live.calls()]}

    @app.get("/calls/{call_id}")
    async def call_page(call_id: UUID) -> HTMLResponse:
        call = await find(str(call_id))
        return pages.render("call_page.html", 404 if call is None else 200, call=call, call_id=call_id)

    @app.get("/api/calls/{call_id}")
    async def one_call(call_id: UUID, response: Response) -> dict[str, Any]:
        call = await find(str(call_id))
        response.status_code = 404 if call is None else 200
        return {"call": call and asdict(call)}

    @app.get("/api/queue")
    async def queue() -> dict[str, Any]:
        snapshots = queues()
        return {"connected": snapshots is not None, "queues": [asdict(one) for one in snapshots or ()]}

    return app
