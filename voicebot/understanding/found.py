"""A value found in what was said, and what to do when the caller says two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_CORRECTIONS = frozenset({"nee", "sorry", "pardon", "fout", "wacht", "bedoel"})


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and the words it was said in."""

    value: str
    """In canonical form: ``12345``, ``5611BJ``, ``yes``."""
    start: int
    """Index of its first word."""
    end: int
    """Index after its last word."""


def settle(words: Sequence[str], found: Sequence[Found], pieces: frozenset[int]) -> Found | None:
    """Return the value that is meant, or None when that is not sure: asking again beats a wrong value.

    After a correction ("nee", "sorry", "ik bedoel") the last value counts, unless only a piece of a value
    follows ("... vijf, nee zes"). `pieces` are the indexes of words that could belong to a value. Two
    different values without a correction are undecided.
    """
    if not found:
        return None
    last = found[-1]
    slip = next((at for at in range(last.end, len(words)) if words[at] in _CORRECTIONS), len(words))
    if any(at > slip for at in pieces):
        return None
    if all(other.value == last.value for other in found):
        return last
    before = found[-2]
    return last if not _CORRECTIONS.isdisjoint(words[before.end : last.start]) else None
