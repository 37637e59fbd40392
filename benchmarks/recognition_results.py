"""What models heard in recognition.py, and the figures that come of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from recognition_figures import (
    Rate,
    Scored,
    align,
    per_hour,
    reduction,
    reliability,
    share,
    word_error_rate,
)

SEED = 1
WORD_ERRORS, NOT_EMPTY = "word errors", "not empty"
WAYS = ("free", "readers' words", "grammar", "no speech")


class Heading(NamedTuple):
    """What a row of the table is about."""

    test: str
    group: str
    line: str
    measure: str


@dataclass(frozen=True, slots=True)
class Result:
    """An utterance, and what was heard of it."""

    speaker: str
    said: tuple[str, ...]
    heard: tuple[str, ...]
    seconds: float


@dataclass
class Way:
    """All that was recognised in one way: speech freely or with a grammar, or what is no speech."""

    cpu_s: float = 0.0
    seconds: float = 0.0
    words: list[tuple[float, bool]] = field(default_factory=list)
    """Confidence of each word heard where something was said, and whether it was."""


@dataclass
class Measured:
    """What one model came to, or two that were each measured on the reader they were trained without."""

    name: str
    folders: list[Path]
    load_s: float
    loaded_mb: float
    peak_mb: float = 0.0
    """Resident memory, beyond what was there before loading, after all speech."""
    peak_no_speech_mb: float = 0.0
    """After what is no speech, too: a steady tone leaves more possibilities open than any speech."""
    results: dict[Heading, list[Result]] = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=lambda: {name: Way() for name in WAYS})
    remarks: list[str] = field(default_factory=list)

    def add(self, other: Self) -> None:
        """Take the other model of a pair in: its results on another reader, and those of both together."""
        self.name, self.folders = f"{self.name} + {other.name}", self.folders + other.folders
        pooled: dict[Heading, list[Result]] = {}
        for heading, results in (*self.results.items(), *other.results.items()):
            both = heading._replace(group=re.sub("^reader [mf]", "both readers", heading.group))
            pooled[both] = pooled.get(both, []) + results
        self.results |= other.results | pooled
        for cost in ("load_s", "loaded_mb", "peak_mb", "peak_no_speech_mb"):
            setattr(self, cost, max(getattr(self, cost), getattr(other, cost)))
        for way, others in other.ways.items():
            self.ways[way].cpu_s += others.cpu_s
            self.ways[way].seconds += others.seconds
            self.ways[way].words += others.words
        self.remarks += other.remarks

    def figures(self, first: Self) -> dict[str, Any]:
        """Return them as JSON, with how much smaller word errors are than those of the `first` model."""
        used = {name: way for name, way in self.ways.items() if way.seconds}
        return {
            "name": self.name,
            "folders": list(map(str, self.folders)),
            "mb": max(map(_mb, self.folders)),
            "load_s": self.load_s,
            "loaded_mb": self.loaded_mb,
            "peak_mb": self.peak_mb,
            "peak_no_speech_mb": self.peak_no_speech_mb,
            "cpu_s_per_s": {name: way.cpu_s / way.seconds for name, way in used.items()},
            "reliability": {name: reliability(way.words) for name, way in used.items() if way.words},
            "rows": [self._row(heading, results, first) for heading, results in self.results.items()],
            "remarks": self.remarks,
        }

    def _row(self, heading: Heading, results: Sequence[Result], first: Self) -> dict[str, Any]:
        row = heading._asdict() | MEASURES[heading.measure](results)._asdict()
        row |= {"utterances": len(results), "voices": len({one.speaker for one in results})}
        if heading.measure == WORD_ERRORS and first is not self and heading in first.results:
            less = reduction(_scored(first.results[heading]), _scored(results), SEED)
            row["reduction"] = less._asdict() | {"of": first.name}
        return row


def _mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _scored(results: Sequence[Result]) -> list[Scored]:
    return [Scored(one.speaker, align(one.said, one.heard).errors, len(one.said)) for one in results]


def _word_errors(results: Sequence[Result]) -> Rate:
    return word_error_rate(_scored(results), SEED)


def _exact(results: Sequence[Result]) -> Rate:
    return share(sum(one.said == one.heard for one in results), len(results))


def _spotted(results: Sequence[Result]) -> Rate:
    return share(sum({*one.said} == {*one.heard} for one in results), len(results))


def _not_empty(results: Sequence[Result]) -> Rate:
    return share(sum(bool(one.heard) for one in results), len(results))


def _false_accepts(results: Sequence[Result]) -> Rate:
    return per_hour(sum(bool(one.heard) for one in results), sum(one.seconds for one in results) / 3600)


MEASURES: Mapping[str, Callable[[Sequence[Result]], Rate]] = {
    WORD_ERRORS: _word_errors,
    "exact": _exact,
    "spotted": _spotted,
    "false accepts/h": _false_accepts,
    NOT_EMPTY: _not_empty,
}
