"""The parent process: opens the one listening socket, and sees to it that there are workers and a web.

The workers inherit the socket, so a dead or frozen one takes no new calls with it. What is wrong with a
worker is seen from here, as nothing in it can be relied on to see that; the calls of a worker that is killed
go to a human at once, because their sockets close.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from voicebot.errors import ConfigError, SetupError, VoicebotError
from voicebot.private_folder import PrivateFolder, sweep
from voicebot.records import FeedSender
from voicebot.serve.child import LOOK_S, STOP_GRACE_S, Child
from voicebot.serve.crew import Crew
from voicebot.serve.gate import Gate
from voicebot.serve.notify import Notifier
from voicebot.serve.seat import Seat
from voicebot.serve.settings import Address
from voicebot.serve.site import Site
from voicebot.serve.staff import Staff
from voicebot.serve.supervised import SupervisedWorker
from voicebot.telephony import listen

LOOKS_PER_REPORT: Final = 5
"""The page and systemd hear of us twice a second."""
MOST_CREWS: Final = 4
"""Generations of workers at once; all but the last only finish their calls."""

log = structlog.get_logger(__name__)


async def run_parent(read: Callable[[], Site], say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then let calls finish.

    `read` gives the configuration, now and again at each SIGHUP; `say` gets what the operator should know.
    Raises VoicebotError when the configuration is wrong or our port is taken.
    """
    site = read()
    sweep()
    with PrivateFolder("run") as folder, _listen(site.settings.audiosocket) as listening:
        await Parent(read, site, listening, folder.path / "feed", say).run()


