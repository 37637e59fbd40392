"""Ends of the caller's speech are paired with the bot's answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio import FRAME_SAMPLES
from voicebot.replay import voiced_edges
from voicebot.replay.call_times import CallTimes, call_times

pytestmark = pytest.mark.unit

LOUD = 3000


def tone(*spans: tuple[int, int], length: int) -> np.ndarray:
    samples = np.zeros(length, np.int16)
    for first, last in spans:
        samples[first : last + 1] = LOUD
    return samples


def test_each_turn_is_paired_with_the_first_sound_after_it() -> None:
    said = [(2.0, 3.0), (6.0, 7.0)]
    heard = [(0.25, 1.0), (3.5, 3.52), (3.52, 5.0), (7.25, 8.0)]
    assert call_times(0.0, said, heard) == CallTimes(250, (500, 250), 0, 0)


def test_a_turn_without_an_answer_is_missed_not_paired_with_a_later_one() -> None:
    said = [(2.0, 3.0), (6.0, 7.0), (9.0, 10.0)]
    assert call_times(0.0, said, [(0.5, 1.0), (7.5, 8.0)]) == CallTimes(500, (500,), missed=2, talked_over=0)


@pytest.mark.parametrize("bot", [(1.0, 2.5), (2.5, 2.75), (2.75, 4.0)])
def test_a_turn_during_which_the_bot_speaks_is_not_timed(bot: tuple[float, float]) -> None:
    assert call_times(0.0, [(2.0, 3.0)], [bot, (3.5, 4.0)]) == CallTimes(
        1000 * bot[0], (), missed=0, talked_over=1
    )


def test_a_bot_that_never_spoke_did_not_greet() -> None:
    assert call_times(5.0, [], []) == CallTimes(None, (), 0, 0)
    assert call_times(5.0, [], [(5.04, 6.0)]).greeting_ms == pytest.approx(40)


@given(
    st.lists(st.floats(0.1, 5), min_size=2, max_size=40),
    st.lists(st.floats(0.1, 5), max_size=40),
)
def test_every_turn_is_counted_once(caller: list[float], bot: list[float]) -> None:
    said, heard = spans(caller), spans(bot)
    times = call_times(0.0, said, heard)
    assert len(times.response_ms) + times.missed + times.talked_over == len(said)
    assert all(response >= 0 for response in times.response_ms)


def spans(gaps: list[float]) -> list[tuple[float, float]]:
    moments = np.cumsum(gaps)
    return [(float(a), float(b)) for a, b in zip(moments[::2], moments[1::2], strict=False)]


def test_voiced_edges_are_the_outer_loud_samples() -> None:
    assert voiced_edges(tone((150, 700), (1000, 1234), length=3000)) == (150, 1234)
    assert voiced_edges(tone((0, 99), length=100)) == (0, 99)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.int16),
        np.zeros(FRAME_SAMPLES, np.int16),
        np.full(800, 150, np.int16),
        tone((40, 40), length=FRAME_SAMPLES) // 2,
    ],
    ids=["nothing", "silence", "too soft", "one click"],
)
def test_what_is_too_soft_or_too_short_is_not_voiced(samples: np.ndarray) -> None:
    assert voiced_edges(samples) is None


def test_the_loudest_negative_sample_counts_too() -> None:
    assert voiced_edges(np.full(FRAME_SAMPLES, -32768, np.int16)) == (0, FRAME_SAMPLES - 1)
