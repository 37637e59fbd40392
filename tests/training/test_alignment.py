"""Alignment finds what was put there."""

from itertools import pairwise

import numpy as np
import pytest
from training.alignment import align, phone_scores

from voicebot.modelling import PHONES

pytestmark = pytest.mark.unit

J, A, N, E = (PHONES.index(phone) for phone in ("j", "A", "n", "e:"))


def scores(*phones: int) -> np.ndarray:
    """Return scores by which each step is clearly one phone."""
    return np.where(np.eye(len(PHONES))[list(phones)] > 0, 0.0, -9.0).astype(np.float32)


def test_segments_are_where_the_phones_are() -> None:
    heard = scores(0, 0, J, A, A, 0, N, N, E, 0)
    segments, score = align(heard, [[("j", "A")], [("n", "E"), ("n", "e:")]])
    assert [(segment.phone, segment.word) for segment in segments] == [
        *[(0, -1), (J, 0), (A, 0), (0, -1), (N, 1), (E, 1), (0, -1)]
    ]
    assert score == 0
    # an output speaks for the 30 ms around the centre of its first frame, 12.5 ms after that begins
    assert [segment.start for segment in segments] == pytest.approx(
        [0, 0.0575, 0.0875, 0.1475, 0.1775, 0.2375, 0.2675]
    )
    assert all(left.end == right.start for left, right in pairwise(segments))


def test_pauses_are_only_where_they_are_heard() -> None:
    segments, _ = align(scores(J, A, N, E), [[("j", "A")], [("n", "e:")]])
    assert [segment.phone for segment in segments] == [J, A, N, E]


def test_too_little_sound_is_said() -> None:
    with pytest.raises(ValueError, match="too little sound"):
        align(scores(J, A), [[("j", "A")], [("n", "e:")]])


def test_a_sentence_that_may_be_cut_ends_where_its_sound_does() -> None:
    segments, score = align(scores(0, J, A, A), [[("j", "A")], [("n", "e:")]], may_be_cut=True)
    assert [segment.phone for segment in segments] == [0, J, A]
    assert score == 0


def test_states_add_up_to_phones_and_common_ones_count_for_less() -> None:
    others = [phone for phone in range(1, len(PHONES)) if phone != J]
    phone_of = np.array([0, 0, J, J, *others])
    posteriors = np.array([[0.1, 0.3, 0.4, 0.2] + [0.0] * len(others)], np.float32)
    found = phone_scores(posteriors, np.array([0.2, 0.6, 0.1, 0.1] + [0.01] * len(others)), phone_of)
    assert found[0, [0, J]] == pytest.approx([np.log(0.4 / 0.8), np.log(0.6 / 0.2)], abs=1e-5)
