"""The acoustic front end: MFCC as Kaldi, and so libvosk, computes them (Davis and Mermelstein, 1980).

Equal to Kaldi's ``compute-mfcc-feats`` without dither, to the precision of single floats; `FrontEnd.conf` is
what tells libvosk to compute the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FRAME_S: Final = 0.010
"""Seconds from one frame to the next."""
WINDOW_S: Final = 0.025
FRAME_CENTRE_S: Final = WINDOW_S / 2
_PREEMPHASIS: Final = 0.97
_LIFTER: Final = 22.0
_FLOOR: Final = float(np.finfo(np.float32).eps)


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """MFCC of one rate and size; `telephone` is the one our models use."""

    rate: int = 8000
    mels: int = 30
    cepstra: int = 30
    low_hz: float = 60.0
    high_hz: float = 3800.0

    def conf(self) -> str:
        """Return the content of a Vosk model's ``conf/mfcc.conf``."""
        return (
            f"--sample-frequency={self.rate}\n--use-energy=false\n--num-mel-bins={self.mels}\n"
            f"--num-ceps={self.cepstra}\n--low-freq={self.low_hz:g}\n--high-freq={self.high_hz:g}\n"
            "--dither=0\n--allow-upsample=true\n--allow-downsample=true\n"
        )

    def features(self, sound: NDArray[Any]) -> Floats:
        """Return the MFCC of `sound` (mono at `rate`, scale of int16, shape (n,)): shape (frames, cepstra).

        Frames are 25 ms long, one each 10 ms, as many as fit whole.
        """
        window = int(self.rate * WINDOW_S)
        if sound.size < window:
            return np.zeros((0, self.cepstra), np.float32)
        step = int(self.rate * FRAME_S)
        frames = np.lib.stride_tricks.sliding_window_view(sound.astype(np.float32), window)[::step].copy()
        frames -= frames.mean(axis=1, keepdims=True)
        emphasised = frames * np.float32(1 - _PREEMPHASIS)
        emphasised[:, 1:] = frames[:, 1:] - np.float32(_PREEMPHASIS) * frames[:, :-1]
        spectrum = np.fft.rfft(emphasised * _povey_window(window), _fft_size(window))[:, :-1]
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        mel = np.log(np.maximum(power @ _mel_bank(self), np.float32(_FLOOR)))
        cepstra: Floats = mel @ self.cosines().T
        return cepstra

    def cosines(self) -> Floats:
        """Return the liftered cosine transform from log mel energies to cepstra: shape (cepstra, mels)."""
        return _cosines(self.mels, self.cepstra)


def frames_in(samples: int, rate: int = 8000) -> int:
    """Return how many frames fit in so many samples."""
    return max(0, 1 + (samples - int(rate * WINDOW_S)) // int(rate * FRAME_S))


def _fft_size(window: int) -> int:
    return 1 << (window - 1).bit_length()


@lru_cache
def _povey_window(size: int) -> Floats:
    """Return Kaldi's own window: a Hann window to the power 0.85."""
    return np.power(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / (size - 1)), 0.85).astype(np.float32)


@lru_cache
def _cosines(mels: int, cepstra: int) -> Floats:
    order = np.arange(cepstra)[:, None]
    transform = np.sqrt(2.0 / mels) * np.cos(np.pi / mels * (np.arange(mels)[None] + 0.5) * order)
    transform[0] = np.sqrt(1.0 / mels)
    lifter = 1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER)
    liftered: Floats = (transform * lifter).astype(np.float32)
    return liftered


@lru_cache
def _mel_bank(front: FrontEnd) -> Floats:
    """Return triangular filters, equally wide on the mel scale: shape (half the FFT size, mels)."""
    size = _fft_size(int(front.rate * WINDOW_S))
    mels = _mel(np.arange(size // 2) * front.rate / size)
    edges = np.linspace(_mel(front.low_hz), _mel(front.high_hz), front.mels + 2)
    rising = (mels[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mels[:, None]) / (edges[2:] - edges[1:-1])
    bank: Floats = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return bank


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)


telephone: Final = FrontEnd()
