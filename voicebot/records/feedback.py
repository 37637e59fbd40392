"""Calls of which a human said that the bot had it wrong: the review list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from voicebot.records.database import Database
from voicebot.records.moments import utc
from voicebot.records.tables import corrections


@dataclass(frozen=True, slots=True)
class Correction:
    """One call in which the bot had it wrong."""

    call_id: str
    right_intent: str
    """What the caller came for; empty when that was not told."""
    by: str
    """Who said so."""
    at: str
    """ISO 8601 in UTC."""


class Feedback:
    """The corrections in the database at `url`; blocking, every method raises RecordsError on failure.

    Moments are ISO 8601 with zone, kept in UTC.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, (corrections,))

    @classmethod
    def in_folder(cls, data: Path) -> Feedback:
        """Return that of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}")

    def mark(self, call_id: str, right_intent: str, by: str, at: str) -> None:
        """Note that the bot had it wrong, and what was right, if that is told; replaces an earlier mark."""
        row = {"right_intent": right_intent, "marked_by": by, "at": utc(at)}
        insert = self._database.insert(corrections).values(call_id=call_id, **row)
        with self._database.writing() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["call_id"], set_=row))

    def unmark(self, call_id: str) -> None:
        """Note that the bot had it right after all."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(corrections).where(corrections.c.call_id == call_id))

    def of(self, call_id: str) -> Correction | None:
        """Return that of one call; None when nobody marked it."""
        query = sa.select(corrections).where(corrections.c.call_id == call_id)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Correction(*row)

    def latest(self, limit: int) -> list[Correction]:
        """Return the last `limit`, the newest first."""
        query = sa.select(corrections).order_by(corrections.c.at.desc(), corrections.c.call_id).limit(limit)
        with self._database.reading() as connection:
            return [Correction(*row) for row in connection.execute(query)]

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
