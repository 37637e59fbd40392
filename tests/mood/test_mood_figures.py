"""The arithmetic of the benchmark, on cases that can be worked out by hand."""

import runpy
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.unit

FIGURES = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "mood_figures.py"))


def test_the_area_is_how_often_a_positive_scores_above_a_negative() -> None:
    area = FIGURES["area"]
    assert area(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 1
    assert area(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 0
    assert area(np.array([1.0, 3.0]), np.array([2.0, 2.0])) == 0.5
    assert area(np.ones(5), np.ones(7)) == 0.5


def test_recall_is_above_what_the_negatives_stay_under() -> None:
    negative = np.arange(101.0)
    assert FIGURES["recall_at"](np.array([94.0, 96.0, 200.0, 95.0]), negative) == 0.5


def test_intervals_are_of_speakers_not_of_clips() -> None:
    always, never = np.ones(50, np.bool_), np.zeros(50, np.bool_)
    found = FIGURES["share"]({"one": always, "two": never})
    assert (found["value"], found["low"], found["high"], found["n"]) == (0.5, 0, 1, 100)


def test_what_never_happened_may_still_happen() -> None:
    found = FIGURES["share"]({"one": np.zeros(100, np.bool_), "two": np.zeros(100, np.bool_)})
    assert (found["value"], found["low"]) == (0, 0)
    assert found["high"] == pytest.approx(0.019, abs=0.001)


def test_only_speakers_with_both_kinds_are_told_apart() -> None:
    angry = {"one": np.array([2.0, 3.0]), "two": np.array([9.0])}
    found = FIGURES["separated"](angry, {"one": np.array([1.0])})
    assert found["AUC"] == {"value": 1, "low": 1, "high": 1, "n": 3}
