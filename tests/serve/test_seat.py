"""How soon who left is replaced."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from voicebot.clock import run_virtual
from voicebot.serve import Settings
from voicebot.serve.child import Child
from voicebot.serve.seat import Seat

pytestmark = pytest.mark.unit


class ShortLived(Child):
    """Lives so many seconds, or until it is told to end."""

    def __init__(self, lives_s: float) -> None:
        super().__init__("short", [], Settings(), print)
        self._lives_s = lives_s
        self._end = asyncio.Event()

    async def run(self) -> None:
        self._up()
        try:
            async with asyncio.timeout(self._lives_s):
                await self._end.wait()
        except TimeoutError:
            pass
        self.how = "exit code 1"
        self.leaving.set()

    def finish(self) -> None:
        super().finish()
        self._end.set()


def starts(lives_s: list[float], meanwhile: Callable[[Seat[ShortLived]], None] | None = None) -> list[float]:
    """When those who live so long were started; the last one stays until the seat is closed."""
    times: list[float] = []
    ended: list[ShortLived] = []

    async def main() -> None:
        everyone = asyncio.Event()

        def make() -> ShortLived:
            times.append(asyncio.get_running_loop().time())
            if len(times) == len(lives_s):
                everyone.set()
            return ShortLived(lives_s[len(times) - 1])

        seat = Seat(make, ended.append)
        running = asyncio.create_task(seat.run())
        if meanwhile:
            asyncio.get_running_loop().call_later(1, meanwhile, seat)
        await everyone.wait()
        await asyncio.sleep(0)
        seat.close()
        await running

    run_virtual(main())
    assert len(ended) == len(lives_s)
    return times


def test_the_pause_doubles_up_to_half_a_minute() -> None:
    times = starts([0.0] * 10)
    pauses = [later - sooner for sooner, later in pairwise(times)]
    assert pauses == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30, 30])


def test_who_was_steady_is_replaced_soon() -> None:
    assert starts([0.0, 0.0, 61.0, 0.0, 9.0]) == pytest.approx([0, 0.5, 1.5, 63, 64])


def test_who_was_told_to_end_is_replaced_at_once() -> None:
    assert starts([600.0, 600.0], meanwhile=lambda seat: seat.child.finish()) == pytest.approx([0, 1])


def test_a_closed_seat_stays_empty() -> None:
    assert starts([600.0]) == [0]
