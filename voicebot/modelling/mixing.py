"""Two language models as one, in which a word is as likely as both together find it."""

from __future__ import annotations

from typing import Final, TypeAlias

from voicebot.modelling.language_model import NOWHERE, ContextState, LanguageModel, Next

_Pair: TypeAlias = tuple[int, int]
"""A state of the one and a state of the other: one state of the mixture."""
_LEAST: Final = 1e-6


def mix(first: LanguageModel, second: LanguageModel, share: float) -> LanguageModel:
    """Return `share` of `first` and the rest of `second`, as a back-off model of its own.

    A linear mixture (Jelinek & Mercer 1980) of two automata, which need not know the same words. Where
    neither remembers having seen a word, the mixture backs off.
    """
    mixture = _Mixture(first, second, share)
    for pair in sorted(mixture.numbers, key=mixture.depth):  # backing off leads to what is there already
        mixture.fill(pair)
    return mixture.model


class _Mixture:
    """The mixture's states, one for each pair that a sentence leads to or that such a pair backs off to."""

    def __init__(self, first: LanguageModel, second: LanguageModel, share: float) -> None:
        self._first, self._second, self._share = first, second, share
        self.numbers = {(first.start, second.start): 0}
        walked = list(self.numbers)
        for pair in walked:  # it grows meanwhile
            lower = self._lower(pair)
            after = [self._next(pair, word)[1] for word in self._words(pair)]
            for other in [*after, lower] if lower else after:
                if NOWHERE not in other and other not in self.numbers:
                    self.numbers[other] = len(self.numbers)
                    walked.append(other)
        self._states = [ContextState() for _ in walked]
        self.model = LanguageModel(self._states, 0)

    def depth(self, pair: _Pair) -> int:
        return self._first.depth(pair[0]) + self._second.depth(pair[1])

    def fill(self, pair: _Pair) -> None:
        """Give a pair its words and its way to back off; what it backs off to must have been filled."""
        words = {}
        for word in self._words(pair):
            probability, after = self._next(pair, word)
            words[word] = Next(probability, self.numbers.get(after, NOWHERE))
        lower = self._lower(pair)
        back_off = self._back_off(self.numbers[lower], words) if lower else None
        self._states[self.numbers[pair]] = ContextState(words, back_off)

    def _next(self, pair: _Pair, word: str) -> tuple[float, _Pair]:
        one, other = self._first.next(pair[0], word), self._second.next(pair[1], word)
        probability = self._share * one.probability + (1 - self._share) * other.probability
        return probability, (one.state, other.state)

    def _deeper(self, pair: _Pair) -> tuple[bool, bool]:
        """Return which of the two states remembers at least as much as the other."""
        one, other = self._first.depth(pair[0]), self._second.depth(pair[1])
        return one >= other, other >= one

    def _words(self, pair: _Pair) -> list[str]:
        """Return the words seen in the deeper state, or in both; backing off leads to those of the other."""
        one, other = self._deeper(pair)
        words = set(self._first.states[pair[0]].words if one else ())
        return sorted(words | set(self._second.states[pair[1]].words if other else ()))

    def _lower(self, pair: _Pair) -> _Pair | None:
        """Return the pair to back off to: the deeper state does, or both do."""
        one, other = self._deeper(pair)
        back_offs = self._first.states[pair[0]].back_off, self._second.states[pair[1]].back_off
        lower = (
            back_offs[0].state if one and back_offs[0] else pair[0],
            back_offs[1].state if other and back_offs[1] else pair[1],
        )
        return None if lower == pair else lower

    def _back_off(self, lower: int, words: dict[str, Next]) -> Next:
        """Return the way to state `lower`, with the weight that makes all probabilities add up to 1."""
        rest = 1 - sum(word.probability for word in words.values())
        lower_rest = 1 - sum(self.model.next(lower, word).probability for word in words)
        return Next(max(rest, _LEAST) / max(lower_rest, _LEAST), lower)
