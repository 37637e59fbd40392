"""Invented values for the tokens of a redacted call: the same token always gets the same value."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Final

from stdnum import iban
from stdnum.nl import bsn

from voicebot.expectation import Expectation

TOKEN: Final = re.compile(r"<([a-z0-9_]+):\d+>")
"""What redaction leaves of a personal value, such as ``<postcode:1>``."""
NUMBER: Final = "number"
"""The kind of a number in free speech; which slot it filled, if any, is another token."""
_WORDS: Final = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
_DIGITS: Final = "1235689"
"""Digits that our own small model hears well in a row: "zeven vier" it takes for "zeven nul vier"."""
_LETTERS: Final = "ahjknor"
"""Letters that it hears well by their names; b is taken for p, w for "twee", u for "nul"."""
_NAMES: Final = ("de vries", "jansen", "bakker", "visser", "smit", "meijer", "mulder", "de boer")
_STREETS: Final = ("kerkstraat", "dorpsstraat", "molenweg", "schoolstraat", "stationsweg", "beatrixlaan")
_LENGTH: Final = 5
"""Digits of a number whose length is not fixed."""
_TRIES: Final = 20
"""Values tried to find one that is not taken yet."""


class Substitutes:
    """Gives each token of one call a value of the right shape, whose checksum holds."""

    def __init__(self, slots: Mapping[str, Expectation]) -> None:
        """`slots`: how the value of each slot is spoken, by its name, which is the kind of its tokens."""
        self._slots = slots
        self._values: dict[str, str] = {}

    def value(self, token: str) -> str:
        """Return the value for a token, as it is written: ``38512``, ``5619KA``."""
        if token not in self._values:
            kind = token.strip("<>").partition(":")[0]
            chance = random.Random(token)
            tries = [self._invent(kind, chance) for _ in range(_TRIES)]
            taken = self._values.values()
            self._values[token] = next((value for value in tries if value not in taken), tries[0])
        return self._values[token]

    def spoken(self, token: str) -> str:
        """Return the value for a token as a caller says it: "drie acht vijf een twee"."""
        value = self.value(token)
        if re.fullmatch(r"\d+[A-Z]{0,2}", value):
            return " ".join(_WORDS[int(sign)] if sign.isdecimal() else sign.lower() for sign in value)
        return value

    def _invent(self, kind: str, chance: random.Random) -> str:
        shape = self._slots.get(kind, Expectation())
        match kind:
            case "name":
                return chance.choice(_NAMES)
            case "address":
                return f"{chance.choice(_STREETS)} {chance.choice(_WORDS[1:])}"
            case "email":
                return f"beller{_digits(2, chance)}@example.nl"
            case "caller_number":
                return f"0612{_digits(6, chance)}"
            case _ if shape.slot_type == "phone":
                return f"06{_digits(8, chance)}"
            case "iban":
                account = f"TEST0{_digits(9, chance)}"
                return f"NL{iban.calc_check_digits(f'NL00{account}')}{account}"
            case "bsn":
                return _bsn(chance)
            case _ if kind == NUMBER:
                return _digits(self._meaningless_length(), chance)
            case _ if shape.slot_type == "postcode":
                return _digits(4, chance) + "".join(chance.sample(_LETTERS, 2)).upper()
            case _:
                return _digits(shape.length or _LENGTH, chance)

    def _meaningless_length(self) -> int:
        """Return a number of digits, at least 3, that answers no question of this bot."""
        taken = {shape.length for shape in self._slots.values() if shape.slot_type == "digits"}
        return next(length for length in range(3, 100) if length not in taken)


def _digits(count: int, chance: random.Random) -> str:
    """Return `count` digits, no two the same in a row: those are heard as one."""
    digits = chance.choice(_DIGITS)
    while len(digits) < count:
        digits += chance.choice(_DIGITS.replace(digits[-1], ""))
    return digits


def _bsn(chance: random.Random) -> str:
    """Return nine digits that pass the Dutch eleven test."""
    while not bsn.is_valid(number := _digits(9, chance)):
        pass
    return number
