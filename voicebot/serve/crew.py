"""The workers of one configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voicebot.serve.seat import Seat
from voicebot.serve.site import Site
from voicebot.serve.supervised import SupervisedWorker


class Crew:
    """As many workers as the settings say; each is started again when it ends, until the crew retires."""

    def __init__(
        self,
        site: Site,
        hire: Callable[[Site], SupervisedWorker],
        ended: Callable[[SupervisedWorker], None],
    ) -> None:
        """Start them: `hire` makes one, `ended` is told of each one's end."""
        self.site = site
        self._seats = [Seat(lambda: hire(site), ended) for _ in range(site.settings.workers)]
        self._first = [seat.child.ready for seat in self._seats]
        self._running = asyncio.gather(*(seat.run() for seat in self._seats))

    @property
    def is_manned(self) -> bool:
        """Whether all its workers are ready."""
        return all(seat.child.is_ready for seat in self._seats)

    async def starts(self) -> bool:
        """Wait until all are ready; return False as soon as one ended before it was."""
        for ready in asyncio.as_completed(self._first):
            if not await ready:
                return False
        return True

    def retire(self) -> None:
        """Have the workers take no new calls, and end when those they have are over."""
        for seat in self._seats:
            seat.close()

    async def gone(self) -> None:
        """Wait until the last worker has ended; only after `retire`."""
        await self._running
