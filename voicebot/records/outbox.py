"""Webhooks that wait to be delivered: they outlive a restart, and are tried until given up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from voicebot.errors import UnreadableError
from voicebot.records.database import Database
from voicebot.records.moments import utc
from voicebot.records.secret_key import Seal
from voicebot.records.tables import letters

UNREADABLE = timedelta(hours=1)
LONGEST_ERROR = 200
"""Characters kept of why a try failed."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One webhook that waits."""

    id: str
    """Tells a receiver that this one is the same as before: the idempotency key."""
    call_id: str
    body: str = field(repr=False)
    tries: int
    """How many have failed."""


class Outbox:
    """The webhooks to deliver, in the database at `url`; bodies are encrypted with the key in `key_file`.

    Blocking, from any thread. Moments are ISO 8601 with zone, kept in UTC. Every method raises RecordsError
    on failure.
    """

    def __init__(self, url: str, key_file: Path) -> None:
        self._seal = Seal(key_file)
        self._database = Database(url, (letters,), durable=True)

    @classmethod
    def in_folder(cls, data: Path) -> Outbox:
        """Return that of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}", data / "secret.key")

    def add(self, call_id: str, body: str, at: str) -> str:
        """Keep a webhook to deliver at once; returns its id when the disk has it."""
        id, now = str(uuid.uuid4()), utc(at)
        row = {"id": id, "call_id": call_id, "body": self._seal.close(body), "at": now, "next_at": now}
        with self._database.writing() as connection:
            connection.execute(sa.insert(letters), {**row, "tries": 0, "error": ""})
        return id

    def due(self, at: str, limit: int) -> list[Letter]:
        """Return at most `limit` of those whose turn it is, who waited longest first.

        What was encrypted with another key waits an hour, in case that key is put back: it holds up no other.
        """
        query = sa.select(letters.c.id, letters.c.call_id, letters.c.body, letters.c.tries)
        query = query.where(letters.c.next_at <= utc(at)).order_by(letters.c.next_at, letters.c.at)
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
        later = (datetime.fromisoformat(utc(at)) + UNREADABLE).isoformat()
        readable = []
        for row in rows:
            try:
                readable.append(Letter(**{**row, "body": self._seal.open(row["body"])}))
            except UnreadableError as problem:
                self.failed(row["id"], str(problem), later)
        return readable

    def delivered(self, id: str, at: str) -> None:
        """Note that one was delivered, and erase its body."""
        change = sa.update(letters).where(letters.c.id == id, _WAITS)
        with self._database.writing() as connection:
            connection.execute(change.values(body=None, next_at=None, delivered_at=utc(at), error=""))

    def failed(self, id: str, error: str, next_at: str | None) -> None:
        """Note that a try failed, and when the next is; None: it is given up, and kept until forgotten."""
        change = sa.update(letters).where(letters.c.id == id, _WAITS)
        later = None if next_at is None else utc(next_at)
        with self._database.writing() as connection:
            connection.execute(
                change.values(tries=letters.c.tries + 1, error=error[:LONGEST_ERROR], next_at=later)
            )

    def waiting(self) -> int:
        """Return how many are still to be delivered."""
        return self._count(_WAITS)

    def given_up(self) -> int:
        """Return how many were given up."""
        return self._count(~_WAITS & letters.c.delivered_at.is_(None))

    def forget(self, before: str) -> int:
        """Erase those that were added before a moment, whatever became of them; returns how many."""
        with self._database.writing() as connection:
            return connection.execute(sa.delete(letters).where(letters.c.at < utc(before))).rowcount

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _count(self, which: sa.ColumnElement[bool]) -> int:
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(letters).where(which)) or 0


_WAITS = letters.c.next_at.is_not(None)
