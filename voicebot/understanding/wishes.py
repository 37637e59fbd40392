"""What a bot's callers can wish for: known wording by template, other wording by a guess."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from ruamel.yaml import YAML

from voicebot.errors import BotError
from voicebot.understanding.classifier import OUT_OF_SCOPE, Classifier
from voicebot.understanding.common import CommonDutch
from voicebot.understanding.templates import Grammar, slot_word
from voicebot.understanding.text import normalise

_SAMPLES = 300
"""Example sentences per intent to train on; more gained nothing on webshop_tuned_on.yaml."""


@dataclass(frozen=True, slots=True)
class IntentSpec:
    """What callers say for one wish."""

    templates: tuple[str, ...]
    """In hassil's notation, with slot names in braces."""


class Wishes:
    """Matches and guesses the intents of one bot. Sentences are those of `SlotReader.read`."""

    def __init__(self, intents: Mapping[str, IntentSpec], slots: Iterable[str], common: CommonDutch) -> None:
        """Train on the bot's own templates; raises BotError when one is malformed."""
        self._common = common
        grammar = Grammar({}, {name: slot_word(name) for name in slots}, common.skipped)
        self._patterns = {
            intent: re.compile(common.framed(_pattern(grammar, intent, spec)))
            for intent, spec in intents.items()
        }
        examples = [
            (self._plain(sentence), intent)
            for intent, spec in intents.items()
            for sentence in _samples(grammar, spec.templates)
        ]
        self._beginnings = _beginnings(examples)
        lines = YAML(typ="safe", pure=True).load(
            files(__package__).joinpath("out_of_scope.yaml").read_text("utf-8")
        )
        unrelated = [
            (self._plain(line), OUT_OF_SCOPE) for line in map(normalise, lines) if not self.match(line)
        ]
        training = [example for example in (*examples, *unrelated) if example[0]]
        self._classifier = Classifier(training) if examples else None

    def match(self, sentence: str) -> str | None:
        """Return the intent whose wording this is."""
        plain = self._common.without_politeness(sentence)
        bare = self._common.without_slots(plain)
        matches = (
            intent
            for form in dict.fromkeys((plain, bare))
            for intent, pattern in self._patterns.items()
            if pattern.fullmatch(form)
        )
        return next(matches, None)

    def guess(self, sentence: str) -> tuple[str | None, float]:
        """Return the likeliest intent (None: none of these) and how sure that is, 0..1."""
        if self._classifier is None:
            return None, 0.0
        label, confidence = self._classifier.guess(self._plain(sentence))
        return (None if label == OUT_OF_SCOPE else label), confidence

    def may_become_another(self, sentence: str) -> bool:
        """Return whether `sentence` also begins the wording of a wish other than the one that it matches."""
        return not self._beginnings.get(self._plain(sentence), set()) <= {self.match(sentence)}

    def _plain(self, sentence: str) -> str:
        return self._common.without_slots(self._common.without_politeness(sentence))


def _pattern(grammar: Grammar, intent: str, spec: IntentSpec) -> str:
    try:
        return grammar.pattern(spec.templates)
    except BotError as error:
        raise BotError(f"intent {intent!r}: {error.message}", quote=error.quote) from None


def _samples(grammar: Grammar, templates: tuple[str, ...]) -> Iterator[str]:
    """Yield about `_SAMPLES` sentences, evenly over the templates; the same ones every time."""
    chance = random.Random(0)
    for template in templates:
        parsed = grammar.parse(template)
        sentences = (grammar.sample(parsed, chance) for _ in range(-(-_SAMPLES // len(templates))))
        yield from dict.fromkeys(sentences)


def _beginnings(examples: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    """Return, for every unfinished example, the intents it may still become."""
    beginnings: defaultdict[str, set[str]] = defaultdict(set)
    for sentence, intent in examples:
        spoken = sentence.split()
        for length in range(1, len(spoken)):
            beginnings[" ".join(spoken[:length])].add(intent)
    return dict(beginnings)  # reading it must not write to it: partials come from many threads
