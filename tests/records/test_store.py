import stat
from pathlib import Path

import pytest

from voicebot.errors import RecordsError
from voicebot.events import CallEnded, CallStarted, Entry, IntentRecognised, UtteranceEnded
from voicebot.records import CallSummary, EventStore
from voicebot.values import Personal

pytestmark = pytest.mark.unit


def call(call_id: str = "c1", started_at: str = "2026-11-20T10:15:00+01:00") -> list[Entry]:
    return [
        Entry(call_id, 1, 0, CallStarted(call_id, "webshop", "b1", "0.1", started_at)),
        Entry(call_id, 2, 900, UtteranceEnded("waar is mijn pakket", 100, 900)),
        Entry(call_id, 3, 901, IntentRecognised("order_status", 0.9, {"nr": Personal("nr", "<nr:1>")})),
        Entry(call_id, 4, 61_000, CallEnded("transferred", "asked_for_human", 1, 0, 1)),
    ]


@pytest.fixture
def store(tmp_path: Path):
    store = EventStore(f"sqlite:///{tmp_path}/records/calls.db")
    yield store
    store.close()


def test_entries_come_back_in_order(store: EventStore) -> None:
    entries = call()
    store.append(entries[2:])
    store.append(entries[:2])
    assert store.entries("c1") == entries
    assert store.entries("unknown") == []


def test_appending_twice_changes_nothing(store: EventStore) -> None:
    store.append(call())
    store.append(call())
    assert store.entries("c1") == call()
    assert len(store.calls(10)) == 1


def test_calls_are_listed_newest_first(store: EventStore) -> None:
    store.append(call("old", "2026-11-19T10:15:00+01:00"))
    store.append(call("new")[:3])
    assert store.calls(10) == [
        CallSummary("new", "webshop", "b1", "0.1", "2026-11-20T10:15:00+01:00", None, None, None),
        CallSummary(
            "old",
            "webshop",
            "b1",
            "0.1",
            "2026-11-19T10:15:00+01:00",
            "2026-11-19T10:16:01+01:00",
            "transferred",
            "asked_for_human",
        ),
    ]
    assert [summary.call_id for summary in store.calls(1)] == ["new"]


def test_the_end_of_a_call_without_a_start_is_kept(store: EventStore) -> None:
    store.append(call()[3:])
    assert store.entries("c1") == call()[3:]
    assert store.calls(10) == []


def test_an_append_is_whole_or_nothing(store: EventStore) -> None:
    wrong = Entry("c2", 1, 0, CallStarted("c2", "webshop", "b1", "0.1", "not a date"))
    with pytest.raises(RecordsError):
        store.append([*call(), wrong, Entry("c2", 2, 5, CallEnded("contained"))])
    assert store.entries("c1") == []


def test_only_the_owner_can_read_it(store: EventStore, tmp_path: Path) -> None:
    store.append(call())
    folder = tmp_path / "records"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert (folder / "calls.db-wal").exists()


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        store = EventStore(f"sqlite:///{tmp_path}/calls.db")
        store.append(call())
        assert store.entries("c1") == call()
        store.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/db", "sqlite:////proc/none/calls.db"])
def test_a_database_that_cannot_be_opened_says_so(url: str) -> None:
    with pytest.raises(RecordsError, match="event store"):
        EventStore(url)


def test_a_broken_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    file.write_text("this is no database, but it is long enough to look at" * 20)
    with pytest.raises(RecordsError, match="not a database"):
        EventStore(f"sqlite:///{file}")
