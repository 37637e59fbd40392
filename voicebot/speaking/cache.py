"""Prompts that were rendered before, as WAV files in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import wave
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import RATE

_MAX_BYTES: Final = 64 * 2**20
"""Over an hour of prompts."""


class PromptCache:
    """Rendered prompts by what they were made of: engine, voice, rate and text, hashed to a file name.

    A file that is broken or cannot be read is a miss; when the disk refuses,
    nothing is kept and nothing breaks. Safe to share between processes.
    """

    def __init__(self, folder: Path, max_bytes: int = _MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def get(self, *made_of: str | int) -> NDArray[np.int16] | None:
        """Return the prompt (int16 mono 8 kHz, shape (n,)) made of exactly this, or None."""
        try:
            with wave.open(str(self._path(made_of)), "rb") as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
                whole = samples.size == file.getnframes() > 0
                return samples if whole and file.getparams()[:3] == (1, 2, RATE) else None
        except (OSError, EOFError, ValueError, wave.Error):
            return None

    def put(self, samples: NDArray[np.int16], *made_of: str | int) -> None:
        """Keep a prompt; the least recently written ones go when the folder is full."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(samples, self._path(made_of))
            self._make_room()
        except OSError:
            return

    def _path(self, made_of: tuple[str | int, ...]) -> Path:
        return self._folder / f"{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()}.wav"

    def _write(self, samples: NDArray[np.int16], path: Path) -> None:
        descriptor, temporary = tempfile.mkstemp(suffix=".part", dir=self._folder)
        with os.fdopen(descriptor, "wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
        Path(temporary).replace(path)

    def _make_room(self) -> None:
        files = sorted(
            (entry.stat().st_mtime_ns, entry.stat().st_size, entry.path) for entry in os.scandir(self._folder)
        )
        excess = sum(size for _, size, _ in files) - self._max_bytes
        for _, size, path in files:
            if excess <= 0:
                break
            Path(path).unlink(missing_ok=True)
            excess -= size
