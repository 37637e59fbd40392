"""`voicebot mood` on people; `conftest.py` leaves this out, and says so, where their recordings are not."""

import json

import pytest

from voicebot.cli.mood import mood
from voicebot.replay import recordings_folder

pytestmark = pytest.mark.audio


def test_an_angry_person_scores_above_the_same_person_when_calm(capsys: pytest.CaptureFixture[str]) -> None:
    clips = recordings_folder() / "emodb" / "audio"
    mood([clips / "03a01Wa.flac", clips / "03a01Nc.flac"], baseline=[clips / "03a02Nc.flac"])
    angry, calm = map(json.loads, capsys.readouterr().out.splitlines())
    assert angry["frustrated"]
    assert not calm["frustrated"]
    assert angry["score"] > 0.6
    assert len(angry["reasons"]) == 3
