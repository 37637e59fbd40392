"""Time, and work that takes time: the same code on the wall clock and on a virtual one.

Rooms use plain asyncio for timers (``asyncio.sleep``, ``asyncio.timeout``,
``loop.time()``): on a `VirtualLoop` those jump. What asyncio cannot give, the
date and where blocking work runs, comes from a `Clock`.
"""

from __future__ import annotations

import asyncio
import select
import selectors
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")


class Run(Protocol):
    """How blocking work is run: `Clock.run`, for who needs no more of a clock."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Run `work` off the audio path."""
        ...


class Clock(Protocol):
    """The date, and a place for blocking work."""

    def now(self) -> datetime:
        """Return the local date and time, with time zone."""
        ...

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking `work` (recognition, synthesis, a back-end) off the audio path; return its result."""
        ...


class WallClock:
    """Real time; work runs on threads."""

    def __init__(self, threads: ThreadPoolExecutor | None = None, zone: tzinfo | None = None) -> None:
        """`zone` is where callers and agents are; None: where this machine is."""
        self._threads = threads or ThreadPoolExecutor(thread_name_prefix="work")
        self._zone = zone
        self._stuck = 0

    def now(self) -> datetime:
        """Return the local date and time."""
        return datetime.now().astimezone(self._zone)

    @property
    def stuck(self) -> int:
        """Threads that hang in work nobody waits for any more; each is lost to the pool until it returns."""
        return self._stuck

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` on a thread. When the wait is broken off, work that has begun goes on by itself."""
        begun = self._threads.submit(work)
        try:
            return await asyncio.wrap_future(begun)
        except asyncio.CancelledError:
            if not begun.cancel():
                self._give_up(begun)
            raise

    def _give_up(self, begun: Future[Any]) -> None:
        loop = asyncio.get_running_loop()

        def returned(_: Future[Any]) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._count, -1)

        self._count(1)
        begun.add_done_callback(returned)

    def _count(self, change: int) -> None:
        self._stuck += change


class PinnedClock(WallClock):
    """Real time, but for the date: that begins at `start`."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._start = start
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the start date plus the seconds since the clock was made."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)


class VirtualClock:
    """Virtual time on a `VirtualLoop`; work runs inline, so order is fixed, and costs what it spends."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._spent_s = 0.0

    def now(self) -> datetime:
        """Return the start date plus the loop's virtual seconds."""
        return self._start + timedelta(seconds=asyncio.get_running_loop().time())

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` here and now; virtual time stands still meanwhile, but for what it spends."""
        result = work()
        spent, self._spent_s = self._spent_s, 0.0
        if spent:
            await asyncio.sleep(spent)
        return result

    def spend(self, seconds: float) -> None:
        """Say, from inside work, what it costs in virtual time."""
        self._spent_s += seconds


_NEARLY_DUE_S: Final = 0.001
"""What is due so soon does not wait for a beat: a timer for a beat is due some microseconds after it."""


class _RestingSelector(selectors.DefaultSelector):
    """A selector that rests until the next beat before it looks; only the doorbell wakes it sooner."""

    def __init__(self, beat_s: float) -> None:
        super().__init__()
        self._beat_s = beat_s
        self._doorbell: list[int] = []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)
        self._doorbell = self._doorbell or [key.fd]  # asyncio's own comes first: threads and signals ring it
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= _NEARLY_DUE_S:
            return super().select(timeout)
        rest = self._beat_s - time.monotonic() % self._beat_s
        rung, _, _ = select.select(self._doorbell, (), (), rest)
        if rung or (timeout is not None and timeout - rest <= _NEARLY_DUE_S):
            return super().select(0)
        return super().select(None if timeout is None else timeout - rest)


class BeatLoop(asyncio.SelectorEventLoop):
    """An event loop for many calls: what comes in, or is due, is attended to on the next beat.

    Beats are the whole multiples of `beat_s` on its clock. Waking a process takes more computing than 20 ms
    of sound does, so this way calls share it. Only what a thread has finished does not wait.
    """

    def __init__(self, beat_s: float) -> None:
        super().__init__(_RestingSelector(beat_s))


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that, instead of waiting, moves virtual time to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # nothing scheduled: only real I/O can wake the loop
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.seconds += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time starts at 0 and jumps to the next timer when nothing is ready."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._jumping.seconds


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on a fresh `VirtualLoop`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
