"""Music for who waits, of our own making: nobody's rights, and gentle on a telephone line."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.telephony.transport import RATE

_BEAT_S: Final = 60 / 76
_BARS: Final = (
    ("C4 E4 G4 B4", "G5 E5"),
    ("A3 E4 G4 C5", "E5 C5"),
    ("F3 C4 E4 A4", "A5 G5"),
    ("G3 D4 F4 B4", "F5 D5"),
    ("E4 G4 B4 D5", "B4 D5"),
    ("A3 C4 E4 G4", "E5 G5"),
    ("D4 F4 A4 C5", "F5 A5"),
    ("G3 B3 D4 F4", "D5 B4"),
)
"""Of each bar the chord, which is broken over its eight quavers, and two notes of a tune above it."""
HOLD_MUSIC_S: Final = 4 * _BEAT_S * len(_BARS)
_QUAVERS: Final = (0, 1, 2, 3, 2, 1, 2, 1)
"""Which of the chord's notes sounds at each."""
_SEMITONES: Final = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
"""Above the A of the same octave."""
_TIMBRE: Final = (1.0, 0.35, 0.12, 0.05)
"""Loudness of the first partials, about an electric piano's: softer than a voice, and no pure tone."""
_DECAY_S: Final = 0.9
_ATTACK_S: Final = 0.012
_NOTE_S: Final = 2.4
_LEVEL_DBFS: Final = -28.0
"""Well below the prompts between it."""


def hold_music() -> NDArray[np.int16]:
    """Return the piece, 25 s to be repeated without a seam: int16 mono 8 kHz, shape (n,)."""
    bar = round(4 * _BEAT_S * RATE)
    piece = np.zeros(bar * len(_BARS))
    for number, (chord, tune) in enumerate(_BARS):
        start = number * bar
        notes = chord.split()
        for quaver, note in enumerate(_QUAVERS):
            _add(piece, start + quaver * bar // 8, _note(notes[note], 0.7))
        for half, name in enumerate(tune.split()):
            _add(piece, start + half * bar // 2 + bar // 8, _note(name, 0.6))
    scale = 32768 * 10 ** (_LEVEL_DBFS / 20) / float(np.sqrt(np.mean(piece**2)))
    return np.rint(piece * scale).astype(np.int16)


def _note(name: str, loudness: float) -> NDArray[np.float64]:
    """Return one note, such as ``C4``, struck and dying away."""
    hertz = 440 * 2 ** (int(name[1]) - 4 + _SEMITONES[name[0]] / 12)
    times = np.arange(round(_NOTE_S * RATE)) / RATE
    tones = (part * np.sin(2 * np.pi * k * hertz * times) for k, part in enumerate(_TIMBRE, start=1))
    envelope = np.minimum(times / _ATTACK_S, 1) * np.exp(-times / _DECAY_S)
    fading = np.minimum((_NOTE_S - times) / 0.2, 1)
    return np.asarray(loudness * sum(tones) * envelope * fading)


def _add(piece: NDArray[np.float64], start: int, sound: NDArray[np.float64]) -> None:
    """Mix `sound` into the piece; what goes beyond the end sounds on at its begin."""
    places = np.arange(start, start + sound.size) % piece.size
    piece[places] += sound
