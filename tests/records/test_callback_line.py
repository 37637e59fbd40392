"""The line of callers to call back: who is next, called once, tried again, and never twice in it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from voicebot.errors import RecordsError
from voicebot.events import Entry, Transfer
from voicebot.records import Callback, Callbacks, EventStore

pytestmark = pytest.mark.unit

ANNE, BOB, CAS = "0612345678", "0687654321", "0201234567"
NOON, ONE, TWO = "2026-11-20T12:00:00+01:00", "2026-11-20T12:01:00+00:00", "2026-11-20T14:02:00+01:00"
"""An hour apart, in two zones."""
NIGHT = "2026-11-20T23:00:00+01:00"


@pytest.fixture
def book(tmp_path: Path) -> Callbacks:
    return Callbacks.in_folder(tmp_path)


@pytest.fixture
def ask(tmp_path: Path, book: Callbacks) -> Callable[..., None]:
    """Has somebody ask for a call-back, after a hand-over in which nobody answered."""
    store = EventStore.in_folder(tmp_path)

    def asked(call: str, number: str, at: str, queue: str = "klantenservice", priority: int = 0) -> None:
        store.append([Entry(call, 1, 0, Transfer(queue, "asked_for_human", priority=priority))])
        book.add(call, number, at)

    return asked


def everyone(book: Callbacks) -> dict[str, Callback]:
    return {one.call_id: one for one in book.requests(done=True)}


def due(book: Callbacks, at: str = NIGHT, limit: int = 9) -> list[str]:
    return [one.call_id for one in book.due(at, limit)]


def test_priority_goes_first_and_then_who_asked_first(book: Callbacks, ask: Callable[..., None]) -> None:
    ask("last", ANNE, TWO)
    ask("second", BOB, ONE, queue="klantenservice")
    ask("first", CAS, NOON)
    ask("vip", "0301234567", NIGHT, priority=5)
    assert due(book) == ["vip", "first", "second", "last"]
    assert due(book, limit=2) == ["vip", "first"]
    assert [one.call_id for one in book.requests()] == ["first", "second", "last", "vip"]
    assert everyone(book)["second"].queue == "klantenservice"


def test_who_asks_again_keeps_the_place_and_is_called_once(book: Callbacks, ask: Callable[..., None]) -> None:
    ask("anne", ANNE, NOON, priority=5)
    ask("bob", BOB, ONE)
    ask("cas", CAS, ONE, priority=5)
    ask("anne again", ANNE, TWO, queue="retouren")
    assert due(book, TWO) == ["anne again", "cas", "bob"]
    old, new = everyone(book)["anne"], everyone(book)["anne again"]
    assert (old.status, old.number, old.done_at) == ("merged", None, TWO)
    assert (new.status, new.number, new.requested_at) == ("open", ANNE, NOON)
    assert (new.priority, new.queue) == (5, "retouren")
    assert book.count_open() == 3


def test_a_wish_that_is_told_late_has_its_own_place(book: Callbacks, ask: Callable[..., None]) -> None:
    ask("anne", ANNE, TWO)
    ask("anne before", ANNE, NOON, priority=1)
    (one,) = book.requests()
    assert (one.call_id, one.requested_at, one.priority) == ("anne before", NOON, 1)


def test_who_was_called_back_may_ask_again(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.finish(1, ONE)
    book.add("anne again", ANNE, TWO)
    assert {name: one.status for name, one in everyone(book).items()} == {
        "anne": "done",
        "anne again": "open",
    }


def test_the_number_cannot_be_told_from_the_fingerprint(tmp_path: Path, book: Callbacks) -> None:
    other = Callbacks(f"sqlite:///{tmp_path / 'calls.db'}", tmp_path / "another.key")
    book.add("anne", ANNE, NOON)
    other.add("anne again", ANNE, TWO)
    assert book.count_open() == 2  # with another key it is another print
    other.close()


def test_one_of_all_who_claim_it_calls(tmp_path: Path, book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    ready, got = threading.Barrier(8), []

    def claim() -> None:
        own = Callbacks.in_folder(tmp_path)
        ready.wait()
        got.append(own.claim(1, ONE))
        own.close()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (one,) = filter(None, got)
    assert (one.number, one.status) == (ANNE, "calling")
    assert due(book) == []
    assert book.claim(2, ONE) is None


def test_two_wishes_at_once_make_one_call(tmp_path: Path, book: Callbacks) -> None:
    ready = threading.Barrier(8)

    def ask(name: str) -> None:
        own = Callbacks.in_folder(tmp_path)
        ready.wait()
        own.add(name, ANNE, NOON)
        own.close()

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert book.count_open() == 1
    assert sorted(one.status for one in everyone(book).values()) == ["merged"] * 7 + ["open"]


def test_who_did_not_answer_is_tried_again_in_time(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.claim(1, NOON)
    book.result(1, "no_answer", NOON, status="open", not_before=ONE)
    assert due(book, "2026-11-20T12:59:00+01:00") == []
    assert due(book, "2026-11-20T13:01:00+01:00") == ["anne"]
    one = everyone(book)["anne"]
    assert (one.tries, one.last_result, one.not_before) == (1, "no_answer", "2026-11-20T12:01:00.000+00:00")
    book.claim(1, ONE)
    book.result(1, "busy", TWO, status="failed")
    one = everyone(book)["anne"]
    assert (one.status, one.tries, one.last_result, one.done_at) == ("failed", 2, "busy", TWO)
    assert one.number == ANNE  # for people to call
    assert book.count_open() == 0


def test_who_answered_leaves_no_number(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.claim(1, NOON)
    book.result(1, "answered", ONE, status="done")
    one = everyone(book)["anne"]
    assert (one.status, one.number, one.tries, one.last_result) == ("done", None, 0, "answered")
    book.add("anne again", ANNE, TWO)
    assert everyone(book)["anne again"].requested_at == TWO


def test_the_result_of_a_call_that_is_no_longer_wanted_changes_nothing(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.result(1, "answered", NOON, status="done")  # nobody is calling
    assert due(book) == ["anne"]
    book.claim(1, NOON)
    book.add("anne again", ANNE, ONE)
    book.result(1, "no_answer", TWO, status="open")
    assert {name: one.status for name, one in everyone(book).items()} == {
        "anne": "open",
        "anne again": "merged",
    }


@pytest.fixture
def brief(tmp_path: Path, book: Callbacks) -> Callbacks:
    """The same book, but who is not called back by one o'clock after asking at noon is not any more."""
    return Callbacks.in_folder(tmp_path, timedelta(minutes=61))


