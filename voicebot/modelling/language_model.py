"""Which words follow which: a back-off n-gram model as an automaton.

A state is what the model remembers of the words so far. Words that it has seen there have a probability of
their own; for all others it backs off: to a state that remembers less, at a price.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

UNKNOWN: Final = "[unk]"
"""Any word outside the vocabulary."""
SENTENCE_END: Final = "</s>"
NOWHERE: Final = -1
"""The state after `SENTENCE_END`."""


class Next(NamedTuple):
    """What a word costs, and where it leads."""

    probability: float
    state: int


@dataclass(frozen=True, slots=True)
class ContextState:
    """One memory of the words so far."""

    words: dict[str, Next] = field(default_factory=dict)
    back_off: Next | None = None
    """The state that remembers less; None where nothing is remembered. Its probability is a weight."""


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A back-off model; `states[start]` begins a sentence."""

    states: Sequence[ContextState]
    start: int

    def next(self, state: int, word: str) -> Next:
        """Return how likely `word` is in a state, and the state after it; probability 0 for a new word."""
        weight = 1.0
        while word not in self.states[state].words:
            back_off = self.states[state].back_off
            if back_off is None:
                return Next(0.0, state)
            weight, state = weight * back_off.probability, back_off.state
        probability, after = self.states[state].words[word]
        return Next(weight * probability, after)

    def depth(self, state: int) -> int:
        """Return how often one can back off from a state: about how many words it remembers."""
        depth = 0
        while back_off := self.states[state].back_off:
            depth, state = depth + 1, back_off.state
        return depth

    def log_probability(self, words: Sequence[str]) -> float:
        """Return the natural logarithm of a sentence's probability; -inf when a word is not in the model."""
        state, total = self.start, 0.0
        for word in (*words, SENTENCE_END):
            probability, state = self.next(state, word)
            total += math.log(probability) if probability else -math.inf
        return total

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words of the model, `UNKNOWN` among them where it has that."""
        return frozenset(word for state in self.states for word in state.words) - {SENTENCE_END}
