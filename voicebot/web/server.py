"""The web process: ``python -m voicebot.web.server --feed PATH [--model NAME]``.

Reads the settings of `voicebot serve` as one JSON line on stdin, which stays open as long as the parent
lives: when it ends, so does the web.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from pathlib import Path

import uvicorn
from pydantic import BaseModel

from voicebot.errors import ManagerError, VoicebotError
from voicebot.handoff import QueueSnapshot, QueueState
from voicebot.logs import log_to_stderr
from voicebot.records import FeedReceiver
from voicebot.telephony import ManagerClient
from voicebot.web.app import Readiness, create_app
from voicebot.web.live import LiveCalls

POLL_S = 2.0
NO_MANAGER = "Geen verbinding met de telefooncentrale"


class Address(BaseModel):
    """A host and a port."""

    host: str
    port: int


class ManagerSettings(BaseModel):
    """Access to the Asterisk Manager Interface."""

    address: Address
    user: str = ""
    secret: str = ""


class WebSettings(BaseModel):
    """The part of the settings that the web needs."""

    web: Address
    manager: ManagerSettings


class QueueWatch:
    """Keeps an eye on the queues."""

    def __init__(self, manager: ManagerClient) -> None:
        self._manager = manager
        self._state = QueueState()
        self._current = False
        manager.subscribe(self._state.apply)

    def snapshot(self) -> tuple[QueueSnapshot, ...] | None:
        """Return the queues; None when the telephone exchange does not answer."""
        return self._state.snapshot() if self._current else None

    async def run(self) -> None:
        """Ask for the queues every two seconds, until cancelled."""
        while True:
            try:
                items = await self._manager.action_list("QueueStatus", "QueueStatusComplete")
            except ManagerError:
                self._current = False
            else:
                self._current = True
                for event, fields in items:
                    self._state.apply(event, fields)
            await asyncio.sleep(POLL_S)


async def serve(settings: WebSettings, feed: Path, model: str, listening: socket.socket) -> None:
    """Serve the pages on `listening` until SIGTERM, or until stdin ends."""
    access = settings.manager
    manager = ManagerClient(access.address.host, access.address.port, access.user, access.secret)
    watch, live = QueueWatch(manager), LiveCalls()
    receiver = FeedReceiver(feed, live.apply)

    def ready() -> Readiness:
        return Readiness(model, () if manager.connected else (NO_MANAGER,))

    app = create_app(live, watch.snapshot, ready, hosts={"localhost", settings.web.host.lower()})
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, limit_concurrency=200)
    )

    def stop_at_end_of_stdin() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            server.should_exit = True

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop_at_end_of_stdin)
    await receiver.start()
    background = [asyncio.create_task(manager.run()), asyncio.create_task(watch.run())]
    try:
        await server.serve(sockets=[listening])
    finally:
        receiver.close()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)


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
