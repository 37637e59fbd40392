"""Virtual time jumps, keeps order, and stands still for work."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.clock import VirtualClock, WallClock, run_virtual

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
