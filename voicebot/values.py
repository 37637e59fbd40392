"""What messages are made of: personal and other values, words with their times; and filling them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Personal:
    """A value that could identify a person; opaque to the engine, replaced by a token in storage."""

    kind: str
    """What it is: ``order_number``, ``postcode``, ``phone_number``, ..."""
    value: str = field(repr=False)

    def __str__(self) -> str:
        """Return ``<kind>``, so that a stray log line gives nothing away."""
        return f"<{self.kind}>"


Value: TypeAlias = Personal | bool | int | str
"""What slots, facts and arguments hold."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word of the caller, and when it was spoken."""

    text: str
    start_ms: int
    """Since the call started; right to about 50 ms."""
    end_ms: int
    certainty: float = 1.0
    """How likely it is right, 0..1."""


_PLACE: Final = re.compile(r"\{(\w+)\}")


def fill(template: str, values: Mapping[str, Value], *, reveal: bool) -> str:
    """Fill the ``{name}`` places of a prompt; with `reveal` personal values are shown, else their tokens.

    An unknown name raises KeyError.
    """

    def text(place: re.Match[str]) -> str:
        value = values[place[1]]
        return value.value if reveal and isinstance(value, Personal) else str(value)

    return _PLACE.sub(text, template)
