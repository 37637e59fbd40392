"""A lexicon as its smallest automaton: beginnings shared until words differ, endings where they are equal.

Made top-down, each node known by what is still to be said from it, it comes out determinised and minimised
(Mohri 1997, "Finite-state transducers in language and speech processing") without either algorithm. A word
is told on the first arc where no other is left.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from voicebot.modelling.lexicon import Lexicon
from voicebot.modelling.phones import Pronunciation
from voicebot.modelling.topology import kaldi_phone

WORD_END: Final = -1
"""The node after a whole word."""
_Rest: TypeAlias = frozenset[tuple[tuple[int, ...], str | None]]
"""What can still come: the phones, and the word that they are of (None: it was told)."""


class Branch(NamedTuple):
    """An arc of the tree."""

    kaldi_phone: int
    word: str | None
    node: int


@dataclass(slots=True)
class PronunciationTree:
    """`nodes[root]` begins every word."""

    root: int = 0
    nodes: list[tuple[Branch, ...]] = field(default_factory=list)
    _known: dict[_Rest, int] = field(default_factory=dict)

    def add(self, rest: _Rest) -> int:
        """Return the node from which exactly `rest` can come."""
        if rest in self._known:
            return self._known[rest]
        by_phone: defaultdict[int, set[tuple[tuple[int, ...], str | None]]] = defaultdict(set)
        for phones, word in rest:
            by_phone[phones[0]].add((phones[1:], word))
        branches = [branch for phone in sorted(by_phone) for branch in self._branches(phone, by_phone[phone])]
        self.nodes.append(tuple(branches))
        self._known[rest] = len(self.nodes) - 1
        return self._known[rest]

    def _branches(self, phone: int, after: set[tuple[tuple[int, ...], str | None]]) -> list[Branch]:
        words = {word for _, word in after}
        if not all(phones for phones, _ in after):  # the last phone of a word is never one within another
            return [Branch(phone, word, WORD_END) for word in sorted(words, key=lambda word: word or "")]
        if len(words) > 1:
            return [Branch(phone, None, self.add(frozenset(after)))]
        (word,) = words
        return [Branch(phone, word, self.add(frozenset((phones, None) for phones, _ in after)))]


def pronunciation_tree(lexicon: Lexicon) -> PronunciationTree:
    """Return the tree of all pronunciations of a lexicon that has some."""
    tree = PronunciationTree()
    tree.root = tree.add(
        frozenset(
            (_placed(phones), word) for word, pronunciations in lexicon.items() for phones in pronunciations
        )
    )
    return tree


def _placed(phones: Pronunciation) -> tuple[int, ...]:
    if len(phones) == 1:
        return (kaldi_phone(phones[0], "singleton"),)
    first, *inner, last = phones
    middle = (kaldi_phone(phone, "internal") for phone in inner)
    return (kaldi_phone(first, "begin"), *middle, kaldi_phone(last, "end"))
