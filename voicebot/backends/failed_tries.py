"""How often callers gave details that fit nobody: across calls, workers and restarts of voicebot."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from voicebot.errors import BackendError
from voicebot.secret_file import kept_secret

WINDOW_S = 3600.0
WAIT_S = 1.0
"""For other workers that write."""


class FailedTries:
    """A count that holds for all workers, in a database and under a key of its own in `folder`.

    A number has `most` tries within an hour, and all callers without one `withheld` together; 0 is no limit.
    It holds no numbers but their keyed hashes, and those for an hour. `now` gives seconds since 1970.
    Blocking, from any thread; raises BackendError.
    """

    def __init__(self, folder: Path, most: int, withheld: int, now: Callable[[], float] = time.time) -> None:
        self._most = most
        self._withheld = withheld
        self._now = now
        self._file = folder / "failed-tries.db"
        try:
            self._key = kept_secret(folder / "failed-tries.key", partial(secrets.token_bytes, 32))
            self._file.touch(mode=0o600)
        except OSError as error:
            raise BackendError(
                f"cannot keep count of failed tries in {folder}: {error.strerror}; check its owner"
            ) from error
        with self._writing() as database:
            database.execute("CREATE TABLE IF NOT EXISTS failed (who BLOB NOT NULL, at REAL NOT NULL)")

    def exhausted(self, number: str) -> bool:
        """Say whether the caller with this number ("" when withheld) had all the tries there are."""
        query = "SELECT COUNT(*) FROM failed WHERE who = ? AND at > ?"
        with self._writing() as database:
            (count,) = database.execute(query, (self._who(number), self._now() - WINDOW_S)).fetchone()
        return 0 < (self._most if number else self._withheld) <= int(count)

    def add(self, number: str) -> None:
        """Count a failed try of the caller with this number, and forget those of over an hour ago."""
        with self._writing() as database:
            database.execute("DELETE FROM failed WHERE at <= ?", (self._now() - WINDOW_S,))
            database.execute("INSERT INTO failed VALUES (?, ?)", (self._who(number), self._now()))

    def _who(self, number: str) -> bytes:
        return hmac.digest(self._key, number.encode(), hashlib.sha256)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._file, timeout=WAIT_S)) as database, database:
                yield database
        except sqlite3.Error as error:
            raise BackendError(
                f"cannot count failed tries in {self._file}: {error}; check its disk"
            ) from error
