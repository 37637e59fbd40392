"""Telephone numbers: said to the bot, keyed, or as Asterisk tells them, in one form."""

from __future__ import annotations

import re
from collections.abc import Sequence

from voicebot.understanding.found import Found, settle
from voicebot.understanding.numbers import digit_runs, read_digits

_DUTCH = re.compile(r"(?:(?:\+|00)?31(?:\(0\)|0)?|0)(?P<rest>(?!800|90[069])[1-9]\d{8})")
"""Nine digits after the trunk 0 (Dutch numbering plan); paid numbers (0900, 0906, 0909) are nobody's own."""
_INTERNATIONAL = re.compile(r"(?:\+|00)(?P<rest>[1-9]\d{7,14})")
"""E.164: at most 15 digits, the country's code with them."""
_TAKEN_BY_VOICE = ("0", "+32")
"""Dutch and Belgian numbers; what calls back must not be led to a paid number far away."""


def phone_number(text: str) -> str | None:
    """Return a number to call back: ``0612345678``, or ``+32470123456`` from abroad; None for no number."""
    bare = re.sub(r"[^\d+()]", "", text)
    if dutch := _DUTCH.fullmatch(bare):
        return f"0{dutch['rest']}"
    if (foreign := _INTERNATIONAL.fullmatch(bare)) and not foreign["rest"].startswith("31"):
        return f"+{foreign['rest']}"
    return None


def find_phone(words: Sequence[str]) -> Found | None:
    """Find the Dutch or Belgian number that `words` say; None when there is none, or when unsure."""
    runs = digit_runs(words)
    pieces = frozenset(at for start, end in runs for at in range(start, end))
    return settle(words, [found for run in runs if (found := _phone(words, *run))], pieces)


def _phone(words: Sequence[str], start: int, end: int) -> Found | None:
    """Read one run of numbers, with the "plus" before it."""
    first = start - 1 if list(words[start - 1 : start]) == ["plus"] else start
    plus = "+" if first < start else ""
    numbers = {phone_number(plus + reading) for reading in read_digits(words[start:end])} - {None}
    number = next(iter(numbers), None)
    if len(numbers) != 1 or number is None or not number.startswith(_TAKEN_BY_VOICE):
        return None
    return Found(number, first, end)
