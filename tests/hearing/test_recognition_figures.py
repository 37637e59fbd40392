"""The arithmetic of benchmarks/recognition.py."""

import runpy
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

FIGURES = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "recognition_figures.py"))
align, share, per_hour = FIGURES["align"], FIGURES["share"], FIGURES["per_hour"]
word_error_rate, reduction = FIGURES["word_error_rate"], FIGURES["reduction"]
Scored, reliability = FIGURES["Scored"], FIGURES["reliability"]


@pytest.mark.parametrize(
    ("said", "heard", "errors", "right"),
    [
        ("waar is het", "waar is het", 0, (True, True, True)),
        ("waar is het", "waar was het", 1, (True, False, True)),
        ("waar is het", "waar het", 1, (True, True)),
        ("waar is het", "eh waar is het nu", 2, (False, True, True, True, False)),
        ("waar is het", "", 3, ()),
        ("", "ja", 1, (False,)),
        ("ja ja nee", "ja nee", 1, (True, True)),
    ],
)
def test_errors_and_which_words_were_right(
    said: str, heard: str, errors: int, right: tuple[bool, ...]
) -> None:
    assert align(said.split(), heard.split()) == (errors, right)


def test_a_share_has_the_interval_of_wilson() -> None:
    assert share(45, 58) == pytest.approx((0.7759, 0.6534, 0.8641, 58), abs=5e-4)
    assert share(0, 30)[:2] == (0, 0)
    assert share(30, 30)[2] == 1


def test_a_rate_per_hour_has_the_exact_interval_of_poisson() -> None:
    assert per_hour(9, 1.05) == pytest.approx((8.571, 3.919, 16.271, 1.05), abs=2e-3)
    assert per_hour(0, 2.0) == pytest.approx((0, 0, 3.689 / 2, 2.0), abs=1e-3)


def test_the_word_error_rate_weighs_utterances_by_their_words() -> None:
    rate = word_error_rate([Scored("a", 1, 1), Scored("a", 0, 9)] * 20, seed=1)
    assert (rate.value, rate.n) == (0.1, 200)
    assert 0.03 < rate.low < 0.1 < rate.high < 0.25
    assert rate == word_error_rate([Scored("a", 1, 1), Scored("a", 0, 9)] * 20, seed=1)


def test_a_reduction_is_relative_and_of_the_same_draws() -> None:
    first = [Scored("a", 2, 4), Scored("a", 0, 4)] * 20
    assert reduction(first, first, seed=1)[:3] == (0, 0, 0)
    assert reduction(first, [Scored("a", one.errors // 2, 4) for one in first], seed=1)[:3] == (0.5, 0.5, 0.5)
    assert reduction([Scored("a", 0, 4)] * 9, [Scored("a", 0, 4)] * 9, seed=1)[:3] == (0, 0, 0)


def test_with_enough_voices_the_interval_is_about_other_voices() -> None:
    """All of one voice goes wrong: that says more about voices than the number of utterances would."""
    few = [Scored(f"voice {place % 4}", int(place % 4 == 0), 1) for place in range(400)]
    many = [Scored(f"voice {place % 8}", int(place % 8 < 2), 1) for place in range(400)]
    widths = [rate.high - rate.low for rate in (word_error_rate(few, 1), word_error_rate(many, 1))]
    assert widths[0] < 0.1 < 0.4 < widths[1]


def test_reliability_tells_confidence_from_correctness() -> None:
    words = [(1.0, True)] * 90 + [(1.0, False)] * 10 + [(0.65, True)] * 5 + [(0.65, False)] * 5
    curve = reliability(words)
    assert [(one["from"], one["n"], one["right"]["value"]) for one in curve["bins"]] == [
        (0.6, 10, 0.5),
        (0.99, 100, 0.9),
    ]
    assert (curve["n"], curve["wrong"]) == (110, 15)
    assert curve["calibration_error"] == pytest.approx((100 * 0.1 + 10 * 0.15) / 110)
    assert 0.5 < curve["wrong_below_right"] < 1


def test_reliability_of_nothing_and_of_only_right_words() -> None:
    assert reliability([])["calibration_error"] is None
    assert reliability([(0.9, True)])["wrong_below_right"] is None