class Parent:
    """Runs the processes of one voicebot."""

    def __init__(
        self,
        read: Callable[[], Site],
        site: Site,
        listening: socket.socket,
        feed: Path,
        say: Callable[[str], None],
    ) -> None:
        """`site` is what `read` gave; `feed` is where the web will hear from us."""
        self._read = read
        self._listening = listening
        self._feed = feed
        self._web_feed = FeedSender(feed)
        self._say = say
        self._systemd = Notifier()
        self._gate = Gate(listening)
        self._staff = Staff()
        self._numbers = itertools.count(1)
        self._stopping = asyncio.Event()
        self._reload = asyncio.Event()
        self._crews: list[Crew] = []
        self._farewells: set[asyncio.Task[None]] = set()
        self._crew = self._open_crew(site)
        self._web = Seat(self._make_web, self._ended)
        self._office = Seat(self._make_office, self._ended)

    async def run(self) -> None:
        """Serve until told to stop, then let calls finish."""
        self._take_signals()
        beside = [asyncio.create_task(seat.run()) for seat in (self._web, self._office)]
        watching = asyncio.create_task(self._watch())
        watching.add_done_callback(lambda _: self._stopping.set())  # unwatched, nothing is safe
        reloading = asyncio.create_task(self._reload_on_demand())
        await self._stopping.wait()
        self._systemd.stopping()
        reloading.cancel()
        for crew in self._crews:
            crew.retire()
        await self._gate.close()  # with the workers' copies of the socket: what calls now goes to a human
        await asyncio.gather(*(crew.gone() for crew in self._crews))
        await self._stop_beside(beside)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    def _take_signals(self) -> None:
        hang_up = self._stopping if os.isatty(0) else self._reload  # a terminal that is closed says so too
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, hang_up.set)
        for stop in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(stop, self._stopping.set)

    # ------------------------------------------------------------------ looking after

    async def _watch(self) -> None:
        for number in itertools.count():
            self._staff.look()
            self._web.child.look()
            self._office.child.look()
            self._mind_the_gate()
            if number % LOOKS_PER_REPORT == 0:
                self._web_feed.tell(self._staff.status(self._gate.refused, self._gate.lines_broken))
                self._systemd.alive()
            await asyncio.sleep(LOOK_S)

    def _mind_the_gate(self) -> None:
        if self._staff.has_room:
            self._gate.shut()
        elif not self._stopping.is_set():
            self._gate.open("full" if self._staff.is_there else "no_worker")

    def _ended(self, child: Child) -> None:
        self._staff.left(child)
        asyncio.get_running_loop().run_in_executor(None, sweep)  # what it left, if it was killed

    # ------------------------------------------------------------------ reloading

    async def _reload_on_demand(self) -> None:
        """Put new workers in the place of the old at each SIGHUP; the old go on when those do not start."""
        while True:
            await self._reload.wait()
            self._reload.clear()
            self._systemd.reloading()
            try:
                await self._change_crew()
            except Exception as problem:
                reason = str(problem) if isinstance(problem, VoicebotError) else type(problem).__name__
                log.error("not reloaded", reason=reason)
                self._say(f"not reloaded, what was running goes on: {reason}")
            self._systemd.ready()

    async def _change_crew(self) -> None:
        if len(self._crews) >= MOST_CREWS:
            raise SetupError(
                f"workers of {MOST_CREWS - 1} earlier configurations still have calls; "
                "reload again when some are over, or choose a shorter `drain_s`"
            )
        site = await asyncio.to_thread(self._read)
        if site.settings.audiosocket != self._crew.site.settings.audiosocket:
            raise ConfigError("`audiosocket` cannot change in a reload; restart voicebot for that")
        crew = self._open_crew(site)
        if not await crew.starts():
            self._see_off(crew)
            raise SetupError("the new workers do not start; they said why")
        before, self._crew = self._crew, crew
        self._see_off(before)
        self._web.child.finish()
        self._office.child.finish()
        self._say_ready()

    def _see_off(self, crew: Crew) -> None:
        async def farewell() -> None:
            crew.retire()
            await crew.gone()
            self._crews.remove(crew)

        task = asyncio.create_task(farewell())
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    # ------------------------------------------------------------------ processes

    def _open_crew(self, site: Site) -> Crew:
        site.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        for line in site.lines():
            self._say(line)
        crew = Crew(site, self._hire, self._ended)
        self._crews.append(crew)
        return crew

    def _hire(self, site: Site) -> SupervisedWorker:
        sock = self._listening.fileno()
        worker = SupervisedWorker(
            f"worker {next(self._numbers)}",
            [sys.executable, "-m", "voicebot.serve.worker", str(sock), str(self._feed)],
            site.settings,
            self._say,
            [sock],
            partial(self._arrived, site),
        )
        self._staff.joined(worker)
        return worker

    def _arrived(self, site: Site) -> None:
        self._mind_the_gate()
        if site is self._crew.site:
            self._systemd.ready()  # calls can come, even if others take longer
            if self._crew.is_manned:
                self._say_ready()

    def _say_ready(self) -> None:
        self._say(f"ready for calls on {self._crew.site.settings.audiosocket} (AudioSocket)")

    def _make_web(self) -> Child:
        site = self._crew.site
        options = ["--feed", str(self._feed), "--model", site.model.name]
        command = [sys.executable, "-m", "voicebot.web.server", *options]
        return Child("web", command, site.settings, self._say)

    def _make_office(self) -> Child:
        command = [sys.executable, "-m", "voicebot.serve.office"]
        return Child("office", command, self._crew.site.settings, self._say)

    async def _stop_beside(self, running: Sequence[asyncio.Task[None]]) -> None:
        """Stop web and office last, so that they see the calls finish."""
        seats = (self._web, self._office)
        for seat in seats:
            seat.close()
        _, staying = await asyncio.wait(running, timeout=STOP_GRACE_S)
        if staying:
            for seat in seats:
                seat.child.kill()
        await asyncio.gather(*running)


def _listen(address: Address) -> socket.socket:
    try:
        sock = listen(address.host, address.port)
    except OSError as problem:
        raise SetupError(
            f"cannot listen on {address}: {problem.strerror}; is voicebot running already? "
            "Choose another port with `audiosocket:` in the configuration"
        ) from None
    sock.setblocking(False)
    return sock
