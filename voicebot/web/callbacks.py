"""How many callers are still to be called back, for the page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from voicebot.errors import RecordsError

POLL_S = 5.0


class CallbackWatch:
    """Keeps an eye on the call-backs; `run` does the blocking `count` elsewhere, as `Clock.run` does."""

    def __init__(self, count: Callable[[], int], run: Callable[[Callable[[], int]], Awaitable[int]]) -> None:
        self._count = count
        self._run = run
        self._open: int | None = None

    def open(self) -> int | None:
        """Return how many are open; None when that is not known."""
        return self._open

    async def run(self) -> None:
        """Count every five seconds, until cancelled."""
        while True:
            try:
                self._open = await self._run(self._count)
            except RecordsError:
                self._open = None
            await asyncio.sleep(POLL_S)
