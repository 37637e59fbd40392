"""Inventing speakers: another pitch, tempo, vocal tract and timbre for each utterance.

Two readers are all the people there are to learn from, so each time one of their sentences is used, somebody
else says it. Pitch and formants move by resampling, tempo by WSOLA (Verhelst and Roelands, 1993), the
formants go their own way by warping the mel filters (Jaitly and Hinton, 2013), and timbre is a smooth change
of the long-term spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from training.features import Floats, Warp, telephone
from training.settings import SpeakerSpread
from voicebot.audio import RATE

_WINDOW: Final = 240
"""Samples of one piece in WSOLA: 30 ms, two to five periods of a voice."""
_SEARCH: Final = 80
"""Samples a piece may move to join well: 10 ms, one period of the lowest voices."""
_MOST_WARP: Final = 1.4
"""More would push the upper formants out of the band."""
_LEAST_STRETCH: Final = 0.02
"""A smaller change of tempo is not heard, and not done."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who does not exist, as factors against the recorded voice."""

    pitch: float
    tempo: float
    """Above 1 is faster."""
    low_formants: float
    high_formants: float
    timbre: Floats
    """Added to every frame's cepstra: shape (cepstra,)."""

    def speak(self, sound: NDArray[np.int16], rate: int) -> NDArray[np.float64]:
        """Return `sound` (mono at `rate`) in this pitch and tempo, 8 kHz, shape (n * 8000 / rate / tempo,).

        The formants have moved with the pitch; `warp` brings them where they belong.
        """
        shifted = soxr.resample(sound.astype(np.float32), rate * self.pitch, RATE).astype(np.float64)
        return stretch(shifted, self.pitch / self.tempo)

    @property
    def warp(self) -> Warp:
        """What the mel filters must do after `speak`."""
        low, high = self.low_formants / self.pitch, self.high_formants / self.pitch
        return Warp(round(min(low, _MOST_WARP), 2), round(min(high, _MOST_WARP), 2))


def invent(random: np.random.Generator, spread: SpeakerSpread) -> Speaker:
    """Return a new speaker; who has the shorter vocal tract tends to have the higher voice."""
    formants = _factor(random, spread.formants)
    shape = np.zeros(telephone.cepstra, np.float32)
    bends = 1 + np.arange(spread.timbre_bends)
    shape[bends] = random.normal(0, spread.timbre, bends.size) / np.sqrt(bends)
    return Speaker(
        pitch=formants * _factor(random, spread.pitch),
        tempo=_factor(random, spread.tempo),
        low_formants=formants * _factor(random, spread.single_formant),
        high_formants=formants * _factor(random, spread.single_formant),
        timbre=shape,
    )


def stretch(sound: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Return `sound` (8 kHz) `factor` times as long at the same pitch: shape (about n * factor,).

    Pieces overlap by half; each is taken where it continues the one before best (highest correlation).
    """
    if abs(factor - 1) < _LEAST_STRETCH or sound.size < 2 * _WINDOW:
        return sound
    hop = _WINDOW // 2
    fade = np.hanning(_WINDOW + 1)[:-1]
    padded = np.pad(sound, (_SEARCH, 2 * _WINDOW + _SEARCH))
    pieces = int(sound.size * factor) // hop
    out = np.zeros(pieces * hop + _WINDOW)
    start = _SEARCH
    for piece in range(pieces):
        if piece:
            wanted = padded[start + hop : start + hop + _WINDOW]
            around = min(int(piece * hop / factor), padded.size - _WINDOW - 2 * _SEARCH)
            near = padded[around : around + _WINDOW + 2 * _SEARCH]
            start = around + int(np.correlate(near, wanted, "valid").argmax())
            start = min(start, padded.size - hop - _WINDOW)
        out[piece * hop : piece * hop + _WINDOW] += fade * padded[start : start + _WINDOW]
    return out[: int(sound.size * factor)]


def _factor(random: np.random.Generator, spread: float) -> float:
    """Return a factor of which the logarithm lies evenly within `spread` of 0."""
    return float(np.exp(random.uniform(-spread, spread)))
