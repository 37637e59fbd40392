"""The knee of the curve: how many callers hold."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.unit

CAPACITY = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "capacity.py"))
knee: Callable[[list[dict[str, Any]]], int | None] = CAPACITY["knee"]
broken: Callable[[dict[str, Any], dict[str, Any]], list[str]] = CAPACITY["broken"]


def step(
    calls: int, p95: int = 450, late: float = 0.0, own_late: float = 0.0, lost: int = 0
) -> dict[str, Any]:
    return {
        "calls_at_once": calls,
        "response_ms": {"n": 20, "p95": p95},
        "caller_late_percent": own_late,
        "calls": {"begun": 9, "completed": 9 - lost},
        "bot": {"late_percent": late},
    }


@pytest.mark.parametrize(
    ("worse", "why"),
    [
        (step(10, p95=676), "response"),
        (step(10, late=0.11), "bot late"),
        (step(10, own_late=1.1), "callers late"),
        (step(10, lost=1), "calls"),
    ],
)
def test_the_knee_is_before_the_first_that_does_not_hold(worse: dict[str, Any], why: str) -> None:
    steps = [step(1), step(5, p95=675, late=0.1, own_late=1.0), worse, step(20)]
    assert broken(worse, steps[0]) == [why]
    assert knee(steps) == 5


def test_there_may_be_none() -> None:
    assert knee([step(1, lost=9)]) is None
    silent = step(1) | {"response_ms": {"n": 0}}
    assert broken(silent, silent) == ["response"]


def test_it_may_be_further_than_was_tried() -> None:
    assert knee([step(1), step(2)]) == 2
