"""Callers to call back: kept whole, kept secret, and forgotten when they were called."""

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import RecordsError
from voicebot.events import Entry, Transfer
from voicebot.records import Callbacks, EventStore
from voicebot.records.secret_key import open_key

pytestmark = pytest.mark.unit

CALL = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
NUMBER, OTHER = "0612345678", "0687654321"
NOON, EVENING = "2026-11-20T12:00:00+01:00", "2026-11-20T20:00:00+01:00"


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'calls.db'}"


@pytest.fixture
def book(tmp_path: Path) -> Callbacks:
    return Callbacks(url(tmp_path), tmp_path / "secret.key")


def test_a_caller_is_there_with_number_wish_and_moment(tmp_path: Path, book: Callbacks) -> None:
    log = EventStore(url(tmp_path))
    log.append([Entry(CALL, 7, 100, Transfer("klantenservice", "asked_for_human", "complaint"))])
    book.add(CALL, NUMBER, NOON)
    (one,) = book.requests()
    assert (one.call_id, one.number, one.requested_at) == (CALL, NUMBER, NOON)
    assert (one.reason, one.intent, one.status) == ("asked_for_human", "complaint", "open")
    assert NUMBER not in repr(one)
    log.close()


def test_a_call_of_which_nothing_is_known_is_kept_too(book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    assert [(one.reason, one.intent) for one in book.requests()] == [("", "")]


def test_the_number_is_nowhere_to_be_read(tmp_path: Path, book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert tmp_path / "calls.db" in files
    assert not [path for path in files if NUMBER.encode() in path.read_bytes()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_first_caller_comes_first(book: Callbacks) -> None:
    book.add("late", NUMBER, EVENING)
    book.add("early", OTHER, NOON)
    assert [one.call_id for one in book.requests()] == ["early", "late"]


def test_who_was_called_back_leaves_no_number(book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    book.add("other", OTHER, EVENING)
    assert book.count_open() == 2
    book.finish(book.requests()[0].id, EVENING)
    assert [one.call_id for one in book.requests()] == ["other"]
    assert book.count_open() == 1
    done = book.requests(done=True)[0]
    assert (done.number, done.status, done.done_at) == (None, "done", EVENING)
    with pytest.raises(RecordsError, match=f"no call-back {done.id} is open"):
        book.finish(done.id, EVENING)


def test_it_is_there_for_who_opens_it_next(tmp_path: Path, book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    book.close()
    again = Callbacks(url(tmp_path), tmp_path / "secret.key")
    assert [one.number for one in again.requests()] == [NUMBER]


def test_a_database_that_cannot_be_written_is_no_promise(tmp_path: Path, book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    book.close()
    (tmp_path / "calls.db").unlink()
    (tmp_path / "calls.db").mkdir()
    with pytest.raises(RecordsError) as caught:
        book.add(CALL, NUMBER, NOON)
    assert NUMBER not in str(caught.value)


def test_a_key_that_is_none_or_another_is_said(tmp_path: Path, book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    (tmp_path / "secret.key").write_bytes(b"kapot")
    with pytest.raises(RecordsError, match="is no key"):
        Callbacks(url(tmp_path), tmp_path / "secret.key").requests()
    with pytest.raises(RecordsError, match="put that key back"):
        Callbacks(url(tmp_path), tmp_path / "another.key").requests()
    with pytest.raises(RecordsError, match="cannot be read or made"):
        Callbacks(url(tmp_path), tmp_path / "calls.db" / "key").add(CALL, NUMBER, NOON)


def test_counting_needs_no_key(tmp_path: Path, book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    (tmp_path / "secret.key").unlink()
    assert Callbacks(url(tmp_path), tmp_path / "secret.key").count_open() == 1
    assert not (tmp_path / "secret.key").exists()


def test_a_key_is_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret.key"
    sealed = open_key(path).encrypt(b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert open_key(path).decrypt(sealed) == b"x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_all_who_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    ready, keys = threading.Barrier(8), []

    def make() -> None:
        ready.wait()
        keys.append(open_key(tmp_path / "secret.key"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = keys[0].encrypt(b"x")
    assert [key.decrypt(sealed) for key in keys] == [b"x"] * 8
    assert list(tmp_path.iterdir()) == [tmp_path / "secret.key"]


@given(number=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_any_number_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, number: str) -> None:
    folder = tmp_path_factory.mktemp("book")
    book = Callbacks(url(folder), folder / "secret.key")
    book.add(CALL, number, NOON)
    assert [one.number for one in book.requests()] == [number]
    book.close()


def test_a_number_that_cannot_be_read_keeps_nobody_else_waiting(tmp_path: Path, book: Callbacks) -> None:
    book.add(CALL, NUMBER, NOON)
    key = (tmp_path / "secret.key").rename(tmp_path / "old.key")
    other = Callbacks(url(tmp_path), tmp_path / "secret.key")
    other.add("later", OTHER, NOON)
    (later,) = other.due(EVENING, 10)
    assert later.number == OTHER
    other.finish(later.id, EVENING)
    key.rename(tmp_path / "secret.key")
    lost, _ = Callbacks(url(tmp_path), tmp_path / "secret.key").requests(done=True)
    assert (lost.number, lost.status, lost.last_result) == (NUMBER, "failed", "unreadable_number")
