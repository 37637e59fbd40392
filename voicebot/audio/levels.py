"""How loud sound is, and making it as loud as wanted. All levels are dBFS: RMS against full scale (32768)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frames import FRAME_SAMPLES, Samples, to_samples

SILENCE_DBFS: Final = -100.0
"""The level given to digital silence."""
_ABSOLUTE_GATE: Final = -60.0
_RELATIVE_GATE: Final = -10.0


def rms_dbfs(samples: Samples) -> float:
    """Return the RMS level of `samples` (int16, shape (n,)); at least `SILENCE_DBFS`."""
    return _dbfs(_power(samples.astype(np.float64))) if samples.size else SILENCE_DBFS


def voiced_dbfs(samples: Samples) -> float:
    """Return the RMS level of the voiced part of `samples` (int16 mono 8 kHz, shape (n,)).

    Pauses are left out by the two gates of ITU-R BS.1770-4, on 20 ms frames:
    above -60 dBFS, then above 10 dB under the level of what the first gate left.
    """
    whole = samples[: samples.size - samples.size % FRAME_SAMPLES]
    frames = _power(whole.reshape(-1, FRAME_SAMPLES).astype(np.float64))
    heard = frames[frames > _from_dbfs(_ABSOLUTE_GATE)]
    if not heard.size:
        return SILENCE_DBFS
    return _dbfs(heard[heard > heard.mean() * 10 ** (_RELATIVE_GATE / 10)].mean())


def normalise(samples: Samples, dbfs: float) -> Samples:
    """Return `samples` (int16 mono 8 kHz, shape (n,)) with its voiced part at `dbfs`; too loud clips."""
    level = voiced_dbfs(samples)
    if level <= SILENCE_DBFS:
        return samples
    return to_samples(samples * 10 ** ((dbfs - level) / 20))


def _power(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    power: NDArray[np.float64] = np.mean(samples**2, axis=-1) / 32768.0**2
    return power


def _dbfs(power: np.float64 | NDArray[np.float64]) -> float:
    return max(SILENCE_DBFS, 10 * float(np.log10(np.maximum(power, 1e-30))))


def _from_dbfs(level: float) -> float:
    return float(10 ** (level / 10))
