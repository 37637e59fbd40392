"""Short-time spectra of a turn, and taking the steady noise of the line out of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from voicebot.audio import RATE, Samples

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOP: Final = 80
"""Samples from one frame to the next: 10 ms."""
HOP_S: Final = HOP / RATE
_FRAME: Final = 512
"""Samples in a frame: 64 ms, so that the harmonics of a low voice stand apart."""
_SIZE: Final = 1024
"""Samples of the Fourier transform: bins of 7.8 Hz."""
FREQUENCIES: Final[Values] = np.fft.rfftfreq(_SIZE, 1 / RATE).astype(np.float64)
"""Hz of each bin, shape (513,)."""

_NOISE_SHARE: Final = 0.1
"""The share of frames, the quietest, that are taken for noise."""
_FLOOR: Final = 0.05
"""What subtraction leaves of a bin at least (the spectral floor of Berouti et al. 1979)."""
_EMPTY: Final = 20.0
"""RMS on the scale of int16 under which a frame is an empty line; A-law's smallest steps are 8."""
_PARTIAL: Final = 1 + _FRAME // (2 * HOP)
"""Frames at either end that are partly beyond it, so less noisy than the line is."""
_WINDOW: Final[Values] = np.hanning(_FRAME) / np.linalg.norm(np.hanning(_FRAME))


def band(low_hz: float, high_hz: float) -> Flags:
    """Return which bins lie in [low_hz, high_hz): shape (513,)."""
    return (low_hz <= FREQUENCIES) & (high_hz > FREQUENCIES)


TELEPHONE: Final = band(300, 3400)
"""The bins that every telephone line carries."""


def powers(samples: Samples) -> Values:
    """Return the power spectrum of a frame each 10 ms of `samples` (int16 mono 8 kHz, shape (n,)).

    Shape (1 + n // 80, 513). Beyond the ends is silence; white noise of power p has p in each bin.
    """
    padded = np.pad(samples.astype(np.float64), _FRAME // 2)
    frames = sliding_window_view(padded, _FRAME)[: samples.size + 1 : HOP]
    spectra = np.fft.rfft(frames * _WINDOW, _SIZE, axis=1)
    return np.asarray(spectra.real**2 + spectra.imag**2)


def without_noise(spectra: Values) -> Values:
    """Return `spectra` (shape (frames, bins)) less the mean spectrum of the quietest tenth of the frames.

    Power spectral subtraction (Boll 1979, Berouti et al. 1979): noise on the line then changes little of what
    is measured of the voice.
    """
    level = spectra.mean(axis=1)
    sounding = np.flatnonzero(level[_PARTIAL:-_PARTIAL] > _EMPTY**2) + _PARTIAL
    if not sounding.size:
        return spectra
    quietest = sounding[np.argsort(level[sounding])[: max(1, round(_NOISE_SHARE * sounding.size))]]
    return np.asarray(np.maximum(spectra - spectra[quietest].mean(axis=0), _FLOOR * spectra))


def decibels(power: Values) -> Values:
    """Return `power` in dB, any shape."""
    return np.asarray(10 * np.log10(np.maximum(power, 1e-9)))


def moving_mean(values: Values, width: int, axis: int) -> Values:
    """Return the mean of the `width` (odd) values around each along `axis`, fewer at the ends: same shape."""
    half, size = width // 2, values.shape[axis]
    sums = np.cumsum(values, axis=axis)
    sums = np.insert(sums, 0, 0.0, axis=axis)
    low, high = np.maximum(np.arange(size) - half, 0), np.minimum(np.arange(size) + half + 1, size)
    counts = (high - low)[:, None] if axis == 0 else high - low
    return np.asarray((sums.take(high, axis=axis) - sums.take(low, axis=axis)) / counts)
