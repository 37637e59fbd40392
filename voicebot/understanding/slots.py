"""Slot values in what was said. A new slot type is a finder and one row in `_FINDERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from voicebot.errors import BotError
from voicebot.expectation import Expectation
from voicebot.understanding.found import Found
from voicebot.understanding.numbers import (
    digit_runs,
    find_digits,
    find_score,
    split_numbers,
    without_letters,
)
from voicebot.understanding.phone import find_phone
from voicebot.understanding.postcode import find_postcode
from voicebot.understanding.templates import slot_word

_Finder: TypeAlias = Callable[[Sequence[str], int | None], Found | None]

_FINDERS: Mapping[str, _Finder] = {
    "postcode": lambda words, _length: find_postcode(words),
    "phone": lambda words, _length: find_phone(words),
    "digits": find_digits,
    "score": lambda words, _length: find_score(words),
}
"""By slot type, the most telling first: what one finds, the next does not see. ``yes_no`` is an intent."""

_TYPES = (*_FINDERS, "yes_no")


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """One piece of information that callers can give."""

    type: str
    """``digits``, ``postcode``, ``phone`` or ``yes_no``."""
    length: int | None = None
    """How many characters a value has, where that is fixed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence with its slot values taken out."""

    sentence: str
    """The words, with `slot_word` in the place of each value."""
    values: Mapping[str, str]
    """Slot -> canonical value."""


class SlotReader:
    """Finds the values of a bot's slots."""

    def __init__(self, slots: Mapping[str, SlotSpec]) -> None:
        """Check the slots; raises BotError when one has a type that nobody can read."""
        for name, spec in slots.items():
            if spec.type not in _TYPES:
                raise BotError(f"slot {name!r}: no such type {spec.type!r}; there is {', '.join(_TYPES)}")
        self._slots = dict(slots)

    def read(self, words: Sequence[str], expectation: Expectation) -> Reading:
        """Return the values in `words`; the slot that is asked for comes first where a value fits several."""
        left, values = split_numbers(words), {}
        if expectation.only_digits:
            left = without_letters(left)
        for name, spec in self._candidates(expectation):
            if found := _FINDERS[spec.type](left, spec.length):
                values[name] = found.value
                left[found.start : found.end] = [slot_word(name)]
        return Reading(" ".join(left), values)

    def is_within_number(self, reading: Reading, expectation: Expectation) -> bool:
        """Return whether a sentence ends in the midst of a number that some slot takes.

        Where a number is asked for, one digit is the beginning of it; elsewhere two are.
        """
        spoken = reading.sentence.split()
        asked = expectation.slot_type in _FINDERS
        if not asked and all(spec.type not in _FINDERS for spec in self._slots.values()):
            return False
        if asked and expectation.slot_type == "postcode" and len(spoken[-1]) == 1:
            return True  # the first of its two letters
        runs = digit_runs(spoken)
        return bool(runs) and runs[-1][1] == len(spoken) and (asked or runs[-1][1] - runs[-1][0] > 1)

    def _candidates(self, expectation: Expectation) -> list[tuple[str, SlotSpec]]:
        """Return the slots to look for; of two that look the same, only one that is asked for."""
        slots = dict(self._slots)
        asked = expectation.slot
        if asked and expectation.slot_type:
            slots[asked] = SlotSpec(expectation.slot_type, expectation.length)
        shapes = [(spec.type, spec.length) for spec in slots.values()]
        order = list(_FINDERS)
        return sorted(
            (
                (name, spec)
                for name, spec in slots.items()
                if spec.type in _FINDERS and (name == asked or shapes.count((spec.type, spec.length)) == 1)
            ),
            key=lambda slot: (order.index(slot[1].type), slot[0] != asked),
        )
