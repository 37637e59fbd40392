"""Sentence templates in hassil's notation, as regular expressions and as example sentences.

hassil parses them: ``(a|b)``, ``[optional]``, ``(this; that)`` in any order, ``<rule>`` and ``{slot}``. Its
matching is for whole sentences; as regular expressions templates can also be looked for inside a sentence,
and be framed by greetings and thanks.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from itertools import permutations

from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    TextChunk,
)
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from voicebot.errors import BotError
from voicebot.understanding.text import normalise

SPACE = r"\b ?+"
"""Between two words a space; where an optional part was left out, nothing. One way only (possessive): with a
choice of where the space belongs, matching would take exponential time."""


def slot_word(name: str) -> str:
    """Return the word that stands for the value of slot `name` in a sentence."""
    return f"slot_{name}"


class Grammar:
    """What templates may refer to, and the words that do not count in them.

    `rules` are templates by name, used as ``<name>``; `slots` are patterns by name, used as ``{name}``;
    `skipped` are words that templates may have but sentences do not ("graag").
    """

    def __init__(
        self, rules: Mapping[str, str], slots: Mapping[str, str], skipped: frozenset[str] = frozenset()
    ) -> None:
        self._slots = slots
        self._skipped = skipped
        self._rules: dict[str, Expression] = {}
        for name, rule in rules.items():
            self._rules[name] = self.parse(rule)

    def parse(self, template: str) -> Expression:
        """Return `template` parsed; raises BotError when it is malformed or names what does not exist."""
        try:
            expression = parse_sentence(template).expression
        except (ParseError, AssertionError, ValueError):
            raise BotError(
                f"template {template!r}: brackets do not match, or one is empty", quote=template
            ) from None
        for part in _walk(expression):
            if isinstance(part, ListReference) and part.list_name not in self._slots:
                raise BotError(
                    f"template {template!r}: {{{part.list_name}}} is not a slot of this bot", quote=template
                )
            if isinstance(part, RuleReference) and part.rule_name not in self._rules:
                raise BotError(f"template {template!r}: there is no rule <{part.rule_name}>", quote=template)
        return expression

    def pattern(self, templates: Iterable[str]) -> str:
        """Return one regular expression for all `templates`."""
        return "(?:" + "|".join(self._pattern(self.parse(template)) for template in templates) + ")"

    def _pattern(self, part: Expression) -> str:
        match part:
            case TextChunk(text=text):
                return self._text_pattern(text)
            case Alternative(items=items):
                return f"(?:{'|'.join(map(self._pattern, items))})"
            case Permutation(items=items):
                orders = ("".join(map(self._pattern, order)) for order in permutations(items))
                return f"(?:{'|'.join(orders)})"
            case Group(items=items):
                return "".join(map(self._pattern, items))
            case ListReference(list_name=name):
                return self._slots[name]
            case RuleReference(rule_name=name):
                return f"(?:{self._pattern(self._rules[name])})"
        raise AssertionError(part)

    def _text_pattern(self, text: str) -> str:
        """Return the pattern of a piece of text, which may begin or end inside a word."""
        pieces = (piece for piece in re.split(r"(\s+)", text) if piece)
        return "".join(SPACE if piece.isspace() else self._word_pattern(piece) for piece in pieces)

    def _word_pattern(self, piece: str) -> str:
        return "" if piece in self._skipped else SPACE.join(normalise(piece).split())

    def sample(self, part: Expression, chance: random.Random) -> str:
        """Return one sentence that a parsed template allows; slots stand in it as their `slot_word`."""
        return " ".join(self._sample(part, chance).split())

    def _sample(self, part: Expression, chance: random.Random) -> str:
        match part:
            case TextChunk(text=text):
                return re.sub(r"\S+", lambda word: normalise(word[0]), text)
            case Alternative(items=items):
                return self._sample(chance.choice(items), chance)
            case Permutation(items=items):
                return "".join(self._sample(item, chance) for item in chance.sample(items, len(items)))
            case Group(items=items):
                return "".join(self._sample(item, chance) for item in items)
            case ListReference(list_name=name):
                return slot_word(name)
            case RuleReference(rule_name=name):
                return self._sample(self._rules[name], chance)
        raise AssertionError(part)


def _walk(part: Expression) -> Iterable[Expression]:
    yield part
    if isinstance(part, Group):
        for item in part.items:
            yield from _walk(item)
