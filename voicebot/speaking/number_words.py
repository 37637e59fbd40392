"""Numbers as Dutch words.

Built on num2words, whose Dutch is sound below a thousand; above it this
module reads as people do: 1100 is "elfhonderd" and not "duizendhonderd", and
after "duizend" comes a space, as the official spelling has it.
"""

from __future__ import annotations

from typing import Final

from num2words import num2words

LARGEST: Final = 10**12 - 1
"""The largest number that `cardinal` reads."""
_DIGITS: Final = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")


def cardinal(number: int) -> str:
    """Return `number` (0 to `LARGEST`) in words: 22 gives "tweeëntwintig", 1100 "elfhonderd"."""
    if number < 1000:
        return _below_thousand(number)
    if 1100 <= number < 2000:
        return _joined(f"{_below_thousand(number // 100)}honderd", number % 100)
    if number < 10**6:
        thousands = number // 1000
        head = "duizend" if thousands == 1 else f"{_below_thousand(thousands)}duizend"
        return _joined(head, number % 1000)
    size, name = (10**9, "miljard") if number >= 10**9 else (10**6, "miljoen")
    return _joined(f"{_below_thousand(number // size)} {name}", number % size)


def _joined(head: str, rest: int) -> str:
    return f"{head} {cardinal(rest)}" if rest else head


def _below_thousand(number: int) -> str:
    return str(num2words(number, lang="nl"))


def ordinal(number: int) -> str:
    """Return `number` (1 to 9999) as a rank: 3 gives "derde"."""
    return str(num2words(number, lang="nl", to="ordinal"))


def digits(text: str) -> str:
    """Return the digits of `text` one by one, in groups of two; an odd last one joins the last group."""
    words = [_DIGITS[int(digit)] for digit in text if digit.isdecimal()]
    even = len(words) - (3 if len(words) % 2 and len(words) > 1 else 0)
    groups = [words[at : at + 2] for at in range(0, even, 2)]
    return ", ".join(" ".join(group) for group in [*groups, words[even:]] if group)


def whole(text: str) -> str:
    """Return a written whole number in words; with five digits or more, or a leading zero, digit by digit."""
    if len(text) > 4 or (len(text) > 1 and text.startswith("0")):
        return digits(text)
    return cardinal(int(text))


def decimals(text: str) -> str:
    """Return what stands after a decimal comma, in words: "14" gives "veertien", "05" gives "nul vijf"."""
    if len(text) <= 2 and not text.startswith("0"):
        return cardinal(int(text))
    return " ".join(_DIGITS[int(digit)] for digit in text)
