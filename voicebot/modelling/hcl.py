"""From a lexicon to what a decoder walks through: states of sound in, words out (Kaldi's HCL).

Between two words there may be silence; each phone is unfolded into its first frame and its further frames in
the context of the phone before (`topology`). `[unk]` is a loop over all phones. Nothing needs disambiguation
but the language model's backing off, for nothing is determinised after this.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from voicebot.modelling.language_model import UNKNOWN
from voicebot.modelling.openfst import Transducer, transducer
from voicebot.modelling.phone_loop import PhoneLoop
from voicebot.modelling.pronunciation_tree import WORD_END, PronunciationTree
from voicebot.modelling.topology import (
    CLASS_OF,
    KALDI_PHONES,
    TRANSITION_IDS,
    first_pdf,
    transition_ids,
)

BACK_OFF: Final = "#0"
"""The word that stands for backing off in the language model."""
BACK_OFF_ID: Final = TRANSITION_IDS + 1
"""What stands for it among the transition ids."""
_EVEN: Final = -math.log(0.5)
"""Silence between two words is as likely as none."""
_SILENCE: Final = KALDI_PHONES[0]


class _Place(NamedTuple):
    """A place between two phones."""

    kind: Literal["border", "word start", "in word", "in unknown"]
    """At a border silence may come first, at a word start it has come."""
    left_class: int
    node: int = 0


class _InPhone(NamedTuple):
    """A place inside a phone, which goes on or ends at `after`."""

    loop: int
    after: _Place


_Key: TypeAlias = _Place | _InPhone
_Arc: TypeAlias = tuple[int, int, float, _Key]
"""(transition id, word's label, cost, where it leads)"""


def expand(tree: PronunciationTree, loop: PhoneLoop, labels: Mapping[str, int]) -> Transducer:
    """Return the transducer from transition ids (0: none) to `labels` of words, `UNKNOWN` and `BACK_OFF`."""
    expansion = _Expansion(tree, loop, labels)
    start = _Place("border", 0)
    numbers: dict[_Key, int] = {start: 0}
    arcs, finals = [], {}
    walked: list[_Key] = [start]
    for key in walked:  # it grows meanwhile
        source = numbers[key]
        for taken, word, cost, after in expansion.arcs(key):
            if after not in numbers:
                numbers[after] = len(numbers)
                walked.append(after)
            arcs.append((source, taken, word, cost, numbers[after]))
        if isinstance(key, _Place) and key.kind in ("border", "word start"):
            finals[source] = _EVEN if key.kind == "border" else 0.0
    return transducer(arcs, finals, len(numbers), 0)


class _Expansion:
    """The arcs that leave a place."""

    def __init__(self, tree: PronunciationTree, loop: PhoneLoop, labels: Mapping[str, int]) -> None:
        self._tree, self._loop, self._labels = tree, loop, labels

    def arcs(self, key: _Key) -> Iterator[_Arc]:
        match key:
            case _InPhone(loop, after):
                yield loop, 0, 0.0, key
                yield 0, 0, 0.0, after
            case _Place("border", left_class):
                yield self._phone(_SILENCE.id, left_class, 0, _EVEN, _Place("word start", 0))
                yield from self._word_start(left_class, _EVEN)
            case _Place("word start", left_class):
                yield from self._word_start(left_class, 0.0)
            case _Place("in word", left_class, node):
                yield from self._branches(node, left_class, 0.0)
            case _Place("in unknown", left_class):
                yield from self._unknown("internal", left_class, 0, 0.0)
                yield from self._unknown("end", left_class, 0, 0.0)

    def _word_start(self, left_class: int, cost: float) -> Iterator[_Arc]:
        yield BACK_OFF_ID, self._labels[BACK_OFF], cost, _Place("word start", left_class)
        yield from self._branches(self._tree.root, left_class, cost)
        yield from self._unknown("begin", left_class, self._labels[UNKNOWN], cost + self._loop.entry)

    def _branches(self, node: int, left_class: int, cost: float) -> Iterator[_Arc]:
        for kaldi_phone, word, after in self._tree.nodes[node]:
            left = CLASS_OF[KALDI_PHONES[kaldi_phone - 1].phone]
            place = _Place("border", left) if after == WORD_END else _Place("in word", left, after)
            yield self._phone(kaldi_phone, left_class, self._labels[word] if word else 0, cost, place)

    def _unknown(
        self, position: Literal["begin", "internal", "end"], left_class: int, label: int, cost: float
    ) -> Iterator[_Arc]:
        kind: Literal["border", "in unknown"] = "border" if position == "end" else "in unknown"
        for each in KALDI_PHONES:
            if each.position == position:
                price = cost + self._loop.cost(left_class, each.phone)
                yield self._phone(each.id, left_class, label, price, _Place(kind, CLASS_OF[each.phone]))

    def _phone(self, kaldi_phone: int, left_class: int, label: int, cost: float, after: _Place) -> _Arc:
        """Return the arc into a phone; `after` is where that ends."""
        forward, loop = transition_ids(
            kaldi_phone, first_pdf(left_class, KALDI_PHONES[kaldi_phone - 1].phone)
        )
        return forward, label, cost, _InPhone(loop, after)
