"""A secret of this site's own: a file that only its owner can read, made when first needed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept_secret(file: Path, make: Callable[[], bytes]) -> bytes:
    """Return what is in `file`; without one it is made. Raises OSError.

    Several processes may do this at once: the first one's secret stays.
    """
    if not file.exists():
        _write_whole(file, make())
    file.chmod(0o600)
    return file.read_bytes()


def _write_whole(file: Path, secret: bytes) -> None:
    """Write it aside, and give it its name if nothing has that yet."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(secret)
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            os.link(aside, file)
    finally:
        aside.unlink()
