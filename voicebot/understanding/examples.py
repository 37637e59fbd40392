"""What callers of a bot may say, as sentences to make a speech model from."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import cycle
from typing import Final

from ruamel.yaml import YAML

from voicebot.understanding.numbers import below_100
from voicebot.understanding.slots import SlotSpec
from voicebot.understanding.spelling import ALPHABET
from voicebot.understanding.templates import Grammar, slot_word
from voicebot.understanding.text import normalise
from voicebot.understanding.wishes import IntentSpec

_WISHES: Final = 30
"""Sentences for each template of a wish, or more until each of its words was said."""
_ANSWERS: Final = 2000
"""Sentences for each template of a value: so many that no value is likelier than another."""
_ANSWER: Final = 1.0
"""How often one of those is said, where a wish is said once: a call has about as many of both."""
_MOST: Final = 20
"""Times as many sentences are tried for the sake of a word."""
_AT_ONCE: Final = 1 / 3
"""How often a wish is followed by a value in the same breath, where it is said once without."""
_VALUES: Final = 4
"""By how many different ones: with fewer, chance would make some digits far likelier than others."""
_UNKNOWN_LENGTH: Final = 6
_ONE_BY_ONE: Final = 0.7
"""Of the numbers are said digit by digit."""
_DOUBLED: Final = 0.2
"""Of the digits that are said twice are called double."""
_SPELLED: Final = 0.2
"""Of the postcodes have letters with words for them."""
_SELDOM: Final = 0.1
"""How often, beside another wish, a caller says what is seldom said."""
_VALUE: Final = "value"
_LETTERS: Final = "abcdeghjklmnprstvwxz"
"""Of all but the newest postcodes: f, i, o, q, u and y were left out, as they are easily misread."""
_PAIRS: Final = [
    f"{one} {two}" for one in _LETTERS for two in _LETTERS if one + two not in ("sa", "sd", "ss")
]
_SPELLING: Final = {
    letter: [word for word, meant in ALPHABET.items() if meant == letter] for letter in _LETTERS
}


def example_sentences(intents: Mapping[str, IntentSpec], slots: Mapping[str, SlotSpec]) -> dict[str, float]:
    """Return requests for a human and the like, answers, and wishes in all words of their templates.

    Each with how often it is said; the same ones every time. In small letters, without punctuation or digits,
    accents as in the templates. Raises BotError for a template that is malformed.
    """
    caller = _Caller(random.Random(0))
    said = YAML(typ="safe", pure=True).load(files(__package__).joinpath("examples.yaml").read_text("utf-8"))
    anybody = _sampled(said["anybody"], {}, _WISHES, caller)
    seldom = _sampled(said["seldom"], {}, _WISHES, _Caller(random.Random(0)))
    answers = [
        answer
        for slot in slots.values()
        for answer in _sampled(said[slot.type], {_VALUE: slot}, _ANSWERS, caller)
    ]
    templates = [template for spec in intents.values() for template in spec.templates]
    wishes = _sampled(templates, slots, _WISHES, caller)
    times: defaultdict[str, float] = defaultdict(float)
    for sentence in (*anybody, *wishes):
        times[sentence] += 1
    for sentence in seldom:
        times[sentence] += _SELDOM
    for sentence in answers:
        times[sentence] += _ANSWER
    for wish in wishes:
        for answer in caller.chance.sample(answers, _VALUES if answers else 0):
            times[f"{wish} {answer}"] += _AT_ONCE / _VALUES
    return dict(times)


def _sampled(
    templates: Sequence[str], slots: Mapping[str, SlotSpec], count: int, caller: _Caller
) -> list[str]:
    """Return at least `count` sentences for each template."""
    grammar = Grammar({}, dict.fromkeys(slots, ""))
    spelling = _spelling(templates)
    values = {slot_word(name): spec for name, spec in slots.items()}
    return [
        " ".join(
            caller.say(values[word]) if word in values else spelling.get(word, word) for word in sentence
        )
        for template in templates
        for sentence in _in_all_words(template, grammar, count, caller.chance)
    ]


def _in_all_words(
    template: str, grammar: Grammar, count: int, chance: random.Random
) -> Iterator[Sequence[str]]:
    """Yield sentences of a template until each of its words came by; slots as their `slot_word`."""
    parsed = grammar.parse(template)
    unsaid = set(normalise(re.sub(r"\{\w+\}", " ", template)).split())
    for number in range(_MOST * count):
        if number >= count and not unsaid:
            return
        sentence = grammar.sample(parsed, chance).split()
        if number < count or not unsaid.isdisjoint(sentence):
            unsaid.difference_update(sentence)
            yield sentence


def _spelling(templates: Iterable[str]) -> Mapping[str, str]:
    """Return words that the templates only write with accents, by what `normalise` makes of them."""
    written = {word for template in templates for word in re.findall(r"[^\W\d_]+", template.lower())}
    return {plain: word for word in sorted(written) if (plain := normalise(word)) not in written}


class _Caller:
    """Says values; each pair of a postcode's letters as often as any other."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._pairs = cycle(chance.sample(_PAIRS, len(_PAIRS)))

    def say(self, slot: SlotSpec) -> str:
        """Return some value of a slot in words, one time in five after a hesitation."""
        hesitation = self.chance.choice(("eh ", "ehm ", *("",) * 8))
        return hesitation + self._value(slot)

    def _value(self, slot: SlotSpec) -> str:
        match slot.type:
            case "yes_no":
                return self.chance.choice(("ja", "nee"))
            case "postcode":
                is_spelled = self.chance.random() < _SPELLED
                letters = self._spelled(self.chance.choice(_PAIRS)) if is_spelled else next(self._pairs)
                return f"{self._digits(str(self.chance.randint(1000, 9999)))} {letters}"
            case "phone":
                return self._digits(f"06{self.chance.randrange(10**8):08}")
        length = slot.length or _UNKNOWN_LENGTH
        return self._digits(f"{self.chance.randrange(10**length):0{length}}")

    def _spelled(self, letters: str) -> str:
        """Return letters in words of an alphabet: "de b van bernard johan"."""
        words = (self.chance.choice(_SPELLING[letter]) for letter in letters.split())
        forms = ("de {0} van {1}", "{0} van {1}", "{1}")
        return " ".join(self.chance.choice(forms).format(word[0], word) for word in words)

    def _digits(self, digits: str) -> str:
        """Return a number digit by digit or in pairs, of which one that begins with 0 is two digits.

        Of an odd number of digits the first or the last stands alone.
        """
        if self.chance.random() < _ONE_BY_ONE:
            spelled = " ".join(below_100(int(digit)) for digit in digits)
            return re.sub(r"\b(\w+) \1\b", self._twice, spelled)
        first = len(digits) % 2 and self.chance.randrange(2)
        pairs = [digits[:first], *(digits[at : at + 2] for at in range(first, len(digits), 2))]
        parts = [part for pair in pairs for part in (pair if pair.startswith("0") else [pair]) if part]
        return " ".join(below_100(int(part)) for part in parts)

    def _twice(self, pair: re.Match[str]) -> str:
        """Return a digit and itself again as some people say that: "dubbel vier"."""
        return f"dubbel {pair[1]}" if self.chance.random() < _DOUBLED else pair[0]
