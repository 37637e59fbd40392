"""A process of ours, as its parent sees it: by its heartbeat."""

from __future__ import annotations

import asyncio
import math
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog

from voicebot.serve.beat import Beat
from voicebot.serve.settings import Settings

LOOK_S: Final = 0.1
"""Time between two looks."""
SILENCE_S: Final = 5.0
"""A process without a heartbeat for this long is killed."""
START_S: Final = 120.0
"""Longest start: a large model is read, and each prompt rendered for the first time."""
STOP_GRACE_S: Final = 10.0
"""Beyond the time to drain, before what was told to end is killed."""
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
"""Else each of a worker's threads keeps some of what its largest piece of recognition once needed (glibc)."""
STEADY_S = 60.0
"""Who was up this long has nothing to do with how often its forerunners fell."""

log = structlog.get_logger(__name__)


class Child:
    """Gets its settings as one line on stdin, which stays open as a sign that we live.

    It is told to `look` every `LOOK_S`. Time is counted in looks, not in seconds: when the parent itself
    stood still, or the whole machine did, it did not look, and nobody is blamed for beats that could not be
    heard.
    """

    silence_s = SILENCE_S
    """Longest time between two beats."""
    finish_s = STOP_GRACE_S
    """Longest time to end, when told to."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        settings: Settings,
        say: Callable[[str], None],
        sockets: Sequence[int] = (),
    ) -> None:
        """Take what `run` will start; it inherits `sockets` (file descriptors), `say` gets what it prints."""
        self.name = name
        self.told = False
        """Whether it was asked to end."""
        self.how = ""
        """How it ended."""
        self.leaving = asyncio.Event()
        """Set when another may take its place."""
        self.beat = Beat()
        """The last one."""
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Done at the first beat (True) or at an end without (False)."""
        self.killed_for = ""
        """Why it was killed; "" when it was not."""
        self._silent = 0
        self._finishing = 0
        self._command = command
        self._settings = settings
        self._say = say
        self._sockets = sockets
        self._process: Process | None = None
        self._up_since = math.inf

    @property
    def pid(self) -> int:
        """Its process id; 0 until it was started."""
        return self._process.pid if self._process else 0

    @property
    def steady(self) -> bool:
        """Whether it has been up for long."""
        return asyncio.get_running_loop().time() - self._up_since > STEADY_S

    async def run(self) -> None:
        """Run it from its start to its end."""
        try:
            self.how = await self._run()
        except OSError as problem:  # no memory, or too many files
            self.how = problem.strerror or type(problem).__name__
        finally:
            self.how = self.killed_for or self.how
            if not self.ready.done():
                self.ready.set_result(False)
            self.leaving.set()

    def look(self) -> None:
        """See how it is, and kill it when it must not go on."""
        if self.killed_for or not self.pid:
            return
        self._silent += 1
        self._finishing += self.told
        if why := self._fault():
            self.killed_for = why
            log.error("process killed", process=self.name, why=why, calls=self.beat.calls)
            self.kill()

    def finish(self) -> None:
        """Ask it to end, when it has done what it is doing."""
        self.told = True
        self._signal(Process.terminate)

    def kill(self) -> None:
        """End it now."""
        self._signal(Process.kill)

    def _signal(self, send: Callable[[Process], None]) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                send(self._process)

    def _up(self) -> None:
        self._up_since = asyncio.get_running_loop().time()

    def _fault(self) -> str:
        if self._silent * LOOK_S > (self.silence_s if self.ready.done() else START_S):
            return "no_heartbeat" if self.ready.done() else "not_ready"
        if self._finishing * LOOK_S > self.finish_s:
            return "not_finished"
        return ""

    def _hear(self, line: str) -> None:
        beat = Beat.decode(line)
        if beat is None:
            self._say(f"{self.name}: {line}")
            return
        self.beat, self._silent = beat, 0
        if not self.ready.done():
            self._up()
            self.ready.set_result(True)
            self._arrived()

    def _arrived(self) -> None:
        """Do what is due at the first beat."""

    async def _run(self) -> str:
        process = self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            env={**ENVIRONMENT, **os.environ},
            pass_fds=self._sockets,
            start_new_session=True,  # a Ctrl-C in the terminal is for the parent to handle
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            if self.told:  # while it was being born
                process.terminate()
            self._up()
            with suppress(BrokenPipeError, ConnectionResetError):
                process.stdin.write(self._settings.model_dump_json().encode() + b"\n")
                await process.stdin.drain()
            async for line in process.stdout:
                self._hear(line.decode(errors="replace").rstrip())
        except ValueError:  # a line without end
            self.kill()
        return f"exit code {await process.wait()}"
