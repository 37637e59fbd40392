"""The event store: calls and their (already redacted) messages in a database, SQLite by default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from voicebot.errors import RecordsError
from voicebot.events import CallEnded, CallStarted, Entry, decode, encode

_tables = sa.MetaData()

_calls = sa.Table(
    "calls",
    _tables,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("bot", sa.String, nullable=False),
    sa.Column("bot_version", sa.String, nullable=False),
    sa.Column("code_version", sa.String, nullable=False),
    sa.Column("started_at", sa.String, nullable=False),
    sa.Column("ended_at", sa.String),
    sa.Column("outcome", sa.String),
    sa.Column("reason", sa.String),
)

_entries = sa.Table(
    "entries",
    _tables,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at_ms", sa.Integer, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)


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
        self._name = url.rpartition("@")[2]  # without a password
        with _failing_as("open", self._name):
            address = sa.make_url(url)
            if address.get_backend_name() not in ("sqlite", "postgresql"):
                raise ValueError("the address must begin with sqlite:// or postgresql://")
            self._engine = sa.create_engine(address)
            if self._engine.dialect.name == "sqlite":
                _make_private(address.database)
                sa.event.listen(self._engine, "connect", _prepare_sqlite)
            with self._engine.begin() as connection:
                for table in (_calls, _entries):  # other workers may be doing the same
                    connection.execute(sa.schema.CreateTable(table, if_not_exists=True))

    def append(self, entries: Sequence[Entry]) -> None:
        """Store redacted `entries` in one transaction; one that is stored already stays as it is."""
        if not entries:
            return
        rows = [
            {"call_id": e.call_id, "seq": e.seq, "at_ms": e.at_ms, "type": body["type"], "body": body}
            for e in entries
            for body in [encode(e.message)]
        ]
        with _failing_as("write to", self._name), self._engine.begin() as connection:
            connection.execute(self._insert(_entries), rows)
            for entry in entries:
                self._update_call(connection, entry)

    def _insert(self, table: sa.Table) -> sa.Executable:
        if self._engine.dialect.name == "postgresql":
            return postgresql.insert(table).on_conflict_do_nothing()
        return sqlite.insert(table).on_conflict_do_nothing()

    def _update_call(self, connection: sa.Connection, entry: Entry) -> None:
        match entry.message:
            case CallStarted() as started:
                connection.execute(
                    self._insert(_calls),
                    {
                        "call_id": entry.call_id,
                        "bot": started.bot,
                        "bot_version": started.bot_version,
                        "code_version": started.code_version,
                        "started_at": started.started_at,
                    },
                )
            case CallEnded(outcome=outcome, reason=reason):
                this_call = _calls.c.call_id == entry.call_id
                started_at = connection.scalar(sa.select(_calls.c.started_at).where(this_call))
                if started_at is None:  # its start was dropped
                    return
                ended_at = datetime.fromisoformat(started_at) + timedelta(milliseconds=entry.at_ms)
                connection.execute(
                    sa.update(_calls)
                    .where(this_call)
                    .values(ended_at=ended_at.isoformat(timespec="seconds"), outcome=outcome, reason=reason)
                )

    def entries(self, call_id: str) -> list[Entry]:
        """Return the messages of one call in order; none for an unknown call."""
        query = sa.select(_entries).where(_entries.c.call_id == call_id).order_by(_entries.c.seq)
        with _failing_as("read", self._name), self._engine.connect() as connection:
            return [
                Entry(row.call_id, row.seq, row.at_ms, decode(row.body)) for row in connection.execute(query)
            ]

    def calls(self, limit: int) -> list[CallSummary]:
        """Return the last `limit` calls, the newest first."""
        query = sa.select(_calls).order_by(_calls.c.started_at.desc()).limit(limit)
        with _failing_as("read", self._name), self._engine.connect() as connection:
            return [CallSummary(**row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


@contextmanager
def _failing_as(action: str, name: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        cause = getattr(error, "orig", None) or error  # SQLAlchemy's own text would quote the stored values
        raise RecordsError(
            f"cannot {action} the event store {name}: {cause}; check its path and disk"
        ) from None


def _make_private(database: str | None) -> None:
    """Make a SQLite file (and its folder, when new) for this user only, before anything is in it."""
    if database and database != ":memory:":
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(database).touch(mode=0o600)
        Path(database).chmod(0o600)


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Set up write-ahead logging: readers never wait for the one writer."""
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
