"""How this caller speaks when calm: built up from the first turns, and until then how people speak."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np

from voicebot.mood.prosody import FEATURES, Prosody
from voicebot.mood.spectrum import Values

LONGEST_S: Final = 20.0
"""Seconds of voice after which a baseline stands: later turns change it no more."""


@dataclass(frozen=True, slots=True)
class Population:
    """How people speak when calm, per feature of `FEATURES`, shape (features,) each."""

    means: Values
    spreads: Values
    """Standard deviation of calm turns of one caller."""
    prior_s: Values
    """Seconds of a caller's voice that weigh as much as the population: few where callers differ much from
    each other and little from themselves, as in pitch (empirical Bayes: Efron and Morris 1975)."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The running mean of a caller's turns, weighted by their seconds of voice; new as `Baseline()`."""

    voiced_s: float = 0.0
    means: tuple[float, ...] = (0.0,) * len(FEATURES)
    """Per feature of `FEATURES`; means nothing while `voiced_s` is 0."""

    def heard(self, prosody: Prosody) -> Baseline:
        """Return the baseline with one turn more, or itself when it stands."""
        if self.voiced_s >= LONGEST_S:
            return self
        voiced_s = self.voiced_s + prosody.voiced_s
        share = prosody.voiced_s / voiced_s
        pairs = zip(self.means, astuple(prosody)[1:], strict=True)
        return Baseline(voiced_s, tuple(mean + share * (value - mean) for mean, value in pairs))

    def expected(self, population: Population) -> Values:
        """Return what a calm turn of this caller is expected to measure, per feature of `FEATURES`."""
        own, prior = self.voiced_s, population.prior_s
        return (own * np.array(self.means) + prior * population.means) / (own + prior)
