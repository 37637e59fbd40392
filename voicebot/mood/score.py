"""How frustrated a turn sounds: a logistic model with few, signed weights, all of it in `model.json`."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.mood.baseline import Baseline, Population
from voicebot.mood.prosody import FEATURES, Prosody
from voicebot.mood.reasons import TOO_LITTLE_VOICE, strongest
from voicebot.mood.spectrum import Values

MODEL: Final = Path(__file__).with_name("model.json")
UNSURE_S: Final = 0.2
"""Seconds of voice of which half is believed: what is measured on less is mostly chance."""
LARGEST: Final = 4.0
"""Spreads beyond which a feature counts no more: no single one decides."""
TRUST_S: Final = 0.3
"""Seconds of a caller's voice from which on turns are compared with the caller more than with others."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a turn sounds."""

    score: float | None
    """From 0 (calm) to 1 (frustrated), or None: too little voice to tell."""
    frustrated: bool
    reasons: tuple[str, ...]
    """At most three, the strongest first, in Dutch."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model: the log-odds at no deviation, and added per spread of each of `FEATURES`."""

    intercept: float
    features: Values


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores turns; `load_scorer` reads the one that is shipped."""

    population: Population
    among_people: Weights
    """For a caller of whom nothing was heard yet."""
    with_self: Weights
    """For a caller with a baseline."""
    threshold: float
    """The score from which on a turn is frustrated."""

    def score(self, prosody: Prosody | None, baseline: Baseline) -> Mood:
        """Return how a turn sounds beside the caller's `baseline` (`Baseline()` if there is none yet)."""
        if prosody is None:
            return Mood(None, frustrated=False, reasons=(TOO_LITTLE_VOICE,))
        trust = baseline.voiced_s / (baseline.voiced_s + TRUST_S)
        weights = (1 - trust) * self.among_people.features + trust * self.with_self.features
        parts = weights * deviations(prosody, baseline, self.population)
        intercept = (1 - trust) * self.among_people.intercept + trust * self.with_self.intercept
        score = float(1 / (1 + np.exp(-intercept - parts.sum())))
        reasons = strongest(parts, compared_with_self=trust > 0.5)
        return Mood(score, score >= self.threshold, reasons)


def deviations(prosody: Prosody, baseline: Baseline, population: Population) -> Values:
    """Return how far a turn lies from what the caller's `baseline` leads to expect, in spreads of calm turns.

    The less voice it has, the closer to 0 (shrinkage, `UNSURE_S`). Per feature of `FEATURES`, within
    `LARGEST`.
    """
    far = (np.array(astuple(prosody)[1:]) - baseline.expected(population)) / population.spreads
    sure = prosody.voiced_s / (prosody.voiced_s + UNSURE_S)
    return np.clip(far * sure, -LARGEST, LARGEST)


@cache
def load_scorer(file: Path = MODEL) -> Scorer:
    """Return the scorer in a file that `to_json` wrote."""
    model = json.loads(file.read_text(encoding="utf-8"))

    def column(name: str) -> Values:
        return np.array([model["features"][feature][name] for feature in FEATURES])

    return Scorer(
        Population(column("mean"), column("spread"), column("prior_s")),
        Weights(model["intercept_among_people"], column("weight_among_people")),
        Weights(model["intercept_with_self"], column("weight_with_self")),
        model["threshold"],
    )


def to_json(scorer: Scorer) -> dict[str, Any]:
    """Return a scorer as `model.json` has it: a row for each feature."""
    columns = {
        "mean": scorer.population.means,
        "spread": scorer.population.spreads,
        "prior_s": scorer.population.prior_s,
        "weight_with_self": scorer.with_self.features,
        "weight_among_people": scorer.among_people.features,
    }
    return {
        "threshold": scorer.threshold,
        "intercept_with_self": round(scorer.with_self.intercept, 4),
        "intercept_among_people": round(scorer.among_people.intercept, 4),
        "features": {
            feature: {name: round(float(values[at]), 4) + 0.0 for name, values in columns.items()}
            for at, feature in enumerate(FEATURES)
        },
    }
