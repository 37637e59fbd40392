"""Any word that is not in the vocabulary, as a loop over all phones: what `[unk]` sounds like."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ModelError
from voicebot.modelling.phones import PHONES
from voicebot.modelling.topology import CLASSES

_RAREST: Final = 1e-5


_KNOBS: Final = re.compile(r"# entry (\S+) each (\S+)\n")


@dataclass(frozen=True, slots=True)
class PhoneLoop:
    """A class-bigram of phones with two knobs, which training sets (`models/training`, stage tune).

    The dearer the loop, the more of what is no known word is heard as one; the cheaper, the more known words
    are lost.
    """

    probabilities: NDArray[np.float64]
    """Of each phone (column, by its index in `PHONES`) after a class of phones (row)."""
    entry: float = 2.0
    """Cost of beginning an unknown word."""
    each: float = 0.5
    """Cost of each of its phones, beside that of the probability; below 0 it makes them cheaper."""

    def cost(self, left_class: int, phone: int) -> float:
        """Return what `phone` costs after a phone of `left_class`."""
        return self.each - math.log(self.probabilities[left_class, phone] + _RAREST)


def read_phone_loop(file: Path) -> PhoneLoop:
    """Read a loop as `write_phone_loop` wrote it; raises ModelError.

    Without its first line, as in the first models, the knobs have their defaults.
    """
    try:
        text = file.read_text("utf-8")
        table = np.loadtxt(text.splitlines())
        knobs = [float(knob) for found in (_KNOBS.match(text),) if found for knob in found.groups()]
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read the phone loop of [unk]: {error}") from error
    if table.shape != (CLASSES, len(PHONES)):
        raise ModelError(
            f"{file} has {' x '.join(map(str, table.shape))} numbers, not {CLASSES} x {len(PHONES)}: "
            "the model has other phones than this version of voicebot, which cannot adapt it"
        )
    return PhoneLoop(table, *knobs)


def write_phone_loop(loop: PhoneLoop, file: Path) -> None:
    """Write a loop as text: its knobs, then its probabilities, a row for each class."""
    np.savetxt(file, loop.probabilities, fmt="%.6f", header=f"entry {loop.entry:g} each {loop.each:g}")
