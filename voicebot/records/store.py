"""The event store: calls and their (already redacted) messages in a database, SQLite by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from voicebot.event_json import decode, encode
from voicebot.events import CallEnded, CallStarted, Entry
from voicebot.records import tables
from voicebot.records.database import Database


@dataclass(frozen=True, slots=True)
class CallSummary:
    """One call in a list; the last three are None while it lasts."""

    call_id: str
    bot: str
    bot_version: str
    code_version: str
    started_at: str
    """ISO 8601 with zone."""
    ended_at: str | None
    outcome: str | None
    reason: str | None


class EventStore:
    """Calls and their messages in the database at `url`; blocking, so never used on the audio path.

    A SQLite file is made readable for its owner only. Every method raises RecordsError on failure.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, (tables.calls, tables.entries))

    @classmethod
    def in_folder(cls, data: Path) -> EventStore:
        """Return that of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}")

    def append(self, entries: Sequence[Entry]) -> None:
        """Store redacted `entries` in one transaction; one that is stored already stays as it is."""
        if not entries:
            return
        rows = [
            {"call_id": e.call_id, "seq": e.seq, "at_ms": e.at_ms, "type": body["type"], "body": body}
            for e in entries
            for body in [encode(e.message)]
        ]
        with self._database.writing() as connection:
            connection.execute(self._database.insert(tables.entries).on_conflict_do_nothing(), rows)
            for entry in entries:
                self._update_call(connection, entry)

    def _update_call(self, connection: sa.Connection, entry: Entry) -> None:
        match entry.message:
            case CallStarted() as started:
                connection.execute(
                    self._database.insert(tables.calls).on_conflict_do_nothing(),
                    {
                        "call_id": entry.call_id,
                        "bot": started.bot,
                        "bot_version": started.bot_version,
                        "code_version": started.code_version,
                        "started_at": started.started_at,
                    },
                )
            case CallEnded(outcome=outcome, reason=reason):
                this_call = tables.calls.c.call_id == entry.call_id
                started_at = connection.scalar(sa.select(tables.calls.c.started_at).where(this_call))
                if started_at is None:  # its start was dropped
                    return
                ended_at = datetime.fromisoformat(started_at) + timedelta(milliseconds=entry.at_ms)
                connection.execute(
                    sa.update(tables.calls)
                    .where(this_call)
                    .values(ended_at=ended_at.isoformat(timespec="seconds"), outcome=outcome, reason=reason)
                )

    def entries(self, call_id: str) -> list[Entry]:
        """Return the messages of one call in order; none for an unknown call."""
        of_call = sa.select(tables.entries).where(tables.entries.c.call_id == call_id)
        with self._database.reading() as connection:
            rows = connection.execute(of_call.order_by(tables.entries.c.seq)).all()
            return [Entry(row.call_id, row.seq, row.at_ms, decode(row.body)) for row in rows]

    def calls(self, limit: int) -> list[CallSummary]:
        """Return the last `limit` calls, the newest first."""
        query = sa.select(tables.calls).order_by(tables.calls.c.started_at.desc()).limit(limit)
        with self._database.reading() as connection:
            return [CallSummary(**row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
