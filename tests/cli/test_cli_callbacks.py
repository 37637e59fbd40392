"""`voicebot callbacks`, as who calls people back uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.cli import app
from voicebot.errors import RecordsError, UsageError
from voicebot.records import Callbacks

pytestmark = pytest.mark.unit

CALL = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def voicebot(data: Path, *arguments: str) -> str:
    ran = CliRunner().invoke(
        app, ["callbacks", *arguments], env={"VOICEBOT_DATA": str(data)}, catch_exceptions=False
    )
    return ran.stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    book = Callbacks.in_folder(tmp_path)
    book.add(CALL, "0612345678", "2026-11-20T12:00:00+01:00")
    book.close()
    return tmp_path


def test_the_list_tells_whom_to_call(data: Path) -> None:
    (line,) = voicebot(data, "list").splitlines()
    assert line.split() == ["1", "2026-11-20T12:00:00+01:00", "0612345678"]
    one = json.loads(voicebot(data, "list", "--json"))
    assert (one["id"], one["call_id"], one["number"], one["status"]) == (1, CALL, "0612345678", "open")


def test_who_was_called_is_off_the_list_and_the_number_is_gone(data: Path) -> None:
    assert json.loads(voicebot(data, "done", "1", "--json")) == {"id": 1, "status": "done"}
    assert voicebot(data, "list", "--json") == ""
    assert "nobody" in voicebot(data, "list")
    assert json.loads(voicebot(data, "list", "--all", "--json"))["number"] is None
    assert " done" in voicebot(data, "list", "--all")
    with pytest.raises(RecordsError, match="no call-back 1 is open"):
        voicebot(data, "done", "1")


def test_what_came_of_it_is_told_and_what_failed_is_tried_again(data: Path) -> None:
    noon = "2026-11-20T12:30:00+01:00"
    book = Callbacks.in_folder(data)
    book.claim(1, noon)
    assert voicebot(data, "list").split()[-1] == "calling"
    book.result(1, "no_answer", noon, status="failed")
    book.close()
    assert voicebot(data, "list", "--json") == ""
    assert "0612345678       failed; tried 1x; no_answer" in voicebot(data, "list", "--all")
    assert json.loads(voicebot(data, "again", "1", "--json")) == {"id": 1, "status": "open"}
    one = json.loads(voicebot(data, "list", "--json"))
    assert (one["status"], one["tries"], one["last_result"]) == ("open", 0, "no_answer")
    with pytest.raises(RecordsError, match="no call-back 1 has failed or expired"):
        voicebot(data, "again", "1")


def test_a_wrong_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no data folder"):
        voicebot(tmp_path / "nowhere", "list")
