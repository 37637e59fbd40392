"""A process of ours, as its parent sees it."""

from __future__ import annotations

import asyncio
import math
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress

from voicebot.serve.settings import Settings

ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
"""Else each of a worker's threads keeps what its largest piece of recognition once needed (glibc)."""
STEADY_S = 60.0
"""Who was up this long has nothing to do with how often its forerunners fell."""


class Child:
    """Gets its settings as one line on stdin, which stays open as a sign that we live."""

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
            self.leaving.set()

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

    def _hear(self, line: str) -> None:
        self._say(f"{self.name}: {line}")

    async def _run(self) -> str:
        process = self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            env={**os.environ, **ENVIRONMENT},
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
