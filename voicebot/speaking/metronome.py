"""The beat of what is sent: every 20 ms, in step with what comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from voicebot.audio import FRAME_MS

_FRAME_S: Final = FRAME_MS / 1000
_LEAD_S: Final = 0.003
"""A frame is due so long after one came in."""
_EARLIEST_S: Final = 0.006
"""Before its time, that a frame may go out with one that comes in."""
_AWAKE_S: Final = 0.00005
"""After a beat; what comes in so soon needs no waking up."""
_SHIFT_S: Final = 0.00025
"""The most that a beat is longer or shorter than 20 ms: a telephone does not notice."""


class Metronome:
    """Calls `tick` every 20 ms on an absolute clock; a stall leaves beats out instead of hurrying after it.

    Waking a process takes more computing than 20 ms of sound does. So a frame goes out together with
    the one that comes in, as long as the line is steady; where it is not, or silent, the clock's beat holds.
    """

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._timer: asyncio.TimerHandle | None = None
        self._due = self._shift = 0.0
        self.left_out = 0
        """Beats left out because our own clock stalled."""

    async def run(self) -> None:
        """Beat until cancelled, from now on; raises what `tick` raises."""
        self._loop = asyncio.get_running_loop()
        self._broken: asyncio.Future[None] = self._loop.create_future()
        self._due = self._loop.time()
        self._beat()
        try:
            await self._broken
        finally:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None

    def frame_came(self) -> None:
        """Beat now if that is nearly due, and get nearer to the line's own beat."""
        if self._timer is None:
            return
        ahead = self._due - self._loop.time()
        if ahead > _FRAME_S - _AWAKE_S:
            return
        behind = _LEAD_S - ahead
        if behind < -_FRAME_S / 2:  # it came just after a beat, rather than long before one
            behind += _FRAME_S
        self._shift = min(max(behind, -_SHIFT_S), _SHIFT_S)
        if ahead <= _EARLIEST_S:
            self._timer.cancel()
            self._beat()

    def _beat(self) -> None:
        self._timer = None
        try:
            self._tick()
        except Exception as error:
            if not self._broken.done():
                self._broken.set_exception(error)
            return
        stalled = max(0, int((self._loop.time() - self._due) / _FRAME_S))
        self.left_out += stalled
        self._due += _FRAME_S * (1 + stalled) + self._shift
        self._shift = 0.0
        self._timer = self._loop.call_at(self._due, self._beat)
