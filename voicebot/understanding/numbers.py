"""Dutch numbers as people say them on the telephone, read back as a string of digits.

Digit by digit ("een twee drie"), in pairs ("twaalf vierendertig"), as an amount ("twaalfduizend
driehonderdvijfenveertig", "zesenvijftighonderd elf"), repeated ("dubbel vijf", "drie keer nul"), typed,
and any mixture of these. text2num reads amounts only, and one way only; a spoken order number has
several readings, and its known length decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from voicebot.understanding.found import Found, settle

_UNITS = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
_TEENS = (
    *("tien", "elf", "twaalf", "dertien", "veertien"),
    *("vijftien", "zestien", "zeventien", "achttien", "negentien"),
)
_TENS = ("twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")
_BELOW_100 = {
    **{word: value for value, word in enumerate(_UNITS + _TEENS)},
    **{word: 10 * tens for tens, word in enumerate(_TENS, 2)},
    **{
        f"{unit}en{word}": 10 * t + u for t, word in enumerate(_TENS, 2) for u, unit in enumerate(_UNITS) if u
    },
    "zeuven": 7,  # said so on purpose, to keep it apart from "negen"
}
_MARKS = {word: value for value, word in enumerate(_UNITS[:6]) if value} | {str(n): n for n in range(1, 6)}
_REPEATS = {"dubbel": 2, "dubbele": 2, "tweemaal": 2, "driemaal": 3, "viermaal": 4}
_TIMES = frozenset({"keer", "maal"})
_JOINERS = frozenset({"en", "dan", "daarna", "vervolgens", "streepje", "spatie", "komma", "punt"})
_AND = ("en", "n")
"""In "vijf en veertig"; the second is what a recogniser hears of it in "vijfenveertig"."""
_MOST_WORDS = 40
_MOST_READINGS = 64
_SHORTEST = 3
"""Digits that a number of unknown length needs to be told from "twee" in "twee keer gebeld"."""

_Amount: TypeAlias = tuple[int, int]
"""(index after its words, value)"""
_Group: TypeAlias = tuple[int, str]
"""(index after its words, digits)"""
_Reader: TypeAlias = Callable[[Sequence[str], int], Iterator[_Amount]]


def split_numbers(words: Sequence[str]) -> list[str]:
    """Return `words` with amounts taken apart: "driehonderdelf" gives "drie", "honderd", "elf"."""
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    parts = [part for part in re.split("(honderd|duizend)", word) if part]
    parts = [part[2:] if part[:2] == "en" and part[2:] in _BELOW_100 else part for part in parts]
    known = all(part in _BELOW_100 or part in ("honderd", "duizend") for part in parts)
    return parts if known else [word]


def without_letters(words: Sequence[str]) -> list[str]:
    """Return `words` (from `split_numbers`) with "een" for each "e" in a number that has no letters.

    A recogniser hears the one for the other, and only one of them can be in such a number.
    """
    return ["een" if _is_one(words, place) else word for place, word in enumerate(words)]


def _is_one(words: Sequence[str], place: int) -> bool:
    """Return whether the word at `place` is an "e" after a number, and before one or the end."""
    after = words[place + 1 : place + 2]
    return words[place] == "e" and place > 0 and is_number(words[place - 1]) and all(map(is_number, after))


def below_100(value: int) -> str:
    """Return `value`, from 0 to 99, as it is written: 22 gives "tweeëntwintig"."""
    tens, unit = divmod(value, 10)
    if tens < 2:
        return (_UNITS + _TEENS)[value]
    joined = _UNITS[unit] + ("ën" if _UNITS[unit].endswith("e") else "en") if unit else ""
    return joined + _TENS[tens - 2]


def is_number(word: str) -> bool:
    """Return whether `word` (from `split_numbers`) is a number, or a part of one."""
    return word.isdecimal() or word in _BELOW_100 or word in ("honderd", "duizend")


def digit_runs(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where numbers are said in `words`, each as long as it goes: [(start, end), ...]."""
    runs, at = [], 0
    while at < len(words):
        end = _run_end(words, at)
        if end > at:
            runs.append((at, end))
        at = max(end, at + 1)
    return runs


def _run_end(words: Sequence[str], at: int) -> int:
    end = at
    while group := next(_groups(words, at), None):
        end = at = group[0]
        while at < len(words) and words[at] in _JOINERS:
            at += 1
    return end


def read_digits(words: Sequence[str]) -> tuple[str, ...]:
    """Return every way to read all of `words` as digits, the most natural first; () for no number."""
    if len(words) > _MOST_WORDS:
        return ()
    return tuple(dict.fromkeys(islice(_readings(words, 0), _MOST_READINGS)))


