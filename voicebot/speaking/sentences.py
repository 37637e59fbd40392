"""Text in sentences, so that the first is heard while the next is made; in clauses for who listens slowly."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import RATE

SENTENCE_PAUSE: Final[NDArray[np.int16]] = np.zeros(170 * RATE // 1000, np.int16)
"""Between two sentences of a prompt; with the silence around each the caller hears a quarter of a second."""
SLOW_PAUSE: Final[NDArray[np.int16]] = np.zeros(350 * RATE // 1000, np.int16)
"""Between two clauses for a caller who asked to speak slower: time to take each in."""
_BETWEEN: Final = re.compile(r"(?<=[.?!])(?<!\b[A-Z]\.)\s+")
"""White space after the end of a sentence, but not after an initial."""
_CLAUSES: Final = re.compile(r"(?<=[,;:])\s+|(?<!\btot)\s+(?=(?:en|of|maar|want|omdat|zodat) (?:\S+ ){2})")
"""White space between two clauses; "tot en met" is one word in this."""
_SHORTEST: Final = 3
"""Words that a clause has at least; fewer stay with their neighbour."""


def sentences(text: str) -> list[str]:
    """Return the sentences of normalised `text`, in order."""
    return [sentence for sentence in _BETWEEN.split(text.strip()) if sentence]


def clauses(text: str) -> list[str]:
    """Return the clauses of normalised `text`, in order."""
    found: list[str] = []
    for sentence in sentences(text):
        first, *rest = _CLAUSES.split(sentence)
        found.append(first)
        for clause in rest:
            if min(len(clause.split()), len(found[-1].split())) < _SHORTEST:
                found[-1] += f" {clause}"
            else:
                found.append(clause)
    return found
