"""Virtual time jumps, keeps order, and stands still for work; a loop with a beat wakes on that."""

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from voicebot.clock import BeatLoop, VirtualClock, WallClock, run_virtual

pytestmark = pytest.mark.unit

START = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)


def test_timers_fire_in_order_at_their_own_time() -> None:
    async def main() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[str, float]] = []

        async def after(seconds: float, name: str) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, loop.time()))

        await asyncio.gather(after(3600, "late"), after(0.02, "soon"), after(60, "later"))
        return seen

    assert run_virtual(main()) == [("soon", 0.02), ("later", 60), ("late", 3600)]


def test_time_outs_work_in_virtual_time() -> None:
    async def main() -> None:
        async with asyncio.timeout(300):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run_virtual(main())


def test_the_virtual_date_follows_and_work_costs_nothing() -> None:
    async def main() -> tuple[datetime, int]:
        clock = VirtualClock(START)
        await asyncio.sleep(90)
        result = await clock.run(lambda: sum(range(100_000)))
        return clock.now(), result

    assert run_virtual(main()) == (START + timedelta(seconds=90), sum(range(100_000)))


def test_the_wall_clock_runs_work_beside_the_loop() -> None:
    async def main() -> int:
        return await WallClock().run(lambda: 42)

    assert asyncio.run(main()) == 42
    assert WallClock().now().tzinfo is not None


def test_work_that_nobody_waits_for_any_more_is_counted_until_it_returns() -> None:
    async def main() -> tuple[int, int]:
        clock, begun, over = WallClock(), threading.Event(), threading.Event()

        def hang() -> None:
            begun.set()
            over.wait()

        waiting = asyncio.create_task(clock.run(hang))
        await asyncio.to_thread(begun.wait)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        hanging = clock.stuck
        over.set()
        while clock.stuck:
            await asyncio.sleep(0)
        return hanging, await clock.run(lambda: 42)

    assert asyncio.run(main()) == (1, 42)


def test_work_that_waits_for_a_thread_is_dropped_when_nobody_waits_for_it() -> None:
    async def main() -> int:
        over = threading.Event()
        clock = WallClock(ThreadPoolExecutor(1))
        running = asyncio.create_task(clock.run(over.wait))
        queued = asyncio.create_task(clock.run(lambda: pytest.fail("was to be dropped")))
        await asyncio.sleep(0)
        queued.cancel()
        await asyncio.gather(queued, return_exceptions=True)
        stuck = clock.stuck
        over.set()
        await running
        return stuck

    assert asyncio.run(main()) == 0


def test_what_comes_in_is_attended_to_on_the_next_beat() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        came: list[float] = []
        ours, theirs = zip(*(socket.socketpair() for _ in range(20)), strict=True)

        def hear(end: socket.socket) -> None:
            end.recv(100)
            came.append(loop.time())

        def send() -> None:
            for end in theirs:
                time.sleep(0.01)
                end.send(b"sound")

        with ExitStack() as ends:
            for end in (*ours, *theirs):
                ends.enter_context(end)
            for end in ours:
                loop.add_reader(end, hear, end)
                ends.callback(loop.remove_reader, end)
            await asyncio.to_thread(send)
            await asyncio.sleep(0.1)
        return came

    with asyncio.Runner(loop_factory=lambda: BeatLoop(0.1)) as runner:
        came = runner.run(main())
    assert len(came) == 20
    together = sum(later - sooner < 0.005 for sooner, later in pairwise(came))
    assert together >= 10  # without a beat it is none


def test_a_thread_does_not_wait_for_the_beat() -> None:
    async def main() -> float:
        await asyncio.to_thread(int)
        began = time.monotonic()
        for _ in range(20):
            await asyncio.to_thread(int)
        return time.monotonic() - began

    with asyncio.Runner(loop_factory=lambda: BeatLoop(0.5)) as runner:
        assert runner.run(main()) < 1  # waiting for the beat it is some 8 s
