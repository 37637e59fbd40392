"""The key that fields are encrypted with."""

from __future__ import annotations

import hashlib
import hmac
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from voicebot.errors import RecordsError, UnreadableError
from voicebot.secret_file import kept_secret


def open_key(path: Path) -> Fernet:
    """Return the cipher with the key in `path`, which is made when it is missing; raises RecordsError."""
    try:
        return Fernet(_read(path))
    except ValueError:
        raise RecordsError(
            f"{path} is no key; put the right one back, or move it away for a new one"
        ) from None


class Seal:
    """Encrypts texts with the key in a file, which is read or made at the first one; raises RecordsError."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    @cached_property
    def _cipher(self) -> Fernet:
        return open_key(self._key_file)

    @cached_property
    def _print_key(self) -> bytes:
        return hmac.digest(_read(self._key_file), b"fingerprints", hashlib.sha256)

    def close(self, text: str) -> str:
        """Return `text` encrypted."""
        return self._cipher.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text that `close` was given; raises UnreadableError if that was with another key."""
        try:
            return self._cipher.decrypt(sealed).decode()
        except InvalidToken:
            raise UnreadableError(
                f"what is stored was encrypted with another key than {self._key_file}; put that key back"
            ) from None

    def fingerprint(self, text: str) -> str:
        """Return what is the same for the same `text`, and tells nothing of it without the key."""
        return hmac.new(self._print_key, text.encode(), hashlib.sha256).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return kept_secret(path, Fernet.generate_key).strip()
    except OSError as error:
        raise RecordsError(
            f"the key {path} cannot be read or made ({error.strerror}); check its folder and owner"
        ) from None
