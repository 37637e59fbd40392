"""The proof of a hand-over: told, transferred, answered; and who was denied one."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from voicebot.errors import RecordsError
from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    Message,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    Transfer,
)
from voicebot.records import Denied, EventStore, Feedback, Handover, Handovers, Passages

pytestmark = pytest.mark.unit

TRANSFER = Transfer("q", "asked_for_human", "complaint", evidence=("schold",))
DISCLOSURE, OPENING = PromptStarted(1, "disclosure", "Goedendag."), PromptStarted(2, "opening", "Hallo?")
TEN = "2026-11-20T10:00:00+01:00"


@pytest.fixture
def book(tmp_path: Path) -> Handovers:
    return Handovers.in_folder(tmp_path)


def store(data: Path, call_id: str, *messages: Message, started_at: str = TEN) -> None:
    log = EventStore.in_folder(data)
    told = [CallStarted(call_id, "webshop", "v", "0", started_at), *messages]
    log.append([Entry(call_id, seq, 1000 * seq, message) for seq, message in enumerate(told)])
    log.close()


def note(data: Path, call_id: str, **steps: str) -> None:
    passages = Passages.in_folder(data)
    for step, at in steps.items():
        passages.note(call_id, step, at, agent="Anja", detail="timeout")
    passages.close()


def test_a_hand_over_with_all_its_proof(tmp_path: Path, book: Handovers) -> None:
    store(tmp_path, "c1", DISCLOSURE, PromptFinished(1), TRANSFER)
    note(tmp_path, "c1", queued="2026-11-20T09:00:03+00:00", answered="2026-11-20T09:00:10.250+00:00")
    feedback = Feedback.in_folder(tmp_path)
    feedback.mark("c1", "return", "Anja", TEN)
    expected = Handover(
        "c1", TEN, "asked_for_human", "complaint", ("schold",), False, True, 7.2, "answered", "Anja", "return"
    )
    assert book.last(9) == [expected]
    assert book.last(9, wrong=True) == [expected]
    feedback.mark("c1", "", "Anja", TEN)
    assert book.last(9)[0].bot_was_wrong == ""
    feedback.unmark("c1")
    assert book.last(9)[0].bot_was_wrong is None
    assert book.last(9, wrong=True) == []


@pytest.mark.parametrize(
    ("told", "disclosed"),
    [
        ([DISCLOSURE, PromptFinished(1)], True),
        ([DISCLOSURE, PromptFinished(1), OPENING, PromptInterrupted(2, 90)], True),
        ([DISCLOSURE, OPENING, PromptFinished(2)], False),
        ([DISCLOSURE, PromptInterrupted(1, 400)], False),
        ([OPENING, PromptFinished(2)], False),
        ([DISCLOSURE], False),
        ([], False),
    ],
)
def test_the_disclosure_counts_when_it_was_spoken_to_its_end(
    tmp_path: Path, book: Handovers, told: list[Message], disclosed: bool
) -> None:
    store(tmp_path, "c1", *told, TRANSFER)
    assert [one.disclosed for one in book.last(9)] == [disclosed]


@pytest.mark.parametrize(
    ("steps", "how", "seconds"),
    [
        ({}, "", None),
        ({"queued": TEN}, "", None),
        ({"abandoned": TEN}, "abandoned", None),
        ({"abandoned": TEN, "fallback": TEN}, "fallback", None),
        ({"answered": "2026-11-20T10:01:01+01:00"}, "answered", 60.0),
        ({"answered": "2026-11-20T10:00:00.900+01:00"}, "answered", 0.0),  # by a clock that is behind
    ],
)
def test_what_became_of_it_and_when(
    tmp_path: Path, book: Handovers, steps: dict[str, str], how: str, seconds: float | None
) -> None:
    store(tmp_path, "c1", TRANSFER)
    note(tmp_path, "c1", **steps)
    (one,) = book.last(9)
    assert (one.ended_how, one.seconds_to_human) == (how, seconds)
    assert one.agent == ("Anja" if how == "answered" else "")


def test_who_came_into_the_queue_without_the_bot_is_listed_too(tmp_path: Path, book: Handovers) -> None:
    store(tmp_path, "killed", DISCLOSURE, PromptFinished(1))
    store(tmp_path, "c1", TRANSFER, started_at="2026-11-20T10:00:30+01:00")
    note(tmp_path, "killed", queued="2026-11-20T10:00:40+01:00", answered="2026-11-20T10:00:45+01:00")
    note(tmp_path, "unknown", queued="2026-11-20T10:00:20+01:00", abandoned="2026-11-20T10:00:45+01:00")
    note(tmp_path, "c1", queued="2026-11-20T10:00:32+01:00")
    killed, known, unknown = book.last(9)
    assert (killed.call_id, killed.started_at, killed.reason) == ("killed", TEN, "")
    assert (killed.seconds_to_human, killed.disclosed, killed.ended_how) == (5.0, True, "answered")
    assert (known.call_id, known.reason) == ("c1", "asked_for_human")
    assert (unknown.call_id, unknown.started_at) == ("unknown", "2026-11-20T09:00:20.000+00:00")
    assert (unknown.reason, unknown.intent, unknown.evidence, unknown.disclosed) == ("", "", (), False)
    assert [one.call_id for one in book.last(2)] == ["killed", "c1"]
    book.mark("unknown", TEN)
    assert [one.false_alarm for one in book.last(9)] == [False, False, True]


def test_a_hand_over_is_one_however_often_it_is_told(tmp_path: Path, book: Handovers) -> None:
    store(tmp_path, "c1", TRANSFER, Transfer("q", "fault"))
    assert [one.reason for one in book.last(9)] == ["asked_for_human"]


def test_a_call_whose_start_was_lost_is_listed_last(tmp_path: Path, book: Handovers) -> None:
    log = EventStore.in_folder(tmp_path)
    log.append([Entry("lost", 5, 100, TRANSFER)])
    log.close()
    store(tmp_path, "c1", TRANSFER)
    note(tmp_path, "lost", queued=TEN, answered="2026-11-20T10:00:04+01:00")
    assert [(one.call_id, one.started_at) for one in book.last(9)] == [("c1", TEN), ("lost", "")]
    assert book.last(9)[1].seconds_to_human == 4.0


def test_many_take_as_few_questions_as_one(tmp_path: Path, book: Handovers) -> None:
    def questions() -> int:
        asked: list[str] = []
        engine = book._database._engine

        def count(*told: object) -> None:
            asked.append(str(told[2]))

        sa.event.listen(engine, "before_cursor_execute", count)
        book.last(99)
        sa.event.remove(engine, "before_cursor_execute", count)
        return len(asked)

    store(tmp_path, "c0", TRANSFER)
    few = questions()
    for number in range(1, 30):
        store(tmp_path, f"c{number}", TRANSFER)
        note(tmp_path, f"c{number}", queued=TEN)
    assert len(book.last(99)) == 30
    assert questions() == few <= 8


def test_who_was_denied_a_human_is_found_among_the_last(tmp_path: Path, book: Handovers) -> None:
    wish, contained = IntentRecognised("human", 1.0), CallEnded("contained")
    store(tmp_path, "old", wish, contained, started_at="2026-11-19T10:00:00+01:00")
    store(tmp_path, "fine", wish, TRANSFER, CallEnded("transferred", "asked_for_human"))
    store(tmp_path, "new", DISCLOSURE, wish, contained, started_at="2026-11-20T11:00:00+01:00")
    store(tmp_path, "lasts", wish, started_at="2026-11-20T12:00:00+01:00")
    why = "the caller asked for a human, but the call ended as contained without one"
    assert book.denied(9) == [
        Denied("new", "2026-11-20T11:00:00+01:00", why),
        Denied("old", "2026-11-19T10:00:00+01:00", why),
    ]
    assert [one.call_id for one in book.denied(2)] == ["new"]


def test_only_a_hand_over_can_be_marked(tmp_path: Path, book: Handovers) -> None:
    store(tmp_path, "c1", DISCLOSURE)
    with pytest.raises(RecordsError, match="no hand-over of a call c1"):
        book.mark("c1", TEN)
    with pytest.raises(RecordsError, match="no hand-over of a call c1"):
        book.check("c1")
    note(tmp_path, "c1", queued=TEN)
    book.check("c1")
