"""A folder for one process only, in memory where that can be, which does not outlive its process for long.

Its owner holds a lock on a file in it. The lock goes with the process, however that ends; so a folder that
nobody holds was left behind, and `sweep` removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

_MEMORY: Final = Path("/dev/shm")
_PREFIX: Final = "voicebot-"
_HELD: Final = ".held"


class PrivateFolder:
    """A new, empty folder that only this user can enter."""

    def __init__(self, kind: str) -> None:
        """Make it; `kind` becomes part of its name. Raises OSError."""
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-", dir=_home()))
        unlocked = self.path / f"{_HELD}.new"
        self._lock = os.open(unlocked, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unlocked.rename(self.path / _HELD)  # only now does a sweep see it

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sweep() -> None:
    """Remove the folders of processes that were killed."""
    for held in _home().glob(f"{_PREFIX}*/{_HELD}"):
        with suppress(OSError):  # held, gone meanwhile, or another user's
            lock = os.open(held, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(held.parent, ignore_errors=True)
            finally:
                os.close(lock)


def _home() -> Path:
    return _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
