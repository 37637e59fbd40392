"""The key that fields are encrypted with."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet

from voicebot.errors import RecordsError
from voicebot.secret_file import kept_secret


def open_key(path: Path) -> Fernet:
    """Return the cipher with the key in `path`, which is made when it is missing; raises RecordsError."""
    try:
        return Fernet(kept_secret(path, Fernet.generate_key).strip())
    except OSError as error:
        raise RecordsError(
            f"the key {path} cannot be read or made ({error.strerror}); check its folder and owner"
        ) from None
    except ValueError:
        raise RecordsError(
            f"{path} is no key; put the right one back, or move it away for a new one"
        ) from None
