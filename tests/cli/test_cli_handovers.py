"""`voicebot handovers`, as a supervisor who looks for false alarms uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.cli import app
from voicebot.errors import RecordsError, UsageError
from voicebot.events import CallStarted, Entry, Transfer
from voicebot.records import EventStore

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
        "frustrated; order_status; schold, werd niet begrepen",
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


def test_nothing_yet_and_a_wrong_place(tmp_path: Path) -> None:
    assert voicebot(tmp_path, "list") == ["nobody was handed over"]
    with pytest.raises(UsageError, match="no data folder"):
        voicebot(tmp_path / "nowhere", "list")
