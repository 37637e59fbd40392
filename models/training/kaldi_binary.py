"""Kaldi's binary format: tokens, numbers, vectors, matrices (src/base/io-funcs, src/matrix there)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

HEADER: Final = b"\0B"
"""How a binary file begins."""
_INT_SIZE: Final = b"\4"
_FLOAT_SIZE: Final = b"\4"
_STEPS: Final = 65535


def token(name: str) -> bytes:
    """Return a token: text that ends in a space."""
    return name.encode() + b" "


def tagged(name: str, *content: bytes) -> bytes:
    """Return `content` after ``<name>``."""
    return token(f"<{name}>") + b"".join(content)


def enclosed(name: str, *content: bytes) -> bytes:
    """Return `content` between ``<name>`` and ``</name>``."""
    return tagged(name, *content) + token(f"</{name}>")


def integer(value: int) -> bytes:
    """Return a 32-bit integer."""
    return _INT_SIZE + struct.pack("<i", value)


def real(value: float) -> bytes:
    """Return a single float."""
    return _FLOAT_SIZE + struct.pack("<f", value)


def boolean(value: bool) -> bytes:
    """Return a boolean."""
    return b"T" if value else b"F"


def integers(values: Iterable[int]) -> bytes:
    """Return a vector of 32-bit integers."""
    numbers = list(values)
    return _INT_SIZE + np.array([len(numbers), *numbers], "<i4").tobytes()


def vector(values: NDArray[Any] | Iterable[float]) -> bytes:
    """Return a vector of single floats."""
    numbers = np.asarray(values, "<f4")
    return b"FV " + integer(numbers.size) + numbers.tobytes()


def compressed_matrix(values: NDArray[Any]) -> bytes:
    """Return a matrix in 16 bits a value, evenly between its lowest and highest (CompressedMatrix, ``CM2``).

    Half the size of floats; Kaldi expands it on loading wherever it expects a matrix.
    """
    lowest = float(values.min())
    span = max(float(values.max()) - lowest, 1e-9)
    steps = np.rint((values.astype(np.float64) - lowest) / span * _STEPS).astype("<u2")
    header = struct.pack("<ffii", lowest, span, *values.shape)
    return b"CM2 " + header + np.ascontiguousarray(steps).tobytes()
