"""Forced alignment: when somebody says which sound, by the best path through all ways to say the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import Segment
from training.features import FRAME_CENTRE_S, Floats
from voicebot.modelling import PHONES, Pronunciation

STEP_S: Final = 0.03
"""Seconds from one output of the network to the next."""
_OFFSET_S: Final = FRAME_CENTRE_S - STEP_S / 2
"""Where the stretch of sound begins that the first output speaks for."""
_NEVER: Final = -1e30


@dataclass
class _Graph:
    """All ways to say a sentence: nodes with a phone each, and the nodes that may come before."""

    phones: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)

    def add(self, phone: int, word: int, before: Sequence[int]) -> int:
        self.phones.append(phone)
        self.words.append(word)
        self.before.append([len(self.before), *before])
        return len(self.phones) - 1


def align(
    scores: Floats, words: Sequence[Sequence[Pronunciation]], *, may_be_cut: bool = False
) -> tuple[tuple[Segment, ...], float]:
    """Return the segments of the best path, and its mean score per output.

    `scores` are log-likelihoods of each phone at each output of the network, shape (outputs, len(PHONES));
    `words` are the ways to say each word of the sentence. Pauses may come before, between and after words.
    With `may_be_cut` the sound may stop anywhere in the sentence; else ValueError is raised when there is too
    little of it.
    """
    graph = _sentence_graph(words)
    if may_be_cut:
        graph.last = list(range(len(graph.phones)))
    path, score = _best_path(scores[:, graph.phones], graph)
    return _segments(path, graph), score / len(scores)


def _sentence_graph(words: Sequence[Sequence[Pronunciation]]) -> _Graph:
    graph = _Graph()
    ends: list[int] = []
    for number, pronunciations in enumerate(words):
        pause = graph.add(0, -1, ends)
        new_ends = []
        for pronunciation in pronunciations:
            before = [*ends, pause]
            for place, phone in enumerate(pronunciation):
                node = graph.add(PHONES.index(phone), number, before)
                if number == 0 and place == 0:
                    graph.first.append(node)
                before = [node]
            new_ends += before
        ends = new_ends
    graph.first.append(0)
    graph.last += [*ends, graph.add(0, -1, ends)]
    return graph


def _best_path(scores: Floats, graph: _Graph) -> tuple[list[int], float]:
    """Return the node of each output (Viterbi), and their summed score; `scores` has a column a node."""
    outputs, nodes = scores.shape
    widest = max(map(len, graph.before))
    before = np.array([[*some, *[nodes] * (widest - len(some))] for some in graph.before])
    best = np.full(nodes + 1, _NEVER)
    best[graph.first] = scores[0, graph.first]
    came_from = np.zeros((outputs, nodes), np.int32)
    rows = np.arange(nodes)
    for output in range(1, outputs):
        reached = best[before]
        choice = reached.argmax(axis=1)
        came_from[output] = before[rows, choice]
        best[:nodes] = reached[rows, choice] + scores[output]
    node = max(graph.last, key=lambda last: best[last])
    score = float(best[node])
    if score <= _NEVER / 2:
        raise ValueError("too little sound for the sentence")
    path = [node]
    for output in range(outputs - 1, 0, -1):
        path.append(int(came_from[output, path[-1]]))
    return path[::-1], score


def _segments(path: Sequence[int], graph: _Graph) -> tuple[Segment, ...]:
    """Return the stretches of equal nodes, in seconds since the first sample."""
    changes = [0, *(place for place in range(1, len(path)) if path[place] != path[place - 1]), len(path)]
    segments = []
    for start, end in pairwise(changes):
        node = path[start]
        from_s, to_s = (max(0.0, STEP_S * place + _OFFSET_S) for place in (start, end))
        segments.append(Segment(graph.phones[node], from_s, to_s, graph.words[node]))
    return tuple(segments)


def phone_scores(posteriors: Floats, priors: NDArray[np.float64], phone_of: NDArray[np.intp]) -> Floats:
    """Return log-likelihoods per phone, up to a constant, from those of states in context.

    `posteriors` have shape (outputs, PDFS), `priors` how often each state is seen, and `phone_of` the phone
    of each.
    """
    per_state = np.eye(len(PHONES))[phone_of]
    likelihoods = np.log(np.maximum(posteriors @ per_state, 1e-8)) - np.log(priors @ per_state)
    return likelihoods.astype(np.float32)
