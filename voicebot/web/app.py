"""The status page and its API; reads state that others keep."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader

from voicebot.handoff import QueueSnapshot
from voicebot.web.live import LiveCalls
from voicebot.web.security import Guard

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether calls can be served well."""

    model: str
    """The speech model in use; empty when not known."""
    problems: tuple[str, ...] = ()
    """In Dutch; none when all is well."""


def create_app(
    live: LiveCalls,
    queues: Callable[[], tuple[QueueSnapshot, ...] | None],
    ready: Callable[[], Readiness],
    hosts: Collection[str] = ("localhost",),
) -> FastAPI:
    """Return the web application.

    `queues` gives None without a link to the telephone exchange; `hosts` are the names that this site is
    known by (IP addresses are always allowed).
    """
    app = FastAPI(title="voicebot", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, hosts=hosts)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    pages = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )

    def render(template: str) -> HTMLResponse:
        state = {"calls": live.calls(), "queues": queues(), "ready": ready()}
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
        return {"ready": not now.problems, "problems": now.problems, "model": now.model}

    @app.get("/api/calls")
    async def calls() -> dict[str, Any]:
        return {"calls": [asdict(call) for call in live.calls()]}

    @app.get("/api/queue")
    async def queue() -> dict[str, Any]:
        snapshots = queues()
        return {"connected": snapshots is not None, "queues": [asdict(one) for one in snapshots or ()]}

    return app