def test_a_wish_whose_time_is_over_is_not_called(book: Callbacks, brief: Callbacks) -> None:
    brief.add("anne", ANNE, NOON)
    brief.add("bob", BOB, NOON)
    book.add("cas", CAS, NOON)
    book.claim(2, NOON)
    assert due(book, "2026-11-20T13:00:00+01:00") == ["anne", "cas"]
    assert due(book, "2026-11-20T13:01:00+01:00") == ["cas"]
    assert book.expire("2026-11-20T13:00:00+01:00") == 0
    assert book.expire(TWO) == 1
    statuses = {name: one.status for name, one in everyone(book).items()}
    assert statuses == {"anne": "expired", "bob": "calling", "cas": "open"}
    assert everyone(book)["anne"].number == ANNE


def test_what_a_crash_left_is_found(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.add("bob", BOB, NOON)
    book.claim(1, NOON)
    book.claim(2, ONE)
    assert book.stuck(NOON) == []
    assert [one.call_id for one in book.stuck(ONE)] == ["anne"]
    book.result(1, "lost", ONE, status="open")
    assert book.stuck(NIGHT) == [everyone(book)["bob"]]
    assert [one.call_id for one in book.requests()] == ["anne", "bob"]


def test_what_failed_or_expired_can_be_opened_again(book: Callbacks, brief: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    brief.add("bob", BOB, NOON)
    book.claim(1, NOON)
    book.result(1, "no_answer", NOON, status="failed")
    book.expire(TWO)
    assert due(book) == []
    book.reopen(1)
    book.reopen(2)
    assert due(book) == ["anne", "bob"]
    assert (everyone(book)["anne"].tries, everyone(book)["anne"].done_at) == (0, None)
    with pytest.raises(RecordsError, match="no call-back 1 has failed or expired"):
        book.reopen(1)


def test_what_was_asked_anew_is_not_opened_beside_it(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.claim(1, NOON)
    book.result(1, "no_answer", NOON, status="failed")
    book.add("anne again", ANNE, ONE)
    with pytest.raises(RecordsError, match="its number is to be called back already"):
        book.reopen(1)


def test_a_person_may_finish_what_the_machine_could_not(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.claim(1, NOON)
    book.result(1, "no_answer", NOON, status="failed")
    book.finish(1, ONE)
    one = everyone(book)["anne"]
    assert (one.status, one.number, one.done_at) == ("done", None, ONE)


def test_only_what_is_over_is_forgotten(book: Callbacks) -> None:
    book.add("anne", ANNE, NOON)
    book.add("bob", BOB, NOON)
    book.add("cas", CAS, ONE)
    book.finish(2, TWO)
    book.finish(3, TWO)
    assert book.forget("2026-11-20T13:00:00+01:00") == 1
    assert sorted(everyone(book)) == ["anne", "cas"]
