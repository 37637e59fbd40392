from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.mood import FEATURES, Baseline, Population, Prosody

pytestmark = pytest.mark.unit

PEOPLE = Population(np.full(len(FEATURES), 10.0), np.ones(len(FEATURES)), np.full(len(FEATURES), 2.0))


def turn(value: float, voiced_s: float = 1.0) -> Prosody:
    return Prosody(voiced_s, *[value] * len(FEATURES))


def test_until_there_are_turns_people_in_general_serve() -> None:
    assert (Baseline().expected(PEOPLE) == 10).all()


def test_the_callers_own_voice_soon_outweighs_others() -> None:
    baseline = Baseline()
    expected = []
    for _ in range(4):
        baseline = baseline.heard(turn(22.0))
        expected.append(baseline.expected(PEOPLE)[0])
    assert expected == pytest.approx([14, 16, 17.2, 18])


def test_turns_count_by_their_voice() -> None:
    baseline = Baseline().heard(turn(0.0, 3.0)).heard(turn(4.0, 1.0))
    assert baseline.voiced_s == 4
    assert baseline.means == pytest.approx([1.0] * len(FEATURES))


def test_hearing_makes_a_new_one() -> None:
    first = Baseline().heard(turn(1.0))
    first.heard(turn(2.0))
    assert first == Baseline().heard(turn(1.0))


def test_it_stands_after_the_first_turns() -> None:
    baseline = Baseline()
    for _ in range(20):
        baseline = baseline.heard(turn(1.0))
    assert baseline.heard(turn(100.0)) is baseline


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.2, 30)), min_size=1, max_size=10))
def test_what_is_expected_lies_between_what_was_heard(turns: list[tuple[float, float]]) -> None:
    baseline = Baseline()
    for value, voiced_s in turns:
        baseline = baseline.heard(replace(turn(value), voiced_s=voiced_s))
    values = [value for value, _ in turns] + [10.0]
    expected = baseline.expected(PEOPLE)[0]
    assert min(values) - 1e-6 <= expected <= max(values) + 1e-6
