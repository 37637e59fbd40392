"""`voicebot handovers`, as a supervisor who looks for false alarms uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.cli import app
from voicebot.errors import RecordsError, UsageError
from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    PromptFinished,
    PromptStarted,
    Transfer,
)
from voicebot.records import EventStore, Passages

pytestmark = pytest.mark.unit

ANGRY = Transfer("q", "frustrated", "order_status", evidence=("schold", "werd niet begrepen"))


def voicebot(data: Path, *arguments: str) -> list[str]:
    ran = CliRunner().invoke(
        app, ["handovers", *arguments], env={"VOICEBOT_DATA": str(data)}, catch_exceptions=False
    )
    return ran.stdout.splitlines()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = EventStore.in_folder(tmp_path)
    transfers = [ANGRY, Transfer("q", "asked_for_human"), ANGRY]
    for number, transfer in enumerate(transfers):
        started = CallStarted(f"c{number}", "webshop", "v", "0", f"2026-11-20T1{number}:00:00+01:00")
        store.append([Entry(f"c{number}", 1, 0, started), Entry(f"c{number}", 2, 9000, transfer)])
    store.append([Entry("c9", 1, 0, CallStarted("c9", "webshop", "v", "0", "2026-11-20T19:00:00+01:00"))])
    store.close()
    return tmp_path


def test_the_list_tells_why_the_newest_first(data: Path) -> None:
    newest, asked, oldest, *counts = voicebot(data, "list")
    assert newest.split("  ") == [
        "2026-11-20T12:00:00+01:00",
        "c2",
        "frustrated; order_status; schold, werd niet begrepen; not disclosed",
    ]
    assert "asked_for_human" in asked
    assert " c0 " in oldest
    assert counts == ["frustrated: 2, of which 0 false", "asked_for_human: 1, of which 0 false"]
    assert [json.loads(line)["call_id"] for line in voicebot(data, "list", "--limit", "2", "--json")] == [
        "c2",
        "c1",
    ]


def test_false_alarms_are_counted_until_they_are_none_after_all(data: Path) -> None:
    told = json.loads(voicebot(data, "false-alarm", "c0", "--json")[0])
    assert told == {"call_id": "c0", "false_alarm": True}
    voicebot(data, "false-alarm", "c0")
    assert "frustrated: 2, of which 1 false" in voicebot(data, "list")
    voicebot(data, "false-alarm", "c0", "--undo")
    assert "frustrated: 2, of which 0 false" in voicebot(data, "list")


def test_a_call_without_a_hand_over_is_said(data: Path) -> None:
    with pytest.raises(RecordsError, match="no hand-over of a call c9"):
        voicebot(data, "false-alarm", "c9")


def test_the_list_tells_what_became_of_them(data: Path) -> None:
    store, passages = EventStore.in_folder(data), Passages.in_folder(data)
    said = [PromptStarted(1, "disclosure", "Goedendag."), PromptFinished(1)]
    store.append([Entry("c2", seq, 10, message) for seq, message in enumerate(said, start=3)])
    passages.note("c2", "queued", "2026-11-20T12:00:09+01:00")
    passages.note("c2", "answered", "2026-11-20T12:00:21.500+01:00", agent="Anja")
    passages.note("c1", "fallback", "2026-11-20T12:00:30+01:00", detail="timeout")
    store.close()
    passages.close()
    newest, asked, oldest, *_ = voicebot(data, "list")
    assert newest.endswith(
        "frustrated; order_status; schold, werd niet begrepen; answered by Anja after 12.5 s"
    )
    assert asked.endswith("asked_for_human; fallback; not disclosed")
    assert oldest.endswith("werd niet begrepen; not disclosed")
    one = json.loads(voicebot(data, "list", "--json")[0])
    assert (one["agent"], one["seconds_to_human"], one["disclosed"]) == ("Anja", 12.5, True)
    assert (one["ended_how"], one["bot_was_wrong"]) == ("answered", None)


def test_what_the_bot_had_wrong_is_on_the_review_list(data: Path) -> None:
    assert voicebot(data, "list", "--wrong") == ["the bot had nothing wrong that anybody told"]
    told = json.loads(voicebot(data, "wrong", "c0", "--intent", "complaint", "--by", "Anja", "--json")[0])
    assert told == {"call_id": "c0", "bot_was_wrong": "complaint"}
    voicebot(data, "wrong", "c1")
    unknown, known, *_ = voicebot(data, "list", "--wrong")
    assert unknown.endswith(" c1  asked_for_human; not disclosed; the bot had it wrong")
    assert known.endswith("not disclosed; the bot had it wrong complaint")
    assert voicebot(data, "wrong", "c1", "--undo") == ["c1: the bot had it right"]
    assert [json.loads(line)["call_id"] for line in voicebot(data, "list", "--wrong", "--json")] == ["c0"]
    with pytest.raises(RecordsError, match="no hand-over of a call c9"):
        voicebot(data, "wrong", "c9")


def test_who_was_denied_a_human_is_told_and_fails(data: Path) -> None:
    assert voicebot(data, "denied") == ["nobody was denied a human"]
    store = EventStore.in_folder(data)
    store.append(
        [Entry("c9", 2, 5, IntentRecognised("human", 1.0)), Entry("c9", 3, 9, CallEnded("contained"))]
    )
    store.close()
    ran = CliRunner().invoke(app, ["handovers", "denied"], env={"VOICEBOT_DATA": str(data)})
    why = "the caller asked for a human, but the call ended as contained without one"
    assert (ran.exit_code, ran.stdout.splitlines()) == (1, [f"2026-11-20T19:00:00+01:00  c9  {why}"])
    (line,) = voicebot(data, "denied", "--json")
    assert json.loads(line) == {"call_id": "c9", "started_at": "2026-11-20T19:00:00+01:00", "why": why}
    assert voicebot(data, "denied", "--json", "--limit", "1") == [line]


def test_nothing_yet_and_a_wrong_place(tmp_path: Path) -> None:
    assert voicebot(tmp_path, "list") == ["nobody was handed over"]
    with pytest.raises(UsageError, match="no data folder"):
        voicebot(tmp_path / "nowhere", "list")
