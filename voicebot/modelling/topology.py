"""What a network's outputs stand for: left-biphone chain states, and Kaldi's numbering of them.

Each phone has one emitting HMM state with two outputs, as in Kaldi's chain models (Povey et al. 2016, "Purely
sequence-trained neural networks for ASR based on lattice-free MMI"): one for its first frame of 30 ms, one
for each further frame. The outputs differ by the class of the phone before, and silence knows no context.
The numbers are those that networks are trained with, so they never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from voicebot.modelling.phones import PHONES, SILENCE

Position: TypeAlias = Literal["nonword", "begin", "end", "internal", "singleton"]
"""Where in its word a phone stands: Vosk finds the borders of words by it (word_boundary.int)."""

_CLASSES: Final = (
    *(SILENCE, "i I y e: Y: EI Wy", "E A a:", "O o: u VU", "@ Y"),
    *("p t k b d", "f v s z x S h", "m n N", "l r", "j w"),
)
CLASSES: Final = len(_CLASSES)
"""How many kinds of left context there are; kind 0 is silence."""
CLASS_OF: Final = tuple(
    next(number for number, members in enumerate(_CLASSES) if phone in members.split()) for phone in PHONES
)
"""The class that a phone, by its index in `PHONES`, is as a left context."""
PDFS: Final = 2 + 2 * CLASSES * (len(PHONES) - 1)
"""How many outputs a network has."""


def first_pdf(left_class: int, phone: int) -> int:
    """Return the output for the first frame of `phone` (an index in `PHONES`); the next one is its loop's."""
    return 0 if phone == 0 else 2 + 2 * (left_class * (len(PHONES) - 1) + phone - 1)


@dataclass(frozen=True, slots=True)
class KaldiPhone:
    """A phone at a position in a word, as Kaldi counts phones."""

    id: int
    phone: int
    """Index in `PHONES`."""
    position: Position


_POSITIONS: Final[tuple[Position, ...]] = ("begin", "end", "internal", "singleton")
KALDI_PHONES: Final = (
    KaldiPhone(1, 0, "nonword"),
    *(
        KaldiPhone(2 + len(_POSITIONS) * (phone - 1) + place, phone, position)
        for phone in range(1, len(PHONES))
        for place, position in enumerate(_POSITIONS)
    ),
)
"""In order of their ids, from 1."""
_IDS: Final = {(PHONES[each.phone], each.position): each.id for each in KALDI_PHONES}


def kaldi_phone(phone: str, position: Position) -> int:
    """Return Kaldi's id of a phone at a position."""
    return _IDS[phone, position]


@dataclass(frozen=True, slots=True)
class TransitionState:
    """One row of Kaldi's transition model: what a phone in a context may use."""

    kaldi_phone: int
    forward_pdf: int
    loop_pdf: int


TRANSITION_STATES: Final = tuple(
    TransitionState(each.id, pdf, pdf + 1)
    for each in KALDI_PHONES
    for pdf in sorted({first_pdf(left, each.phone) for left in range(CLASSES)})
)
"""In the order that Kaldi asks for; a transition state's number is its place here, from 1."""
_NUMBERS: Final = {
    (state.kaldi_phone, state.forward_pdf): number for number, state in enumerate(TRANSITION_STATES, start=1)
}
TRANSITION_IDS: Final = 2 * len(TRANSITION_STATES)
"""The highest transition id; they begin at 1."""


def transition_ids(kaldi_phone: int, forward_pdf: int) -> tuple[int, int]:
    """Return the transition ids (first frame, further frames) of a phone with this output for its first."""
    number = _NUMBERS[kaldi_phone, forward_pdf]
    return 2 * number, 2 * number - 1
