"""What is analysed, when, and what is left alone; with real sound and a stand-in for the threads."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import numpy as np
import pytest

from voicebot.audio import RATE, Samples
from voicebot.events import MoodScored
from voicebot.mood import Analyst
from voicebot.speaking import Synthesiser, Voice

pytestmark = pytest.mark.audio

T = TypeVar("T")


@pytest.fixture(scope="module")
def speech() -> Samples:
    with Synthesiser() as synthesiser:
        return synthesiser.speak("Goedemiddag, ik bel over mijn bestelling van vorige week.", Voice("nl+m3"))


class Bench:
    """An analyst whose work waits until it is told to go on."""

    def __init__(self) -> None:
        self.measured = 0
        self.told: list[MoodScored] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.analyst = Analyst(self._run, self.told.append)

    def _run(self, work: Callable[[], T]) -> Awaitable[T]:
        async def later() -> T:
            await self.gate.wait()
            self.measured += 1
            return work()

        return later()

    async def rest(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def run(play: Callable[[Bench], Awaitable[None]]) -> Bench:
    async def main() -> Bench:
        bench = Bench()
        await play(bench)
        await bench.rest()
        return bench

    return asyncio.run(main())


def test_nothing_is_measured_before_it_is_switched_on(speech: Samples) -> None:
    async def play(bench: Bench) -> None:
        bench.analyst.hear(speech, 0, 3000)
        bench.analyst.switch_on(5000)
        bench.analyst.hear(speech, 4900, 8000)  # began while the notice was being spoken
        await bench.rest()
        bench.analyst.hear(speech, 5400, 8000)  # its look-back did

    bench = run(play)
    assert (bench.measured, bench.told) == (0, [])


def test_a_turn_is_scored_with_its_times(speech: Samples) -> None:
    async def play(bench: Bench) -> None:
        bench.analyst.switch_on(4000)
        bench.analyst.hear(speech, 5000, 8000)

    (mood,) = run(play).told
    assert (mood.started_ms, mood.ended_ms) == (5000, 8000)
    assert 0 <= mood.score <= 1
    assert not mood.alarm


def test_what_is_being_measured_when_it_is_switched_off_is_not_told(speech: Samples) -> None:
    async def play(bench: Bench) -> None:
        bench.analyst.switch_on(-1000)
        bench.gate.clear()
        bench.analyst.hear(speech, 100, 3000)
        await bench.rest()
        bench.analyst.switch_off()
        bench.gate.set()
        await bench.rest()
        bench.analyst.hear(speech, 4000, 8000)

    assert run(play).told == []


def test_a_turn_that_went_on_counts_once(speech: Samples) -> None:
    async def play(bench: Bench) -> None:
        bench.analyst.switch_on(-1000)
        bench.analyst.hear(speech[: speech.size // 2], 100, 1500)
        await bench.rest()
        bench.analyst.take_back()
        bench.analyst.hear(speech, 100, 3000)

    async def whole(bench: Bench) -> None:
        bench.analyst.switch_on(-1000)
        bench.analyst.hear(speech, 100, 3000)

    assert run(play).told[-1] == run(whole).told[-1]


def test_a_cough_is_no_turn() -> None:
    async def play(bench: Bench) -> None:
        bench.analyst.switch_on(-1000)
        noise = np.random.default_rng(1).normal(0, 2000, RATE // 4).astype(np.int16)
        bench.analyst.hear(noise, 100, 350)

    assert run(play).told == []


def test_a_busy_machine_costs_turns_and_nothing_else(speech: Samples) -> None:
    async def play(bench: Bench) -> None:
        bench.analyst.switch_on(-1000)
        bench.gate.clear()
        for turn in range(5):
            bench.analyst.hear(speech, 4000 * turn, 4000 * turn + 3000)
            await bench.rest()
        bench.gate.set()

    assert [mood.started_ms for mood in run(play).told] == [0]


def test_a_failure_switches_it_off(speech: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(samples: Samples) -> None:
        raise ValueError("no")

    monkeypatch.setattr("voicebot.mood.analyst.measure", fail)

    async def play(bench: Bench) -> None:
        bench.analyst.switch_on(-1000)
        bench.analyst.hear(speech, 100, 3000)
        await bench.rest()
        bench.analyst.hear(speech, 4000, 7000)

    bench = run(play)
    assert (bench.measured, bench.told) == (1, [])
