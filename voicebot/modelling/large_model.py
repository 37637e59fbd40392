"""A language model of millions of arcs, as its file has it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from voicebot.modelling.language_model import NOWHERE
from voicebot.modelling.openfst import Transducer

END: Final = -1
"""Stands for the label of the end of a sentence, which no arc has."""


class LargeModel:
    """A back-off automaton in arrays: quick to read, and slow to ask but for some thousands of words."""

    def __init__(self, fst: Transducer) -> None:
        """Take a language model in which an arc that tells no word backs off."""
        self.fst = fst.sorted_by("output")  # what backs off comes first
        self.states = len(fst.finals)
        self._first = np.searchsorted(self.fst.sources, np.arange(self.states + 1))
        arcs, sources = self.fst.arcs, self.fst.sources
        self._labels = np.ascontiguousarray(arcs["output"])  # or each search would copy what it searches
        backs_off = np.flatnonzero(self._labels == 0)
        self.back_off_label = int(arcs["input"][backs_off[0]]) if len(backs_off) else 0
        self._lower = np.full(self.states, NOWHERE, np.int64)
        self._lower[sources[backs_off]] = arcs["next"][backs_off]
        self._price = np.zeros(self.states)
        self._price[sources[backs_off]] = arcs["weight"][backs_off]
        self.root = self.fst.start
        while self._lower[self.root] != NOWHERE:
            self.root = int(self._lower[self.root])

    def depth(self, state: int) -> int:
        """Return how many words a state remembers."""
        depth = 0
        while state != self.root:
            depth, state = depth + 1, int(self._lower[state])
        return depth

    def next(self, state: int, label: int) -> tuple[float, int]:
        """Return how likely a word is, and the state after it; probability 0 for a new word."""
        cost = 0.0
        while state != NOWHERE:
            if label == END and np.isfinite(self.fst.finals[state]):
                return math.exp(-cost - float(self.fst.finals[state])), NOWHERE
            first, last = self._first[state], self._first[state + 1]
            at = first + int(np.searchsorted(self._labels[first:last], label))
            if at < last and self._labels[at] == label:
                arc = self.fst.arcs[at]
                return math.exp(-cost - float(arc["weight"])), int(arc["next"])
            cost += float(self._price[state])
            state = int(self._lower[state])
        return 0.0, self.root
