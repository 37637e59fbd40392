"""Reading the parameters of a binary Kaldi nnet3 model, as much as a start from another model needs."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ModelError

Component: TypeAlias = Mapping[str, NDArray[np.float64]]
"""The vectors and matrices of a component, by token: ``LinearParams``, ``StatsMean``, ..."""


def read_components(file: Path) -> dict[str, Component]:
    """Return the components of the network in `file` by name; raises ModelError when it is no such file."""
    data = file.read_bytes()
    try:
        reader = _Reader(data, data.index(b"<NumComponents> "))
        reader.token()
        (count,) = struct.unpack("<i", reader.number())
        return dict(reader.component() for _ in range(count))
    except (ValueError, struct.error) as error:
        raise ModelError(f"{file} is not a binary Kaldi nnet3 model: {error}") from error


class _Reader:
    """Walks over tokens and values."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data, self._position = data, position

    def token(self) -> str:
        end = self._data.index(b" ", self._position)
        name = self._data[self._position : end].decode("ascii")
        self._position = end + 1
        return name

    def number(self) -> bytes:
        """Return the bytes of an integer or a float."""
        size = self._data[self._position]
        if size not in (4, 8):
            raise ValueError(f"no number at byte {self._position}")
        return self._take(1 + size)[1:]

    def component(self) -> tuple[str, Component]:
        self.token()
        name, kind = self.token(), self.token()
        content: dict[str, NDArray[np.float64]] = {}
        key = ""
        while key != f"</{kind[1:]}":
            if self._next(b"<"):
                key = self.token()
                if key == "<TimeOffsets>":
                    self._take(4 * struct.unpack("<i", self.number())[0])
            elif self._next(b"FV ") or self._next(b"FM "):
                content[key.strip("<>")] = self._array()
            elif self._next(b"T") or self._next(b"F"):
                self._take(1)
            else:
                self.number()
        return name, content

    def _array(self) -> NDArray[np.float64]:
        is_matrix = self._take(3) == b"FM "
        shape = [struct.unpack("<i", self.number())[0] for _ in range(2 if is_matrix else 1)]
        values = np.frombuffer(self._take(4 * int(np.prod(shape))), "<f4")
        return values.reshape(shape).astype(np.float64)

    def _next(self, start: bytes) -> bool:
        return self._data.startswith(start, self._position)

    def _take(self, size: int) -> bytes:
        taken = self._data[self._position : self._position + size]
        if len(taken) < size:
            raise ValueError("it ends too early")
        self._position += size
        return taken