def find_digits(words: Sequence[str], length: int | None) -> Found | None:
    """Find the number of `length` digits (None: any length) that `words` say; None when unsure."""
    runs = digit_runs(words)
    pieces = frozenset(at for start, end in runs for at in range(start, end))
    found = [Found(value, *run) for run in runs if (value := _value(words, run, length))]
    return settle(words, found, pieces)


def find_score(words: Sequence[str]) -> Found | None:
    """Find the last mark from 1 to 5 in `words`: "een vier" is a four; None when there is a higher number."""
    said = [(at, _MARKS.get(word)) for at, word in enumerate(words) if is_number(word)]
    if not said or any(mark is None for _, mark in said):
        return None
    at, mark = said[-1]
    return Found(str(mark), at, at + 1)


def _value(words: Sequence[str], run: tuple[int, int], length: int | None) -> str | None:
    start, end = run
    alone = end - start == len(words)
    readings = read_digits(words[start:end])
    if not readings or (words[start:end] == ["een"] and not alone):  # "een" is mostly "a"
        return None
    if length is None:
        return readings[0] if alone or len(readings[0]) >= _SHORTEST else None
    fitting = [reading for reading in readings if len(reading) == length]
    return fitting[0] if len(fitting) == 1 else None


def _readings(words: Sequence[str], at: int) -> Iterator[str]:
    if at == len(words):
        yield ""
    for after, digits in _groups(words, at):
        following = after
        while following < len(words) and words[following] in _JOINERS:
            following += 1
        yield from (digits + rest for rest in _readings(words, following))


def _groups(words: Sequence[str], at: int) -> Iterator[_Group]:
    """Yield the ways to read the next breath of a number, the longest first."""
    if at >= len(words):
        return
    word = words[at]
    if repeat := _repeat(words, at):
        times, target = repeat
        for start in (target, target + 1) if words[target : target + 1] in (["de"], ["een"]) else (target,):
            yield from ((after, digits * times) for after, digits in _once(words, start))
    elif word.isdecimal():
        yield at + 1, word
    else:
        amounts = [*_thousands(words, at)] or [*_hundreds(words, at)]
        if not amounts or word == "een":  # "een honderd" may be 1, 100; "drie honderd" is never 3, 100
            amounts += _below_100(words, at)
        yield from ((after, str(value)) for after, value in amounts)


def _repeat(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """Return (times, index of what is repeated) for "dubbel ...", "drie keer ..."."""
    if words[at] in _REPEATS:
        return _REPEATS[words[at]], at + 1
    times = _BELOW_100.get(words[at], 0)
    if 2 <= times <= 4 and _TIMES.issuperset(words[at + 1 : at + 2]) and at + 2 < len(words):
        return times, at + 2
    return None


def _once(words: Sequence[str], at: int) -> Iterator[_Group]:
    if words[at : at + 1] and words[at].isdecimal():
        yield at + 1, words[at]
    yield from ((after, str(value)) for after, value in _below_100(words, at))


def _below_100(words: Sequence[str], at: int) -> Iterator[_Amount]:
    value = _BELOW_100.get(words[at]) if at < len(words) else None
    if value is None:
        return
    tens = (
        _BELOW_100.get(words[at + 2], 0)
        if words[at + 1 : at + 2] and words[at + 1] in _AND and at + 2 < len(words)
        else 0
    )
    if 1 <= value <= 9 and tens >= 20 and tens % 10 == 0:  # "vijf en veertig"
        yield at + 3, tens + value
    else:
        yield at + 1, value


def _hundreds(words: Sequence[str], at: int) -> Iterator[_Amount]:
    yield from _multiples(words, at, "honderd", 100, _below_100)


def _thousands(words: Sequence[str], at: int) -> Iterator[_Amount]:
    yield from _multiples(words, at, "duizend", 1000, _below_1000)


def _below_1000(words: Sequence[str], at: int) -> Iterator[_Amount]:
    yield from (read for read in _hundreds(words, at) if read[1] < 1000)
    yield from _below_100(words, at)


def _multiples(words: Sequence[str], at: int, name: str, size: int, smaller: _Reader) -> Iterator[_Amount]:
    """Yield "[head] honderd [tail]" (or duizend): with the tail, and without, as that may stand by itself."""
    heads = [(at, 1)] if words[at : at + 1] == [name] else [*smaller(words, at)]
    for after, head in heads:
        if head and list(words[after : after + 1]) == [name]:
            tail_at = after + 1 + (list(words[after + 1 : after + 2]) == ["en"])
            yield from ((end, head * size + tail) for end, tail in smaller(words, tail_at) if 0 < tail < size)
            yield after + 1, head * size
