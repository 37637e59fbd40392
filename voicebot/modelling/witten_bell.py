"""From sentences to a language model, smoothed by Witten and Bell's method.

Witten & Bell 1991, "The zero-frequency problem", method C: the more different words followed a context, the
more is left for those that have not yet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from voicebot.modelling.language_model import (
    NOWHERE,
    SENTENCE_END,
    UNKNOWN,
    ContextState,
    LanguageModel,
    Next,
)

_START: Final = "<s>"
_Context: TypeAlias = tuple[str, ...]
_MOST_OF_IT: Final = 0.999
"""What words with a count get at most together: backing off is never impossible."""


def train_language_model(
    sentences: Iterable[str] | Mapping[str, float],
    vocabulary: Iterable[str] = (),
    *,
    order: int = 3,
    unknown: float = 0.01,
    floor: float = 1.0,
    rarest: int = 2,
) -> LanguageModel:
    """Return the `order`-gram model of `sentences` (words with spaces between; "" for silence).

    They are each said once, or as often as a mapping says.

    Each word of `vocabulary` counts as if it had been said `floor` times more; `unknown` is the probability
    of a word outside it. The longest contexts remember only what followed them `rarest` times or more.
    """
    counts = _count(sentences, order)
    for word in sorted(set(vocabulary)):
        counts[()][word] = counts[()].get(word, 0.0) + floor
    total = sum(counts[()].values())
    known: dict[_Context, dict[str, float]] = {
        (): {word: (1 - unknown) * count / total for word, count in counts[()].items()}
    }
    if unknown:
        known[()][UNKNOWN] = unknown
    weights: dict[_Context, float] = {}
    for context in sorted(counts, key=lambda context: (len(context), context)):
        if not context:
            continue
        least = rarest if len(context) == order - 1 > 1 else 1
        seen = {word: count for word, count in counts[context].items() if count >= least}
        if seen:
            known[context], weights[context] = _smoothed(context, seen, counts[context], known, weights)
    return _automaton(known, weights, order)


def _count(sentences: Iterable[str] | Mapping[str, float], order: int) -> dict[_Context, dict[str, float]]:
    counts: defaultdict[_Context, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    said = sentences if isinstance(sentences, Mapping) else Counter(sentences)
    for sentence, times in said.items():
        words = (_START, *sentence.split(), SENTENCE_END)
        for at in range(1, len(words)):
            for size in range(min(order, at + 1)):
                counts[words[at - size : at]][words[at]] += times
    return {(): {}} | {context: dict(after) for context, after in counts.items()}


def _smoothed(
    context: _Context,
    seen: Mapping[str, float],
    all_seen: Mapping[str, float],
    known: Mapping[_Context, Mapping[str, float]],
    weights: Mapping[_Context, float],
) -> tuple[dict[str, float], float]:
    """Return the probabilities of the words seen in `context`, and the weight of backing off from it."""
    lower = {word: _probability(context[1:], word, known, weights) for word in seen}
    total, kinds = sum(all_seen.values()), len(seen)
    found = {word: (count + kinds * lower[word]) / (total + kinds) for word, count in seen.items()}
    mass = sum(found.values())
    if mass > _MOST_OF_IT:
        found = {word: _MOST_OF_IT * probability / mass for word, probability in found.items()}
        mass = _MOST_OF_IT
    return found, (1 - mass) / max(1e-6, 1 - sum(lower.values()))


def _probability(
    context: _Context,
    word: str,
    known: Mapping[_Context, Mapping[str, float]],
    weights: Mapping[_Context, float],
) -> float:
    weight = 1.0
    while context and word not in known.get(context, {}):
        weight, context = weight * weights.get(context, 1.0), context[1:]
    return weight * known[context].get(word, 0.0)


def _automaton(
    known: Mapping[_Context, Mapping[str, float]], weights: Mapping[_Context, float], order: int
) -> LanguageModel:
    numbers = {context: number for number, context in enumerate(known)}

    def number_of(context: _Context) -> int:
        while context not in numbers:
            context = context[1:]
        return numbers[context]

    states = []
    for context, probabilities in known.items():
        longest = max(0, len(context) + 2 - order)
        words = {
            word: Next(
                probability,
                NOWHERE
                if word == SENTENCE_END
                else number_of((*context, word)[longest:] if order > 1 else ()),
            )
            for word, probability in sorted(probabilities.items())
        }
        back_off = Next(weights[context], number_of(context[1:])) if context else None
        states.append(ContextState(words, back_off))
    return LanguageModel(states, number_of((_START,)))
