"""The arithmetic of mood.py: areas under curves and shares, with intervals by drawing speakers again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

RESAMPLES = 2000
Values = NDArray[np.float64]
T = TypeVar("T")
Figure = dict[str, float | int]


def area(positive: Values, negative: Values) -> float:
    """Return the area under the ROC curve: how often a positive scores above a negative (Mann, Whitney)."""
    ranks = rankdata(np.concatenate([positive, negative]))[: positive.size]
    return float((ranks.sum() - positive.size * (positive.size + 1) / 2) / (positive.size * negative.size))


def recall_at(positive: Values, negative: Values, specificity: float = 0.95) -> float:
    """Return the share of positives above the score that `specificity` of the negatives stay under."""
    return float(np.mean(positive > np.quantile(negative, specificity)))


def separated(positive: dict[str, Values], negative: dict[str, Values]) -> dict[str, Figure]:
    """Return area and recall at 95 % specificity; scores by speaker, who are drawn again for intervals."""
    return {
        "AUC": _drawn_again(area, positive, negative),
        "recall at 95 % specificity": _drawn_again(recall_at, positive, negative),
    }


def share(happened: dict[str, NDArray[np.bool_]]) -> Figure:
    """Return how often something happened, by speaker.

    The interval: speakers drawn again, or Wilson's over all if that is wider (as where nothing happened).
    """
    everything = np.concatenate(list(happened.values()))
    rates = _resample(lambda chosen: float(np.mean(np.concatenate(chosen))), list(happened.values()))
    wilson = binomtest(int(everything.sum()), everything.size).proportion_ci(method="wilson")
    low, high = np.percentile(rates, (2.5, 97.5))
    return _figure(float(everything.mean()), min(low, wilson.low), max(high, wilson.high), everything.size)


def _drawn_again(
    measure: Callable[[Values, Values], float], positive: dict[str, Values], negative: dict[str, Values]
) -> Figure:
    speakers = sorted(positive.keys() & negative.keys())
    pairs = [(positive[speaker], negative[speaker]) for speaker in speakers]

    def pooled(chosen: list[tuple[Values, Values]]) -> float:
        return measure(np.concatenate([one for one, _ in chosen]), np.concatenate([two for _, two in chosen]))

    low, high = np.percentile(_resample(pooled, pairs), (2.5, 97.5))
    return _figure(pooled(pairs), low, high, sum(one.size + two.size for one, two in pairs))


def _resample(measure: Callable[[list[T]], float], speakers: list[T]) -> list[float]:
    random = np.random.default_rng(0)
    draws = random.integers(len(speakers), size=(RESAMPLES, len(speakers)))
    return [measure([speakers[at] for at in draw]) for draw in draws]


def _figure(value: float, low: float, high: float, n: int) -> Figure:
    return {"value": round(value, 3), "low": round(float(low), 3), "high": round(float(high), 3), "n": n}
