"""When words were spoken, however the sound came."""

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.hearing import Word
from voicebot.hearing.word_times import Came, word_times
from voicebot.values import TimedWord

pytestmark = pytest.mark.unit

WORDS = (Word("ja", 0.33, 0.6, 1.0), Word("nee", 0.6, 0.87, 0.9))


def received(ends_ms: Sequence[int]) -> list[Came]:
    return [Came(end_ms, True) for end_ms in ends_ms]


def silence(ends_ms: Sequence[int]) -> list[Came]:
    return [Came(end_ms, False) for end_ms in ends_ms]


def test_frames_in_step_shift_the_recognisers_time() -> None:
    frames = received(range(5020, 6020, 20))
    assert word_times(WORDS, frames) == (TimedWord("ja", 5330, 5600), TimedWord("nee", 5600, 5870, 0.9))


def test_frames_that_came_all_at_once_were_spoken_one_after_another() -> None:
    frames = received([6000] * 50)
    assert word_times(WORDS, frames) == (TimedWord("ja", 5330, 5600), TimedWord("nee", 5600, 5870, 0.9))


def test_frames_that_were_lost_leave_a_gap_between_words() -> None:
    frames = received([*range(5020, 5620, 20), *range(5720, 6120, 20)])
    assert word_times(WORDS, frames) == (TimedWord("ja", 5330, 5600), TimedWord("nee", 5700, 5970, 0.9))


def test_silence_put_in_for_sound_that_came_late_moves_no_word() -> None:
    words = (WORDS[0], Word("nee", 0.93, 1.2, 0.9))
    frames = [
        *received(range(5020, 5620, 20)),
        *silence(range(5620, 5920, 20)),
        *received([5980] * 15 + [6000, 6020]),
    ]
    assert word_times(words, frames) == (TimedWord("ja", 5330, 5600), TimedWord("nee", 5710, 5980, 0.9))


def test_no_word_is_before_the_call_or_after_what_was_heard() -> None:
    frames = received([0, 20, 40])
    assert word_times([Word("ja", 0.0, 0.09, 1.0)], frames) == (TimedWord("ja", 0, 70),)


@given(st.lists(st.integers(0, 300), min_size=60, max_size=60), st.integers(0, 10), st.randoms())
def test_no_word_is_told_before_it_was_spoken_nor_after_it_came(
    late_ms: list[int], lost: int, chance: random.Random
) -> None:
    spoken = sorted(chance.sample(range(20, 20 * (60 + lost) + 1, 20), 60))
    came: list[int] = []
    for end_ms, late in zip(spoken, late_ms, strict=True):
        came.append(max(end_ms + late, *came[-1:], 0))
    words = [Word(str(number), number / 50, number / 50 + 0.02, 1.0) for number in range(60)]
    told = word_times(words, received(came))
    for word, end_ms, at_ms in zip(told, spoken, came, strict=True):
        assert end_ms <= word.end_ms <= at_ms
        assert word.end_ms - word.start_ms == 20
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(told))
