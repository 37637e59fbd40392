"""Callers begin one after the other, spread over what there is to say."""

from collections import Counter
from unittest.mock import sentinel

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.replay import Plan

pytestmark = pytest.mark.unit


@given(st.integers(1, 30), st.integers(1, 60))
def test_callers_are_spread_evenly_over_the_scripts(scripts: int, callers: int) -> None:
    plan = Plan(range(scripts), callers, 60)  # type: ignore[arg-type]
    firsts = Counter(plan.turn(caller, 0) for caller in range(callers))
    assert max(firsts.values()) <= -(-callers // scripts)


@given(st.integers(1, 30), st.integers(1, 60), st.data())
def test_a_caller_comes_to_every_script(scripts: int, callers: int, data: st.DataObject) -> None:
    plan = Plan(range(scripts), callers, 60)  # type: ignore[arg-type]
    caller = data.draw(st.integers(0, callers - 1))
    assert {plan.turn(caller, number) for number in range(scripts)} == set(range(scripts))


def test_all_have_begun_within_five_seconds_or_a_quarter_of_a_short_test() -> None:
    plan = Plan([sentinel.script], 10, 60)
    assert [plan.begins_s(caller) for caller in (0, 5, 9)] == [0, 2.5, 4.5]
    assert Plan([sentinel.script], 10, 4).begins_s(9) == pytest.approx(0.9)
