"""The pages on real records: what was stored is told, and what is said on a page is stored."""

from datetime import datetime
from pathlib import Path

import pytest
from web_office import CALL, TOPICS, package

from voicebot.clock import VirtualClock, run_virtual
from voicebot.errors import RecordsError
from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    Message,
    NoteFrustration,
    Transfer,
)
from voicebot.records import Callbacks, Contexts, EventStore, Feedback, Outbox, Passages
from voicebot.web.board import Board, HandedOver, HungUpAngry, ToCallBack
from voicebot.web.stored import StoredDesk, read_board

pytestmark = pytest.mark.unit

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
ANGRY = NoteFrustration(0.6, ("schold",))
ASKED = Transfer("q", "asked_for_human", "complaint", evidence=("vroeg om een medewerker",))


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    return EventStore.in_folder(tmp_path)


def keep(store: EventStore, call_id: str, hour: str, *messages: Message) -> None:
    started = CallStarted(call_id, "webshop", "v", "0", f"2026-11-{hour}:00:00+01:00", topics=TOPICS)
    told = [started, IntentRecognised("complaint", 0.9), *messages]
    store.append([Entry(call_id, seq, 1000 * seq, message) for seq, message in enumerate(told)])


def test_an_empty_day(tmp_path: Path) -> None:
    assert read_board(tmp_path, NOW) == Board()


def test_a_day_with_everything(tmp_path: Path, store: EventStore) -> None:
    keep(store, "helped", "20T08", ANGRY, CallEnded("contained"))
    keep(store, "talked", "20T09", ASKED, CallEnded("transferred", "asked_for_human"))
    keep(store, "gave-up", "20T10", ANGRY, ASKED, CallEnded("transferred", "asked_for_human"))
    keep(store, "left", "20T11", ANGRY, CallEnded("abandoned"))
    keep(store, "left-calmly", "20T11", CallEnded("abandoned"))
    keep(store, "long-ago", "19T11", ANGRY, CallEnded("abandoned"))
    passages = Passages.in_folder(tmp_path)
    passages.note("talked", "queued", "2026-11-20T09:00:03+01:00")
    passages.note("talked", "answered", "2026-11-20T09:00:27+01:00", agent="Anja")
    passages.note("gave-up", "abandoned", "2026-11-20T10:01:13+01:00")
    outbox = Outbox.in_folder(tmp_path)
    outbox.add("talked", "{}", "2026-11-20T09:00:00+01:00")
    outbox.failed(outbox.add("left", "{}", "2026-11-20T09:00:00+01:00"), "no answer", None)
    callbacks = Callbacks.in_folder(tmp_path)
    callbacks.add("talked", "0612345678", "2026-11-20T09:30:00+01:00")
    callbacks.add("left", "0687654321", "2026-11-20T09:40:00+01:00")
    callbacks.finish(2, "2026-11-20T10:00:00+01:00")
    for each in (store, passages, outbox, callbacks):
        each.close()

    asked = ("een klacht", "asked_for_human", ("vroeg om een medewerker",))
    assert read_board(tmp_path, NOW) == Board(
        handovers=(
            HandedOver("gave-up", "2026-11-20T10:00:03+01:00", *asked, 0.6, "abandoned", 70),
            HandedOver("talked", "2026-11-20T09:00:02+01:00", *asked, 0.0, "answered", 24, "Anja"),
        ),
        angry=(
            HungUpAngry("left", "2026-11-20T11:00:00+01:00", "een klacht", False, ("schold",)),
            HungUpAngry("gave-up", "2026-11-20T10:00:00+01:00", "een klacht", True, ("schold",)),
        ),
        callbacks=(ToCallBack(1, "2026-11-20T09:30:00+01:00", "een klacht", "open"),),
        letters_waiting=1,
        letters_given_up=1,
    )


def test_the_desk_gives_a_package_and_keeps_a_verdict(tmp_path: Path) -> None:
    contexts = Contexts.in_folder(tmp_path)
    contexts.add(CALL, "a-token", package().to_json(), "2026-11-20T10:15:03+01:00")
    contexts.add("broken", "b-token", "{", "2026-11-20T10:15:03+01:00")
    contexts.close()
    desk = StoredDesk(tmp_path, VirtualClock(NOW))

    async def main() -> None:
        assert [await desk.claim("a-token"), await desk.claim("a-token")] == [CALL, None]
        assert await desk.package(CALL) == package()
        assert await desk.package("none") is None
        assert await desk.marked(CALL) is None
        await desk.mark(CALL, "complaint", "anja")
        assert await desk.marked(CALL) == "complaint"
        await desk.unmark(CALL)
        assert await desk.marked(CALL) is None
        await desk.mark(CALL, "", "anja")
        assert await desk.marked(CALL) == ""
        with pytest.raises(RecordsError, match="broken") as refusal:
            await desk.package("broken")
        assert "{" not in str(refusal.value)

    run_virtual(main())
    feedback = Feedback.in_folder(tmp_path)
    assert [(one.call_id, one.by) for one in feedback.latest(9)] == [(CALL, "anja")]
    feedback.close()
