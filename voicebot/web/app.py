"""The status page and its API; reads state that others keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader

from voicebot.handoff import QueueSnapshot
from voicebot.records import ServiceStatus
from voicebot.web.live import LiveCall, LiveCalls
from voicebot.web.security import Guard

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether calls can be served well."""

    model: str
    """The speech model in use; empty when not known."""
    problems: tuple[str, ...] = ()
    """In Dutch; none when all is well."""
    service: ServiceStatus = field(default_factory=ServiceStatus)
    """How our processes are."""


def create_app(
    live: LiveCalls,
    queues: Callable[[], tuple[QueueSnapshot, ...] | None],
    ready: Callable[[], Readiness],
    hosts: Collection[str] = ("localhost",),
    open_callbacks: Callable[[], int | None] = lambda: None,
    find: Callable[[str], Awaitable[LiveCall | None]] | None = None,
) -> FastAPI:
    """Return the web application.

    `queues` gives None without a link to the telephone exchange; `hosts` are the names that this site is
    known by (IP addresses are always allowed); `open_callbacks` tells how many callers are to be called
    back, None when that is not known; `find` gives a call by its id, by default one in view.
    """
    app = FastAPI(title="voicebot", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, hosts=hosts)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    pages = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )

    async def find_in_view(call_id: str) -> LiveCall | None:
        return live.find(call_id)

    find = find or find_in_view

    def render(template: str) -> HTMLResponse:
        state = {
            "calls": live.calls(),
            "queues": queues(),
            "ready": ready(),
            "callbacks": open_callbacks(),
        }
        return HTMLResponse(pages.get_template(template).render(state))

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
        page = pages.get_template("call_page.html").render(call=call, call_id=call_id)
        return HTMLResponse(page, 404 if call is None else 200)

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
