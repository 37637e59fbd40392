"""Stages that resume: a stage's manifest is written last and whole, so a folder that has one is finished."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is done, and how much of how much."""
Facts: TypeAlias = Mapping[str, float | int | str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished stage says of itself."""

    seconds: float
    """How long it took, over all sittings."""
    facts: Facts


@contextmanager
def whole_file(file: Path) -> Iterator[IO[bytes]]:
    """Open `file` for writing; it appears under its name once it is whole and on disk."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        with partial.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a stage's folder; None when the stage is not finished."""
    try:
        return Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Finish the stage of `folder`."""
    plain = {"seconds": round(manifest.seconds, 1), "facts": dict(manifest.facts)}
    with whole_file(folder / "manifest.json") as out:
        out.write(json.dumps(plain, indent=1, ensure_ascii=False).encode())


class Stopwatch:
    """Counts the seconds of a stage, also those of sittings before this one."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "seconds"
        self._before = float(self._file.read_text()) if self._file.is_file() else 0.0
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it took up to now."""
        return self._before + time.monotonic() - self._start

    def save(self) -> None:
        """Keep the count for a later sitting."""
        with whole_file(self._file) as out:
            out.write(str(self.seconds).encode())
