"""The web process: ``python -m voicebot.web.server --feed PATH [--model NAME]``.

Reads the settings of `voicebot serve` as one JSON line on stdin, which stays open as long as the parent
lives: when it ends, so does the web. Its heartbeat is on stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from voicebot.clock import WallClock
from voicebot.errors import VoicebotError
from voicebot.events import Entry
from voicebot.handoff import AgentDesk, Orders, QueueState, QueueWatch, Roster
from voicebot.heartbeat import beat, when_parent_is_gone
from voicebot.logs import Refusals, log_to_stderr
from voicebot.records import EventStore, FeedReceiver, ServiceStatus
from voicebot.telephony import ManagerClient
from voicebot.web.access import Access
from voicebot.web.app import Readiness, create_app
from voicebot.web.board import BoardWatch
from voicebot.web.commands import Switchboard
from voicebot.web.connections import LARGEST_HEAD, Connection
from voicebot.web.finder import CallFinder
from voicebot.web.live import LiveCalls
from voicebot.web.stored import StoredDesk, read_board

NO_MANAGER = "Geen verbinding met de telefooncentrale"
NO_WORKER = "De bot neemt nu geen gesprekken aan, bellers gaan direct naar een medewerker"
STALE_S = 5.0
"""A status that is older says nothing: the parent sends one twice a second."""


class Address(BaseModel):
    """A host and a port."""

    host: str
    port: int


class ManagerSettings(BaseModel):
    """Access to the Asterisk Manager Interface."""

    address: Address
    user: str = ""
    secret: str = ""


class AgentSettings(BaseModel):
    """Someone who answers calls."""

    name: str
    queues: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


class WebSettings(BaseModel):
    """The part of the settings that the web needs."""

    web: Address
    manager: ManagerSettings
    data: Path
    public_url: str = ""
    agents: dict[str, AgentSettings] = {}
    supervisors: dict[str, str] = {}

    @property
    def hosts(self) -> set[str]:
        """The names that the pages are known by, beside IP addresses."""
        return {"localhost", self.web.host.lower(), urlsplit(self.public_url).hostname or "localhost"}

    @property
    def roster(self) -> Roster:
        """Who works here, by telephone."""
        by_phone = {f"PJSIP/{account}": agent for account, agent in self.agents.items()}
        return Roster(
            agents={phone: agent.name for phone, agent in by_phone.items()},
            queues={phone: agent.queues for phone, agent in by_phone.items()},
            skills={phone: agent.skills for phone, agent in by_phone.items()},
            supervisors={f"PJSIP/{account}": name for account, name in self.supervisors.items()},
        )


class ServiceWatch:
    """Keeps an eye on the processes of `voicebot serve`, as their parent tells of them."""

    def __init__(self, live: LiveCalls, now: Callable[[], float] = time.monotonic) -> None:
        self._live = live
        self._now = now
        self._last = ServiceStatus()
        self._at = 0.0

    def take(self, status: ServiceStatus) -> None:
        """Take what the parent tells."""
        self._last, self._at = status, self._now()
        self._live.know_workers(status.workers)

    def status(self) -> ServiceStatus:
        """Return how the processes are; without any worker when the parent has been silent for long."""
        if self._now() - self._at < STALE_S:
            return self._last
        return replace(self._last, workers=(), ready=0, draining=0, calls=0)


async def serve(settings: WebSettings, feed: Path, model: str, listening: socket.socket) -> None:
    """Serve the pages on `listening` until SIGTERM, or until stdin ends."""
    asterisk = settings.manager
    manager = ManagerClient(asterisk.address.host, asterisk.address.port, asterisk.user, asterisk.secret)
    watch, live = QueueWatch(manager, QueueState(time.monotonic, settings.roster.agents)), LiveCalls()
    service = ServiceWatch(live)
    receiver = FeedReceiver(feed, live.apply, service.take)

    def ready() -> Readiness:
        status = service.status()
        wrong = {NO_WORKER: not status.ready, NO_MANAGER: not manager.connected}
        return Readiness(model, tuple(problem for problem, is_so in wrong.items() if is_so), status)

    clock = WallClock()
    finder = CallFinder(live, partial(_read_log, settings.data), clock.run)
    access = Access.in_folder(settings.data)
    agents = AgentDesk(manager, settings.roster, watch.snapshot)
    orders = Orders(manager, agents.people, watch.snapshot, live.is_with_bot)
    board = BoardWatch(lambda: read_board(settings.data, datetime.now().astimezone()), clock.run)
    app = create_app(
        live,
        watch.snapshot,
        ready,
        settings.hosts,
        access=access,
        find=finder.find,
        board=board.board,
        desk=StoredDesk(settings.data, clock),
        people=agents.people,
        commands=Switchboard(agents, orders),
    )
    server = uvicorn.Server(configuration(app))

    when_parent_is_gone(partial(setattr, server, "should_exit", True))
    await receiver.start()
    background = [asyncio.create_task(each.run()) for each in (manager, watch, board)]
    background.append(asyncio.create_task(beat(dict, sys.stdout.fileno())))
    try:
        await server.serve(sockets=[listening])
    finally:
        receiver.close()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)


def _read_log(data: Path, call_id: str) -> list[Entry]:
    store = EventStore.in_folder(data)
    try:
        return store.entries(call_id)
    finally:
        store.close()


def configuration(app: FastAPI) -> uvicorn.Config:
    """Return how uvicorn serves: what is refused is counted, not logged one by one."""
    connection = partial(Connection, refusals=Refusals("web_refused"))
    return uvicorn.Config(
        app,
        http=connection,  # type: ignore[arg-type]  # uvicorn only calls it
        ws="none",
        h11_max_incomplete_event_size=LARGEST_HEAD,
        log_level="error",
        access_log=False,
        server_header=False,
    )


def main() -> None:
    """Run the web process."""
    log_to_stderr()
    parser = argparse.ArgumentParser(prog="python -m voicebot.web.server", description=main.__doc__)
    parser.add_argument("--feed", type=Path, required=True, help="the socket that workers send entries to")
    parser.add_argument("--model", default="", help="name of the speech model, to show")
    options = parser.parse_args()
    settings = WebSettings.model_validate_json(sys.stdin.readline())
    host, port = settings.web.host, settings.web.port
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as listening:
            print(f"status page on http://{host}:{port}/", flush=True)
            asyncio.run(serve(settings, options.feed, options.model, listening))
    except OSError as error:
        sys.exit(
            f"the status page cannot open {host}:{port} or {options.feed}: {error}; choose another `web:`"
        )
    except VoicebotError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
