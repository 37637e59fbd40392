"""Any word that is not in the vocabulary, as a loop over all phones: what `[unk]` sounds like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ModelError
from voicebot.modelling.phones import PHONES
from voicebot.modelling.topology import CLASSES

_RAREST: Final = 1e-5


@dataclass(frozen=True, slots=True)
class PhoneLoop:
    """A class-bigram of phones with two knobs, set by the benchmark of false accepts.

    The dearer the loop, the more of what is no known word is heard as one; the cheaper, the more known words
    are lost.
    """

    probabilities: NDArray[np.float64]
    """Of each phone (column, by its index in `PHONES`) after a class of phones (row)."""
    entry: float = 2.0
    """Cost of beginning an unknown word."""
    each: float = 0.5
    """Cost of each of its phones, beside that of the probability."""

    def cost(self, left_class: int, phone: int) -> float:
        """Return what `phone` costs after a phone of `left_class`."""
        return self.each - math.log(self.probabilities[left_class, phone] + _RAREST)


def read_phone_loop(file: Path) -> PhoneLoop:
    """Read a loop's probabilities as text, a row for each class; raises ModelError."""
    try:
        table = np.loadtxt(file)
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read the phone loop of [unk]: {error}") from error
    if table.shape != (CLASSES, len(PHONES)):
        raise ModelError(
            f"{file} has {' x '.join(map(str, table.shape))} numbers, not {CLASSES} x {len(PHONES)}: "
            "the model has other phones than this version of voicebot, which cannot adapt it"
        )
    return PhoneLoop(table)
