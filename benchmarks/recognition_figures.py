"""The arithmetic of recognition.py: words right and wrong, rates with their 95 % intervals, reliability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Counts = NDArray[np.int64]
RESAMPLES = 2000
ENOUGH_SPEAKERS = 5
"""From so many on, speakers are drawn again, not their utterances: utterances of one voice are alike."""
BINS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Edges of the reliability curve; most words score high, so the bins are narrow there."""


class Rate(NamedTuple):
    """A figure with its 95 % interval; `n` is what `unit` of the test says: words, utterances, hours."""

    value: float
    low: float
    high: float
    n: float


class Aligned(NamedTuple):
    """How what was heard compares to what was said."""

    errors: int
    right: tuple[bool, ...]
    """Of each word heard: whether it was said there."""


class Scored(NamedTuple):
    """An utterance, scored."""

    speaker: str
    errors: int
    words: int


def align(said: Sequence[str], heard: Sequence[str]) -> Aligned:
    """Return the fewest substitutions, omissions and insertions from `said` to `heard` (Levenshtein 1966)."""
    cost = np.zeros((len(said) + 1, len(heard) + 1), np.int32)
    cost[:, 0], cost[0] = np.arange(len(said) + 1), np.arange(len(heard) + 1)
    for row, word in enumerate(said, 1):
        for column, other in enumerate(heard, 1):
            cost[row, column] = min(
                cost[row - 1, column - 1] + (word != other),
                cost[row - 1, column] + 1,
                cost[row, column - 1] + 1,
            )
    right, row, column = [False] * len(heard), len(said), len(heard)
    while row and column:
        same = said[row - 1] == heard[column - 1]
        if cost[row, column] == cost[row - 1, column - 1] + (not same):
            right[column - 1] = same
            row, column = row - 1, column - 1
        elif cost[row, column] == cost[row - 1, column] + 1:
            row -= 1
        else:
            column -= 1
    return Aligned(int(cost[-1, -1]), tuple(right))


def word_error_rate(scored: Sequence[Scored], seed: int) -> Rate:
    """Return errors per word said, with the bootstrap's percentile interval (Bisani and Ney 2004).

    Whole utterances are drawn, or whole speakers when there are enough of them.
    """
    counts = np.array([(one.errors, one.words) for one in scored])
    errors, words = _drawn([one.speaker for one in scored], counts, seed)
    low, high = np.percentile(errors / words, (2.5, 97.5))
    total_errors, total_words = counts.sum(axis=0)
    return Rate(float(total_errors / total_words), float(low), float(high), float(total_words))


def reduction(first: Sequence[Scored], other: Sequence[Scored], seed: int) -> Rate:
    """Return how much smaller the word error rate of `other` is than that of `first`, relative to it.

    Both are of the same utterances, which are drawn together.
    """
    counts = np.array([(one.errors, two.errors, one.words) for one, two in zip(first, other, strict=True)])
    before, after, _ = _drawn([one.speaker for one in first], counts, seed)
    low, high = np.percentile((before - after) / np.maximum(before, 1), (2.5, 97.5))
    total_before, total_after, words = counts.sum(axis=0)
    return Rate(
        float((total_before - total_after) / max(total_before, 1)), float(low), float(high), float(words)
    )


def _drawn(speakers: Sequence[str], counts: Counts, seed: int) -> Counts:
    """Return the sums of `counts` (utterances, columns) over each of many draws: (columns, draws)."""
    if len(set(speakers)) >= ENOUGH_SPEAKERS:
        named = np.array(speakers)
        counts = np.array([counts[named == speaker].sum(axis=0) for speaker in dict.fromkeys(speakers)])
    drawn = np.random.default_rng(seed).integers(len(counts), size=(RESAMPLES, len(counts)))
    sums: Counts = counts[drawn].sum(axis=1).T
    return sums


def share(hits: int, n: int) -> Rate:
    """Return `hits` of `n` with the score interval of Wilson 1927."""
    z = 1.959964
    middle = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * math.sqrt(hits * (n - hits) / n + z**2 / 4)
    return Rate(hits / n, max(0.0, middle - half), min(1.0, middle + half), n)


def percent(hits: int, n: int) -> str:
    """Return a share in percent, with its 95 % interval, to read."""
    rate = share(hits, n)
    return f"{100 * rate.value:.1f} [{100 * rate.low:.1f}-{100 * rate.high:.1f}]"


def per_hour(events: int, hours: float) -> Rate:
    """Return events an hour with the exact Poisson interval of Garwood 1936."""
    low = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    high = stats.chi2.ppf(0.975, 2 * events + 2) / 2
    return Rate(events / hours, float(low) / hours, float(high) / hours, hours)


def reliability(words: Iterable[tuple[float, bool]]) -> Mapping[str, Any]:
    """Return how often words were right by the confidence (0..1) they came with.

    Each bin has its mean confidence, the share that was right, and n. `calibration_error` is the mean
    distance between the two, weighed by n (Naeini 2015); `wrong_below_right` the chance that a wrong word
    scores lower than a right one: 0.5 says nothing, 1 everything.
    """
    pairs = sorted(words)
    confidences = np.array([confidence for confidence, _ in pairs])
    right = np.array([is_right for _, is_right in pairs], bool)
    places = np.clip(np.searchsorted(BINS, confidences, side="right") - 1, 0, len(BINS) - 2)
    bins = [
        _bin(place, confidences[places == place], right[places == place])
        for place in range(len(BINS) - 1)
        if (places == place).any()
    ]
    error = sum(one["n"] * abs(one["confidence"] - one["right"]["value"]) for one in bins)
    return {
        "n": len(pairs),
        "wrong": int((~right).sum()),
        "calibration_error": error / len(pairs) if pairs else None,
        "wrong_below_right": _separation(confidences, right),
        "bins": bins,
    }


def _bin(place: int, confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, Any]:
    rate = share(int(right.sum()), right.size)
    mean = float(confidences.mean())
    return {
        "from": BINS[place],
        "to": BINS[place + 1],
        "n": right.size,
        "confidence": mean,
        "right": rate._asdict(),
    }


def _separation(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve, from the ranks (Mann and Whitney 1947)."""
    good, bad = int(right.sum()), int((~right).sum())
    if not good or not bad:
        return None
    ranks = stats.rankdata(confidences)[right].sum()
    return float((ranks - good * (good + 1) / 2) / (good * bad))
