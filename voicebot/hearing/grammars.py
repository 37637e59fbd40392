"""Named grammars: the few phrases that can be heard where a question allows no others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from voicebot.errors import UsageError
from voicebot.hearing.recogniser import UNKNOWN

_DIGITS: Final = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
_LETTERS: Final = tuple("abcdefghijklmnopqrstuvwxyz")
_HUMAN: Final = ("medewerker", "collega", "doorverbinden", "iemand spreken", "een mens")

GRAMMARS: Final[Mapping[str, tuple[str, ...]]] = {
    "yes_no": ("ja", "jazeker", "klopt", "dat klopt", "nee", "nee dat klopt niet", *_HUMAN, UNKNOWN),
    "digits": (*_DIGITS, UNKNOWN),
    "postcode": (*_DIGITS, *_LETTERS, UNKNOWN),
    "human": (*_HUMAN, UNKNOWN),
}
"""Phrases by the grammar's name; `UNKNOWN` stands for all else a caller may say."""


def parse_grammar(text: str) -> tuple[str, ...]:
    """Return the phrases of the grammar named `text`, or listed in it as JSON; raises UsageError."""
    if text in GRAMMARS:
        return GRAMMARS[text]
    try:
        phrases = json.loads(text)
    except ValueError:
        phrases = None
    if not isinstance(phrases, list) or not phrases or not all(isinstance(phrase, str) for phrase in phrases):
        names = ", ".join(GRAMMARS)
        raise UsageError(
            f'--grammar is one of {names}, or a JSON list such as ["ja", "nee", "[unk]"]; not {text!r}'
        )
    return tuple(phrases)
