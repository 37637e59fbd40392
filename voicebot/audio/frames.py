"""The sound of a telephone line, cut in frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.int16]
"""16-bit sound; mono at 8 kHz, shape (n,), unless said otherwise."""

RATE = 8000
"""Samples per second on the line."""
FRAME_MS = 20
FRAME_SAMPLES = RATE * FRAME_MS // 1000
FRAME_BYTES = 2 * FRAME_SAMPLES
"""One frame: 20 ms of 16-bit little-endian mono at 8 kHz."""


def to_samples(values: NDArray[np.floating[Any]]) -> Samples:
    """Return `values` (on the scale of int16, any shape) rounded to samples; what is too loud clips."""
    samples: Samples = np.clip(np.rint(values), -32768, 32767).astype(np.int16)
    return samples


class Framer:
    """Cuts a stream of pieces of any length into whole frames; what is left over waits for the next piece."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, samples: bytes) -> Iterator[bytes]:
        """Yield the frames (`FRAME_BYTES` each) that `samples` completes."""
        stream = self._rest + samples
        whole = len(stream) - len(stream) % FRAME_BYTES
        self._rest = stream[whole:]
        for start in range(0, whole, FRAME_BYTES):
            yield stream[start : start + FRAME_BYTES]
