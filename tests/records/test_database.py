"""A database that an older version made keeps working, and who writes alone is alone."""

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from voicebot.errors import RecordsError
from voicebot.records import Callbacks
from voicebot.records.database import Database
from voicebot.records.secret_key import open_key

pytestmark = pytest.mark.unit

NOON = "2026-11-20T12:00:00+01:00"
OLD = """
CREATE TABLE callbacks (
    id INTEGER NOT NULL, call_id VARCHAR NOT NULL, requested_at VARCHAR NOT NULL, reason VARCHAR NOT NULL,
    intent VARCHAR NOT NULL, number VARCHAR, status VARCHAR NOT NULL, done_at VARCHAR, PRIMARY KEY (id)
)
"""


def as_older_versions_made_it(folder: Path) -> Path:
    number = open_key(folder / "secret.key").encrypt(b"0612345678").decode()
    file = sqlite3.connect(folder / "calls.db")
    file.execute(OLD)
    row = ("old", NOON, "no_input", "complaint", number, "open")
    insert = "INSERT INTO callbacks (call_id, requested_at, reason, intent, number, status)"
    file.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?)", row)
    file.commit()
    file.close()
    return folder


def test_an_old_list_of_call_backs_goes_on(tmp_path: Path) -> None:
    as_older_versions_made_it(tmp_path)
    for _ in range(2):
        book = Callbacks.in_folder(tmp_path)
        (one, *_) = book.requests()
        assert (one.call_id, one.number, one.requested_at) == ("old", "0612345678", NOON)
        assert (one.status, one.queue, one.priority, one.tries) == ("open", "", 0, 0)
        assert (one.not_before, one.expires_at, one.last_result) == (None, None, "")
        book.close()
    book = Callbacks.in_folder(tmp_path)
    assert [one.call_id for one in book.due(NOON, 9)] == ["old"]
    book.finish(1, NOON)
    assert book.count_open() == 0
    book.close()


def test_all_who_open_an_old_one_at_once_can(tmp_path: Path) -> None:
    as_older_versions_made_it(tmp_path)
    ready, counts = threading.Barrier(8), []

    def start() -> None:
        ready.wait()
        book = Callbacks.in_folder(tmp_path)
        counts.append(book.count_open())
        book.close()

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 8


def test_a_column_that_cannot_be_added_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    old = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer))
    with Database(url, [old]).writing() as connection:
        connection.execute(sa.insert(old), {"id": 1})
    columns = (sa.Column("id", sa.Integer), sa.Column("new", sa.String, nullable=False))
    with pytest.raises(RecordsError, match="cannot open the event store"):
        Database(url, [sa.Table("t", sa.MetaData(), *columns)])


def test_who_writes_alone_reads_what_still_holds(tmp_path: Path) -> None:
    counter = sa.Table("counter", sa.MetaData(), sa.Column("value", sa.Integer))
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", [counter])
    with database.writing() as connection:
        connection.execute(sa.insert(counter), {"value": 0})

    def count() -> None:
        for _ in range(20):
            with database.writing(alone=counter) as connection:
                read = connection.scalar(sa.select(counter.c.value)) or 0
                connection.execute(sa.update(counter).values(value=read + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert connection.scalar(sa.select(counter.c.value)) == 80
    database.close()
