"""What a telephone line does to a voice."""

from __future__ import annotations

import io
from functools import cache
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from voicebot.audio.frames import RATE, Samples, to_samples
from voicebot.audio.g711 import alaw_decode, alaw_encode

_LOW_HZ: Final = 300
_HIGH_HZ: Final = 3400
_TAPS: Final = 201
"""Enough for edges of about 130 Hz (Hamming window: 3.3 * rate / taps)."""


def telephone(samples: Samples) -> Samples:
    """Return `samples` (int16 mono 8 kHz, shape (n,)) as heard over the telephone, in step with the input.

    A 300-3400 Hz band-pass (ITU-T G.712) and one A-law round trip (G.711).
    """
    if not samples.size:
        return samples
    passed = np.convolve(samples.astype(np.float64), _band_pass())[_TAPS // 2 : _TAPS // 2 + samples.size]
    return alaw_decode(alaw_encode(to_samples(passed)))


class BandPass:
    """The same band-pass, piece by piece; what comes out is 12.5 ms late."""

    def __init__(self) -> None:
        self._past = np.zeros(_TAPS - 1)

    def push(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the next samples, as many as go in: shape (n,)."""
        joined = np.concatenate([self._past, samples])
        self._past = joined[-(_TAPS - 1) :]
        return np.convolve(joined, _band_pass(), mode="valid")


def gsm(samples: Samples) -> Samples:
    """Return `samples` (int16 mono 8 kHz, shape (n,)) after a GSM 06.10 full-rate round trip."""
    coded = io.BytesIO()
    soundfile.write(coded, samples, RATE, format="WAV", subtype="GSM610")
    coded.seek(0)
    decoded: Samples = soundfile.read(coded, dtype="int16")[0]
    return np.pad(decoded, (0, max(0, samples.size - decoded.size)))[: samples.size]


@cache
def _band_pass() -> NDArray[np.float64]:
    """Return a linear-phase FIR filter: the difference of two windowed-sinc low-passes."""
    times = np.arange(_TAPS) - _TAPS // 2
    high, low = (2 * edge / RATE * np.sinc(2 * edge / RATE * times) for edge in (_HIGH_HZ, _LOW_HZ))
    filtering: NDArray[np.float64] = (high - low) * np.hamming(_TAPS)
    return filtering
