"""A small run through every stage, to see that it works here and how long the whole would take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from training.manifest import Progress
from training.pipeline import run_stages
from training.settings import Settings
from training.workshop import Workshop

SHARE: Final = 0.01
"""How much of everything a trial takes."""
_FIXED: Final = ("average", "export")
"""Stages that take as long however much there is to learn from."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a stage took on trial, and would take in full."""

    stage: str
    trial_s: float
    whole_s: float
    """On the high side: what it takes to begin is counted as if it were work."""


def try_out(workshop: Workshop, share: float, on_progress: Progress) -> Iterator[Estimate]:
    """Run all stages of a workshop with `shrunk` settings, yielding what each tells of the whole."""
    for stage, manifest in run_stages(workshop, on_progress):
        factor = 1.0 if stage.name in _FIXED else 1 / share
        yield Estimate(stage.name, manifest.seconds, manifest.seconds * factor)


def shrunk(settings: Settings, share: float) -> Settings:
    """Return settings for `share` of the speech; the work on each sentence stays the same."""
    data = settings.data.model_copy(
        update={
            "reader_share": settings.data.reader_share * share,
            "sentences": max(1, round(settings.data.sentences * share)),
        }
    )
    foreign = settings.foreign.model_copy(update={"share": settings.foreign.share * share})
    stream = settings.stream.model_copy(
        update={"nonspeech_minutes": settings.stream.nonspeech_minutes * share, "shards": 2}
    )
    guide = settings.guide.model_copy(update={"sentences": max(1, round(settings.guide.sentences * share))})
    some = ("requests", "others", "digits", "answers", "calibration")
    tune = settings.tune.model_copy(
        update={name: max(2, round(getattr(settings.tune, name) * share)) for name in some}
    )
    parts = {"data": data, "foreign": foreign, "guide": guide, "stream": stream, "tune": tune}
    return settings.model_copy(update=parts)
