"""G.711 A-law and mu-law, table driven, on numpy.

Decision and output values follow ITU-T G.711 tables 1 and 2 on the 16-bit
scale; a value that lies on a decision value, and negative values, go as in the
ITU's own reference code (G.191 `g711.c`, one's complement).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frames import Samples

_CODE = np.arange(128)
_SEGMENT, _STEP = _CODE >> 4, _CODE & 15


def _decoder(levels: NDArray[np.int64], inversion: int) -> Samples:
    """Return the sample of each of the 256 codes; `levels` are the positive ones, ascending."""
    table = np.empty(256, np.int16)
    table[(_CODE | 0x80) ^ inversion] = levels
    table[_CODE ^ inversion] = -levels
    return table


def _encoder(decisions: NDArray[np.int64], inversion: int) -> NDArray[np.uint8]:
    """Return the code of each of the 65,536 samples, indexed by the sample seen as unsigned."""
    samples = np.arange(65536).astype(np.uint16).view(np.int16)
    magnitudes = np.where(samples < 0, ~samples, samples)
    codes = np.searchsorted(decisions, magnitudes, side="right") - 1
    return (np.where(samples < 0, codes, codes | 0x80) ^ inversion).astype(np.uint8)


_ALAW_STEP = 16 << np.maximum(_SEGMENT - 1, 0)
_ALAW_DECISIONS = (_STEP + 16 * (_SEGMENT > 0)) * _ALAW_STEP
_ALAW_INVERSION = 0x55
_ALAW_DECODER = _decoder(_ALAW_DECISIONS + _ALAW_STEP // 2, _ALAW_INVERSION)
_ALAW_ENCODER = _encoder(_ALAW_DECISIONS, _ALAW_INVERSION)

_ULAW_STEP = 8 << _SEGMENT
_ULAW_BIAS = 132
_ULAW_LEVELS = _STEP * _ULAW_STEP + (_ULAW_BIAS << _SEGMENT) - _ULAW_BIAS
_ULAW_INVERSION = 0x7F
_ULAW_DECODER = _decoder(_ULAW_LEVELS, _ULAW_INVERSION)
_ULAW_ENCODER = _encoder(_ULAW_LEVELS - _ULAW_STEP // 2, _ULAW_INVERSION)


def alaw_encode(samples: Samples) -> bytes:
    """Return `samples` (int16, shape (n,)) as n bytes of A-law."""
    return _ALAW_ENCODER[samples.view(np.uint16)].tobytes()


def alaw_decode(data: bytes) -> Samples:
    """Return n bytes of A-law as int16 samples, shape (n,)."""
    return _ALAW_DECODER[np.frombuffer(data, np.uint8)]


def ulaw_encode(samples: Samples) -> bytes:
    """Return `samples` (int16, shape (n,)) as n bytes of mu-law."""
    return _ULAW_ENCODER[samples.view(np.uint16)].tobytes()


def ulaw_decode(data: bytes) -> Samples:
    """Return n bytes of mu-law as int16 samples, shape (n,)."""
    return _ULAW_DECODER[np.frombuffer(data, np.uint8)]
