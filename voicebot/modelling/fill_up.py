"""New sentences over a large language model that stays as it is: in seconds, where `mix` would take minutes.

The new model is asked first. What it has not seen in a context is left to the large one in that context, and
what that has not seen, to the new one in the next shorter context (after Bisazza et al. 2011, "Fill-up versus
interpolation methods for phrase-based SMT adaptation"). A word that the new model has seen is as likely as in
a linear mixture of both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from voicebot.modelling.language_model import NOWHERE, SENTENCE_END, LanguageModel
from voicebot.modelling.large_model import END, LargeModel
from voicebot.modelling.openfst import ARC, Transducer

_Arc: TypeAlias = tuple[int, int, int, float, int]
"""(source, input, output, cost, next)"""
_LEAST: Final = 1e-9


def fill_up(new: LanguageModel, large: Transducer, labels: Mapping[str, int], share: float) -> Transducer:
    """Return `large` with the contexts of `new` before it, which gets `share` of what is in both.

    `labels` are those of the words. In `large`, as in the result, an arc that tells no word backs off.
    """
    return _FillUp(new, LargeModel(large), {**labels, SENTENCE_END: END}, share).transducer()


class _FillUp:
    """The new model's states, numbered after the large one's; the root of both is one."""

    def __init__(
        self, new: LanguageModel, large: LargeModel, labels: Mapping[str, int], share: float
    ) -> None:
        self._new, self._large, self._labels, self._share = new, large, labels, share
        self._root = new.start
        while back_off := new.states[self._root].back_off:
            self._root = back_off.state
        self._same = self._same_contexts()
        deep = sorted(state for state in self._same if state != self._root)
        self._numbers = {state: large.states + number for number, state in enumerate(deep)}
        self._moved = np.arange(large.states + len(deep))
        """Where an arc leads to now: the new state in the place of the large one that remembers as much."""
        for state, number in self._numbers.items():
            if self._is_known(state):
                self._moved[self._same[state]] = number
        self._mixed = {state: self._mix(state) for state in self._same}

    def _same_contexts(self) -> dict[int, int]:
        """Return, for each state of the new model, the large one's after the same words."""
        found = {self._root: self._large.root, self._new.start: self._large.fst.start}
        walked = list(found)
        for state in walked:  # it grows meanwhile
            deeper = self._new.depth(state) + 1
            for word, (_, after) in self._new.states[state].words.items():
                if after == NOWHERE or after in found or self._new.depth(after) != deeper:
                    continue
                found[after] = self._large.next(found[state], self._labels[word])[1]
                walked.append(after)
        return found

    def _is_known(self, state: int) -> bool:
        """Whether the large model remembers all the words that this state does."""
        return self._large.depth(self._same[state]) == self._new.depth(state)

    def _mix(self, state: int) -> dict[int, tuple[float, int]]:
        """Return the words seen in a state: label -> probability, and the state after it."""
        mixed = {}
        for word, (probability, after) in self._new.states[state].words.items():
            label = self._labels[word]
            likely, beyond = self._large.next(self._same[state], label)
            number = self._numbers.get(after, self._large.root)
            if after != NOWHERE and self._new.depth(after) < self._large.depth(beyond):
                number = int(self._moved[beyond])
            mixed[label] = self._share * probability + (1 - self._share) * likely, number
        return mixed

    def transducer(self) -> Transducer:
        """Return both as one."""
        large = self._large.fst
        arcs, finals = large.arcs.copy(), np.full(len(self._moved), np.inf, np.float32)
        finals[: self._large.states] = large.finals
        arcs["next"] = self._moved[arcs["next"]]
        self._mix_root(arcs, finals)
        rows = [row for state in self._numbers for row in self._arcs(state)]
        for state, number in self._numbers.items():
            if END in self._mixed[state]:
                finals[number] = _cost(self._mixed[state][END][0])
        return Transducer(
            np.concatenate([large.sources, np.array([row[0] for row in rows], np.int32)]),
            np.concatenate([arcs, np.array([row[1:] for row in rows], ARC)]),
            finals,
            int(self._moved[large.start]),
        ).sorted_by("input")

    def _mix_root(self, arcs: NDArray[Any], finals: NDArray[np.float32]) -> None:
        """Give the words of the new model their share where nothing is remembered."""
        root = self._large.root
        here = np.flatnonzero(self._large.fst.sources == root)
        arcs["weight"][here] += _cost(1 - self._share)
        finals[root] += _cost(1 - self._share)
        seen = self._mixed[self._root]
        for at in here[np.isin(arcs["output"][here], list(seen))]:
            arcs["weight"][at] = _cost(seen[int(arcs["output"][at])][0])
        if END in seen:
            finals[root] = _cost(seen[END][0])

    def _arcs(self, state: int) -> Iterator[_Arc]:
        seen, number = self._mixed[state], self._numbers[state]
        for label, (probability, after) in seen.items():
            if label != END:
                yield number, label, label, _cost(probability), after
        lower, taken = self._lower(state)
        weight = (1 - sum(probability for probability, _ in seen.values())) / max(1 - taken, _LEAST)
        yield number, self._large.back_off_label, 0, _cost(weight), lower

    def _lower(self, state: int) -> tuple[int, float]:
        """Return where a state backs off to, and how likely it is there that what follows was seen here."""
        labels = self._mixed[state]
        if self._is_known(state):
            same = self._same[state]
            return same, sum(self._large.next(same, label)[0] for label in labels)
        back_off = self._new.states[state].back_off
        assert back_off is not None
        shorter, lower = self._mixed[back_off.state], self._same[back_off.state]
        taken = sum(
            shorter[label][0] if label in shorter else self._large.next(lower, label)[0] for label in labels
        )
        return self._numbers.get(back_off.state, self._large.root), taken


def _cost(probability: float) -> float:
    return -math.log(max(probability, _LEAST))
