"""Where records are: a database at an address, SQLite by default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from voicebot.errors import RecordsError


class Database:
    """The database at `url` with these tables, made where they or some of their columns are missing.

    A SQLite file is made readable for its owner only. A `durable` one has kept what it committed even when
    the power fails. Raises RecordsError.
    """

    def __init__(self, url: str, tables: Sequence[sa.Table], *, durable: bool = False) -> None:
        self._name = url.rpartition("@")[2]  # without a password
        with self._failing_as("open"):
            address = sa.make_url(url)
            if address.get_backend_name() not in ("sqlite", "postgresql"):
                raise ValueError("the address must begin with sqlite:// or postgresql://")
            self._engine = sa.create_engine(address)
            if self.is_sqlite:
                _make_private(address.database)
                sa.event.listen(self._engine, "connect", _prepare_durable if durable else _prepare)
            with self._engine.connect() as connection:
                is_old = any(_lacking(connection, table) for table in tables)
            if is_old:
                self._make(tables)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite, and not PostgreSQL."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection to read with; what fails is a RecordsError."""
        with self._failing_as("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, alone: sa.Table | None = None) -> Iterator[sa.Connection]:
        """Give a connection to write with, in one transaction; what fails is a RecordsError.

        With a table to be `alone` with, nobody else writes in it meanwhile: what was read there still holds.
        """
        with self._failing_as("write to"), self._engine.begin() as connection:
            if alone is not None:
                lock = "BEGIN IMMEDIATE" if self.is_sqlite else f"LOCK TABLE {alone.name} IN EXCLUSIVE MODE"
                connection.exec_driver_sql(lock)
            yield connection

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """Return an insert into `table` that can tell what to do on a conflict."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def close(self) -> None:
        """Let go of it."""
        self._engine.dispose()

    def _make(self, tables: Sequence[sa.Table]) -> None:
        """Make tables and columns that are lacking, alone: other processes may be doing the same."""
        with self._engine.begin() as connection:
            lock = "BEGIN IMMEDIATE" if self.is_sqlite else f"SELECT pg_advisory_xact_lock({_MAKING})"
            connection.exec_driver_sql(lock)
            for table in tables:
                connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
                for column in _lacking(connection, table):
                    written = sa.schema.CreateColumn(column).compile(dialect=self._engine.dialect)
                    connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {written}")

    @contextmanager
    def _failing_as(self, action: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
            cause = getattr(error, "orig", None) or error  # SQLAlchemy's own text would quote stored values
            raise RecordsError(
                f"cannot {action} the event store {self._name}: {cause}; check its path and disk"
            ) from None


_MAKING = 0x766F696365
"""Number of the lock, in PostgreSQL, for who makes tables."""


def _lacking(connection: sa.Connection, table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns that a table of an older version does not have; all where there is no table."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(table.name):
        return list(table.columns)
    there = {column["name"] for column in inspector.get_columns(table.name)}
    return [column for column in table.columns if column.name not in there]


def _make_private(database: str | None) -> None:
    """Make a SQLite file (and its folder, when new) for this user only, before anything is in it."""
    if database and database != ":memory:":
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(database).touch(mode=0o600)
        Path(database).chmod(0o600)


def _prepare(connection: Any, _: object) -> None:
    """Set up write-ahead logging: readers never wait for the one writer."""
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _prepare_durable(connection: Any, _: object) -> None:
    """Do that too, but wait until the disk has it."""
    _prepare(connection, _)
    connection.execute("PRAGMA synchronous=FULL")
