"""The key that fields are encrypted with: a file that only its owner can read, made when first needed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from voicebot.errors import RecordsError


def open_key(path: Path) -> Fernet:
    """Return the cipher with the key in `path`, which is made when it is missing; raises RecordsError.

    Several processes may do this at once: the first one's key stays.
    """
    try:
        if not path.exists():
            _make(path)
        path.chmod(0o600)
        return Fernet(path.read_bytes().strip())
    except OSError as error:
        raise RecordsError(
            f"the key {path} cannot be read or made ({error.strerror}); check its folder and owner"
        ) from None
    except ValueError:
        raise RecordsError(
            f"{path} is no key; put the right one back, or move it away for a new one"
        ) from None


def _make(path: Path) -> None:
    """Write a whole key aside, and give it its name if none has that yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()
