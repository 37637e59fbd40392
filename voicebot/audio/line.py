"""What a telephone line does to a voice."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
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


@cache
def _band_pass() -> NDArray[np.float64]:
    """Return a linear-phase FIR filter: the difference of two windowed-sinc low-passes."""
    times = np.arange(_TAPS) - _TAPS // 2
    high, low = (2 * edge / RATE * np.sinc(2 * edge / RATE * times) for edge in (_HIGH_HZ, _LOW_HZ))
    filtering: NDArray[np.float64] = (high - low) * np.hamming(_TAPS)
    return filtering
