"""Dutch postcodes as people say them: "zesenvijftig elf b j", "5611 BJ", "... de b van bernard"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stdnum.nl import postcode as rules

from voicebot.understanding.found import Found, settle
from voicebot.understanding.numbers import digit_runs, read_digits
from voicebot.understanding.spelling import read_pair

_DIGITS = 4
_NUMBER_BEFORE = 5
"""Digits before the postcode that are surely another number, not a slip of the tongue."""


def find_postcode(words: Sequence[str]) -> Found | None:
    """Find the Dutch postcode that `words` say, as "5611BJ"; None when there is none, or when unsure.

    The rules (no leading zero, no SA, SD or SS) are those of python-stdnum.
    """
    runs = digit_runs(words)
    numbers = {at for start, end in runs for at in range(start, end)}
    pieces = frozenset(numbers | {at for at, word in enumerate(words) if len(word) == 1})
    return settle(words, [found for run in runs if (found := _postcode(words, *run))], pieces)


def _postcode(words: Sequence[str], start: int, end: int) -> Found | None:
    """Read the postcode whose digits end at `end`, with its letters behind it."""
    if (letters := read_pair(words, end)) is None:
        return None
    after, pair = letters
    for first, digits in _last_four(words, start, end):
        if rules.is_valid(value := digits + pair.upper()):
            return Found(value, first, after)
    return None


def _last_four(words: Sequence[str], start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield (index, digits) of the four digits before `end`; another number may go right before them."""
    for first in range(start, end):
        four = [reading for reading in read_digits(words[first:end]) if len(reading) == _DIGITS]
        before = read_digits(words[start:first])
        if len(four) == 1 and (first == start or words[first - 1] == "en" or _is_number(before)):
            yield first, four[0]


def _is_number(readings: Sequence[str]) -> bool:
    return any(len(reading) >= _NUMBER_BEFORE for reading in readings)
