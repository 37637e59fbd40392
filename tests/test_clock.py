"""Virtual time jumps, keeps order, and stands still for work."""

import asyncio
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
