"""Callers who are to be called back: written down before they are told so, their number encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from voicebot.errors import RecordsError
from voicebot.events import Transfer
from voicebot.records.database import Database
from voicebot.records.secret_key import open_key
from voicebot.records.tables import callbacks, entries


@dataclass(frozen=True, slots=True)
class Callback:
    """One caller to call back."""

    id: int
    call_id: str
    """The call in which no human could be had."""
    requested_at: str
    """ISO 8601 with zone."""
    reason: str
    """Why a human was wanted, as in `Transfer`; empty when not known."""
    intent: str
    """What the caller came for; empty when not known."""
    number: str | None = field(repr=False)
    """None once the caller was called back."""
    status: str
    """``open`` or ``done``."""
    done_at: str | None = None
    """ISO 8601 with zone."""


class CallbackDesk(Protocol):
    """Where a caller to call back is written down: `Callbacks`, or `MemoryCallbacks`."""

    def add(self, call_id: str, number: str, requested_at: str) -> None:
        """Write down that the caller of `call_id` is to be called back; raises RecordsError."""
        ...


class Callbacks:
    """The callers to call back, in the database at `url`; numbers are encrypted with the key in `key_file`.

    Blocking, from any thread. Every method raises RecordsError on failure.
    """

    def __init__(self, url: str, key_file: Path) -> None:
        self._key_file = key_file
        self._database = Database(url, (entries, callbacks), durable=True)

    @classmethod
    def in_folder(cls, data: Path) -> Callbacks:
        """Return those of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}", data / "secret.key")

    @cached_property
    def _cipher(self) -> Fernet:
        return open_key(self._key_file)

    def add(self, call_id: str, number: str, requested_at: str) -> None:
        """Write down that the caller of `call_id` is to be called back; returns when the disk has it."""
        row = {"call_id": call_id, "requested_at": requested_at, "status": "open"}
        sealed = self._cipher.encrypt(number.encode()).decode()
        with self._database.writing() as connection:
            connection.execute(sa.insert(callbacks), {**row, **_wish(connection, call_id), "number": sealed})

    def requests(self, *, done: bool = False) -> list[Callback]:
        """Return those still to be called back, the first caller first; with `done` the others too."""
        query = sa.select(callbacks).order_by(callbacks.c.requested_at, callbacks.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query if done else query.where(_IS_OPEN)).mappings().all()
        return [Callback(**{**row, "number": self._reveal(row["number"])}) for row in rows]

    def count_open(self) -> int:
        """Return how many are still to be called back; needs no key."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(callbacks).where(_IS_OPEN)) or 0

    def finish(self, id: int, done_at: str) -> None:
        """Note that a caller was called back, and forget the number."""
        change = sa.update(callbacks).where(callbacks.c.id == id, _IS_OPEN)
        with self._database.writing() as connection:
            found = connection.execute(change.values(status="done", done_at=done_at, number=None)).rowcount
        if not found:
            raise RecordsError(f"no call-back {id} is open; `voicebot callbacks list` shows those that are")

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _reveal(self, sealed: str | None) -> str | None:
        try:
            return None if sealed is None else self._cipher.decrypt(sealed).decode()
        except InvalidToken:
            raise RecordsError(
                f"a number was encrypted with another key than {self._key_file}; put that key back"
            ) from None


class MemoryCallbacks:
    """Remembers callers to call back as long as it lives: for replay and tests."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}
        """Call id -> number."""

    def add(self, call_id: str, number: str, requested_at: str) -> None:
        """Remember a caller."""
        self.numbers[call_id] = number


_IS_OPEN = callbacks.c.status == "open"


def _wish(connection: sa.Connection, call_id: str) -> Mapping[str, str]:
    """Return what the call's log says of why a human was wanted, and what for."""
    handed_over = (entries.c.call_id == call_id) & (entries.c.type == Transfer.__name__)
    query = sa.select(entries.c.body).where(handed_over).order_by(entries.c.seq.desc()).limit(1)
    body = connection.scalar(query) or {}
    return {"reason": body.get("reason", ""), "intent": body.get("intent", "")}
