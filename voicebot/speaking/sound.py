"""From the engine's sound to the telephone's: rate, band, level, and no silence around it."""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from voicebot.audio import RATE, normalise, voiced_dbfs

_LEVEL_DBFS: Final = -20.0
"""Level of the voiced part: as loud as a person on the line, with room for the peaks of speech."""
_PEAK: Final = 0.95 * 32767
_LOW_HZ: Final = (120.0, 220.0)
_HIGH_HZ: Final = (3300.0, 3600.0)
"""Between these the band's edges rise and fall; a telephone passes 300-3400 Hz (ITU-T G.712)."""
_SILENT: Final = 0.01
"""Part of the peak (-40 dB) under which sound at either end is taken for silence."""
_LEAD: Final = 20 * RATE // 1000
_TAIL: Final = 60 * RATE // 1000


def for_the_line(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    """Return speech (int16 mono at `rate`, shape (n,)) as a prompt: int16 mono 8 kHz, shape (m,).

    Voiced level -20 dBFS, never clipped; 20 ms of silence before and 60 ms after.
    """
    if not samples.any():
        return np.zeros(0, np.int16)
    sound = _band_passed(soxr.resample(samples.astype(np.float32), rate, RATE))
    sound = _trimmed(sound * np.float32(_PEAK / np.abs(sound).max()))
    prompt = np.rint(sound).astype(np.int16)
    return normalise(prompt, min(_LEVEL_DBFS, voiced_dbfs(prompt)))


def _band_passed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Filter in the frequency domain: no delay, and one pass over a sentence is a millisecond."""
    size = next_fast_len(sound.size, real=True)  # ten times as fast as some lengths
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    gain = np.interp(hertz, _LOW_HZ, (0, 1)) * np.interp(hertz, _HIGH_HZ, (1, 0))
    return np.fft.irfft(np.fft.rfft(sound, size) * gain, size)[: sound.size].astype(np.float32)


def _trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    heard = np.flatnonzero(np.abs(sound) > _SILENT * np.abs(sound).max())
    core = sound[heard[0] : heard[-1] + 1]
    return np.pad(core, (_LEAD, _TAIL))
