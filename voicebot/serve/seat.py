"""A place for one process, which is filled again when its process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

from voicebot.serve.child import Child

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0

log = structlog.get_logger(__name__)

ChildT = TypeVar("ChildT", bound=Child)


class Seat(Generic[ChildT]):
    """Starts a process, and another when that one is leaving.

    It does so at once when that one was told to end; else after a pause, which doubles until one was steady.
    """

    def __init__(self, make: Callable[[], ChildT], ended: Callable[[ChildT], None]) -> None:
        """`make` gives a process that was not started yet; `ended` is told of each one's end."""
        self._make = make
        self._ended = ended
        self._closed = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self.child = make()
        """Who has the seat now."""

    async def run(self) -> None:
        """Keep the seat filled, until it is closed and everyone who had it is gone."""
        pause = 0.0
        while not self._closed.is_set():
            running = asyncio.create_task(self._run(self.child))
            self._running.add(running)
            running.add_done_callback(self._running.discard)
            await self.child.leaving.wait()
            pause = self._pause(pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), pause)
            if not self._closed.is_set():
                self.child = self._make()
        await asyncio.gather(*self._running)

    def close(self) -> None:
        """Let who has the seat finish, and fill it no more."""
        self._closed.set()
        self.child.finish()

    def _pause(self, last: float) -> float:
        """Return how long the seat stays empty."""
        if self.child.told:
            return 0.0
        pause = FIRST_PAUSE_S if self.child.steady or not last else min(2 * last, LONGEST_PAUSE_S)
        log.error(
            "process ended; starting it again", process=self.child.name, how=self.child.how, pause_s=pause
        )
        return pause

    async def _run(self, child: ChildT) -> None:
        await child.run()
        self._ended(child)
