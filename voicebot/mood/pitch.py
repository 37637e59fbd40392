"""The pitch of a voice, and where there is a voice.

SWIPE (Camacho and Harris 2008): the candidate wins whose harmonics lie on the peaks of the spectrum, and
between whose harmonics there is little. It looks at the harmonics that the telephone lets through. YIN needs
the fundamental that it cuts off: of the frames that are taken for voiced here, librosa's is wrong by more
than a semitone in 18 % (16 % in noise at 10 dB), this in 3 % (5 %). Its constants were chosen by that, on 93
clips of EMO-DB against pYIN on the whole band; feelings had no part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from voicebot.mood.spectrum import FREQUENCIES, Flags, Values, band, moving_mean

LOWEST_HZ: Final = 70.0
HIGHEST_HZ: Final = 500.0
"""Between a low man and a woman who shouts."""

_STEP: Final = 0.25
"""Semitones between candidates."""
_HEARD: Final = band(250, 2500)
_NEAR: Final = band(100, 2650)
_WHITE_BINS: Final = 39
"""Bins (300 Hz) of the mean that each one is divided by, so that formants do not hide harmonics."""
_OCTAVE_COST: Final = 0.12
_KNEE_HZ: Final = 200.0
"""A candidate's strength falls with its frequency to the power of the one, up to the other: a low voice is
easily taken for its second or third harmonic, which its formants make strong; a high one is not."""
_SMOOTH: Final = 5
"""Frames that strengths are averaged over."""
_OCTAVE: Final = (0.72, 1.9)
"""Times the 35th and the 65th percentile: outside it is an octave error (De Looze and Hirst 2008)."""


@dataclass(frozen=True, slots=True)
class Pitch:
    """Pitch of each frame of a turn, shape (frames,) each."""

    semitones: Values
    """Above 27.5 Hz, as in GeMAPS (Eyben et al. 2016); means something only where `strength` is high."""
    strength: Values
    """How well the spectrum fits the harmonics of that pitch (SWIPE): 1 is a perfect fit."""


def track(spectra: Values) -> Pitch:
    """Return the pitch in `spectra` (`voicebot.mood.spectrum.powers`), shape (frames, 513)."""
    amplitudes = np.sqrt(spectra[:, _NEAR])
    around = moving_mean(amplitudes, _WHITE_BINS, axis=1)
    white = amplitudes / (around + 0.02 * amplitudes.max(axis=1, keepdims=True) + 1e-9)
    white = np.minimum(white, 3.0)[:, _HEARD[_NEAR]]
    white /= np.linalg.norm(white, axis=1, keepdims=True) + 1e-9
    strengths = moving_mean(white @ _kernels(), _SMOOTH, axis=0)
    best = strengths.argmax(axis=1)
    return Pitch(12 * np.log2(_candidates()[best] / 27.5), strengths[np.arange(best.size), best])


def believable(semitones: Values) -> Flags:
    """Return which of the pitches of one turn's voiced frames are no octave errors: shape (frames,)."""
    low, high = np.percentile(semitones, (35, 65))
    floor, ceiling = (12 * np.log2(times) for times in _OCTAVE)
    return np.asarray((semitones >= low + floor) & (semitones <= high + ceiling))


@cache
def _candidates() -> Values:
    count = int(12 * np.log2(HIGHEST_HZ / LOWEST_HZ) / _STEP) + 1
    return np.asarray(LOWEST_HZ * 2 ** (np.arange(count) * _STEP / 12))


@cache
def _kernels() -> Values:
    """Return what the spectrum is compared with for each candidate: shape (bins heard, candidates).

    A cosine with its peaks on the harmonics, its valleys half as deep, decaying with the root of frequency.
    """
    ratio = FREQUENCIES[_HEARD, None] / _candidates()
    near = np.abs(ratio - np.rint(ratio)) < 0.25
    kernels = np.where(near, 1.0, 0.5) * np.cos(2 * np.pi * ratio) / np.sqrt(np.maximum(ratio, 0.5))
    kernels[ratio < 0.25] = 0.0
    kernels /= np.linalg.norm(np.maximum(kernels, 0.0), axis=0)
    cost = (np.minimum(_candidates(), _KNEE_HZ) / LOWEST_HZ) ** _OCTAVE_COST
    return np.asarray(kernels / cost)
