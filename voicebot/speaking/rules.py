"""A rule of the normaliser: a pattern in written Dutch, and how it is spoken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from voicebot.speaking.number_words import LARGEST, cardinal, decimals, digits

INTEGER = r"(?:\d{1,3}(?:\.\d{3})+|\d+)"
"""A whole number as written, such as 12 or 1.250."""
NUMBER = rf"(?<![\w.,])({INTEGER})(?:,(\d+))?"
"""A number as written, such as 1.250,5; two groups: what stands before and after the comma."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Replace what `pattern` finds by what `speak` makes of it."""

    pattern: re.Pattern[str]
    speak: Callable[[re.Match[str]], str] | str

    def apply(self, text: str) -> str:
        """Return `text` with every find replaced."""
        return self.pattern.sub(self.speak, text)


def rule(pattern: str, speak: Callable[[re.Match[str]], str] | str, *, ignore_case: bool = False) -> Rule:
    """Return the rule for a pattern in text form."""
    return Rule(re.compile(pattern, re.IGNORECASE if ignore_case else 0), speak)


def quantity(integer: str, fraction: str | None = None) -> str:
    """Return how many there are of something, in words: ("12", "5") gives "twaalf komma vijf"."""
    value = integer.replace(".", "")
    words = cardinal(int(value)) if len(value) <= len(str(LARGEST)) else digits(value)
    return f"{words} komma {decimals(fraction)}" if fraction else words
