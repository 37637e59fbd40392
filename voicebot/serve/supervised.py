"""A worker, as its parent sees it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from voicebot.serve.child import LOOK_S, STOP_GRACE_S, Child
from voicebot.serve.processes import private_bytes
from voicebot.serve.settings import Settings

SILENCE_S: Final = 1.0
"""A worker without a heartbeat for this long is killed: its callers hear nothing now, and a human then."""
QUIET_S: Final = 0.3
"""A worker without a heartbeat for this long is not counted on for new calls."""
MOST_STUCK: Final = 16
"""Threads that hang; a worker has this many more than its calls need."""
HARD_LIMIT: Final = 1.5
"""Times `worker_memory_mb`: above it a worker is killed, before it takes the machine along."""

log = structlog.get_logger(__name__)


class SupervisedWorker(Child):
    """More urgent than another process, with room for calls, and a limit on its memory."""

    silence_s = SILENCE_S

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        settings: Settings,
        say: Callable[[str], None],
        sockets: Sequence[int],
        arrived: Callable[[], None],
    ) -> None:
        """Take what `Child` takes; `arrived` is called at the first beat."""
        super().__init__(name, command, settings, say, sockets)
        self.finish_s = settings.drain_s + STOP_GRACE_S
        self._tell_arrived = arrived
        self._memory_limit = math.inf
        self._memory = 0

    @property
    def is_ready(self) -> bool:
        """Whether it is there for new calls, if it has room."""
        arrived = self.ready.done() and self.ready.result()
        return arrived and not self.killed_for and not self.leaving.is_set()

    @property
    def has_room(self) -> bool:
        """Whether a new call would be taken at once."""
        return self.is_ready and self.beat.room > 0 and self._silent * LOOK_S < QUIET_S

    @property
    def is_worn(self) -> bool:
        """Whether a fresh one should take its place: it holds much memory, or many threads that hang."""
        return self.is_ready and (self._memory > self._memory_limit or self.beat.stuck > MOST_STUCK)

    def finish(self) -> None:
        """Have it take no more calls, and end when those it has are over; another may take its place."""
        super().finish()
        self.leaving.set()

    def _fault(self) -> str:
        self._memory = private_bytes(self.pid)
        return super()._fault() or ("memory" if self._memory > HARD_LIMIT * self._memory_limit else "")

    def _arrived(self) -> None:
        self._limit_memory()
        self._tell_arrived()

    def _limit_memory(self) -> None:
        """Hold it to the limit, unless a fresh one is above it already: replacing would never end then."""
        limit, needed = self._settings.worker_memory_mb * 2**20, private_bytes(self.pid)
        if needed < limit:
            self._memory_limit = limit
        else:
            log.error(
                "a worker needs more than worker_memory_mb before its first call: "
                "it runs without a limit; set one well above what it needs",
                needs_mb=needed // 2**20,
                worker_memory_mb=self._settings.worker_memory_mb,
            )
