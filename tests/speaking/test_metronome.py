"""The beat of what is sent: even by itself, and together with what comes in where that is steady."""

import asyncio
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from voicebot.clock import run_virtual
from voicebot.speaking.metronome import Metronome

pytestmark = pytest.mark.unit


def beats(arrivals: Sequence[float], seconds: float = 10.0) -> list[float]:
    """When the metronome beats (virtual seconds) while frames come in at these moments."""
    heard: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        metronome = Metronome(lambda: heard.append(loop.time()))
        running = asyncio.create_task(metronome.run())
        for at in arrivals:
            await asyncio.sleep(at - loop.time())
            metronome.frame_came()
        await asyncio.sleep(seconds - loop.time())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        count = len(heard)
        metronome.frame_came()
        await asyncio.sleep(0.1)
        assert len(heard) == count  # it is over
        assert metronome.left_out == 0

    run_virtual(main())
    return heard


@pytest.mark.parametrize("first", [0.001, 0.004, 0.009, 0.013, 0.0199])
def test_it_soon_beats_together_with_what_comes_in(first: float) -> None:
    arrivals = [first + 0.02 * n for n in range(499)]
    heard = beats(arrivals)
    together = [at for at in heard if at > 1.5 and any(0 <= came - at < 0.00006 for came in arrivals)]
    assert len(together) == pytest.approx(425, abs=2)
    assert len(heard) == pytest.approx(500, abs=1)


@pytest.mark.parametrize("jitter_s", [0.001, 0.005, 0.02])
def test_a_line_that_jitters_hardly_moves_it(jitter_s: float) -> None:
    chance = random.Random(1)
    arrivals = sorted(0.03 + 0.02 * n + chance.uniform(-jitter_s, jitter_s) for n in range(490))
    heard = beats(arrivals)
    gaps = [after - before for before, after in pairwise(heard)]
    assert min(gaps) > 0.013 and max(gaps) < 0.027
    assert len(heard) == pytest.approx(500, abs=1)


def test_who_answers_each_frame_with_one_does_not_slow_it() -> None:
    heard: list[float] = []

    async def main() -> None:
        def tick() -> None:
            heard.append(loop.time())
            loop.call_soon(metronome.frame_came)

        loop = asyncio.get_running_loop()
        metronome = Metronome(tick)
        running = asyncio.create_task(metronome.run())
        await asyncio.sleep(1.99)
        running.cancel()

    run_virtual(main())
    assert [round(at, 6) for at in heard] == [round(0.02 * n, 6) for n in range(100)]


def test_a_burst_is_not_answered_with_one() -> None:
    arrivals = [0.02 * n + 0.002 for n in range(100)] + [3.0] * 50 + [3.0 + 0.02 * n for n in range(1, 300)]
    heard = beats(arrivals)
    assert min(after - before for before, after in pairwise(heard)) > 0.013
    assert len(heard) == pytest.approx(500, abs=1)


@pytest.mark.parametrize("frames_come", [False, True])
def test_what_fails_in_a_beat_is_told(frames_come: bool) -> None:
    def failing() -> Callable[[], None]:
        left = iter(range(10))

        def tick() -> None:
            if next(left, None) is None:
                raise OSError("the line is broken")

        return tick

    async def main() -> None:
        metronome = Metronome(failing())
        running = asyncio.create_task(metronome.run())
        while not running.done():
            await asyncio.sleep(0.019)
            if frames_come:
                metronome.frame_came()
        await running

    with pytest.raises(OSError, match="the line is broken"):
        run_virtual(main())
