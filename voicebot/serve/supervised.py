"""A process, as its parent sees it by its heartbeat; a worker also by its memory."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from voicebot.serve.beat import Beat
from voicebot.serve.child import Child
from voicebot.serve.processes import private_bytes
from voicebot.serve.settings import Settings

LOOK_S: Final = 0.1
"""Time between two looks."""
SILENCE_S: Final = 1.0
"""A worker without a heartbeat for this long is killed: its callers hear nothing now, and a human then."""
WEB_SILENCE_S: Final = 5.0
"""For the web, which no caller waits for."""
QUIET_S: Final = 0.3
"""A worker without a heartbeat for this long is not counted on for new calls."""
START_S: Final = 120.0
"""Longest start: a large model is read, and each prompt rendered for the first time."""
STOP_GRACE_S: Final = 10.0
"""Beyond the time to drain, before what was told to end is killed."""
MOST_STUCK: Final = 16
"""Threads that hang; a worker has this many more than its calls need."""
HARD_LIMIT: Final = 1.5
"""Times `worker_memory_mb`: above it a worker is killed, before it takes the machine along."""

log = structlog.get_logger(__name__)


class SupervisedChild(Child):
    """Told to `look` every `LOOK_S`.

    Time is counted in looks, not in seconds: when the parent itself stood still, or the whole machine did,
    it did not look, and nobody is blamed for beats that could not be heard.
    """

    silence_s = WEB_SILENCE_S
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
        """Take what `Child` takes."""
        super().__init__(name, command, settings, say, sockets)
        self.beat = Beat()
        """The last one."""
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Done at the first beat (True) or at an end without (False)."""
        self.killed_for = ""
        """Why it was killed; "" when it was not."""
        self._silent = 0
        self._finishing = 0

    async def run(self) -> None:
        """Run it from its start to its end."""
        try:
            await super().run()
        finally:
            self.how = self.killed_for or self.how
            if not self.ready.done():
                self.ready.set_result(False)

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

    def _fault(self) -> str:
        if self._silent * LOOK_S > (self.silence_s if self.ready.done() else START_S):
            return "no_heartbeat" if self.ready.done() else "not_ready"
        if self._finishing * LOOK_S > self.finish_s:
            return "not_finished"
        return ""

    def _hear(self, line: str) -> None:
        beat = Beat.decode(line)
        if beat is None:
            super()._hear(line)
            return
        self.beat, self._silent = beat, 0
        if not self.ready.done():
            self._up()
            self.ready.set_result(True)
            self._arrived()

    def _arrived(self) -> None:
        """Do what is due at the first beat."""


class SupervisedWorker(SupervisedChild):
    """A worker: more urgent, with room for calls, and a limit on its memory."""

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
