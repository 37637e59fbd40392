import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from voicebot.audio import RATE, read_audio
from voicebot.cli.speak import speak
from voicebot.errors import UsageError, VoiceError

pytestmark = pytest.mark.audio

app = typer.Typer()
app.command()(speak)


def test_writes_the_sound_and_reports(tmp_path: Path) -> None:
    file = tmp_path / "prijs.wav"
    result = CliRunner().invoke(app, ["Het kost € 19,95. Tot ziens.", "-o", str(file), "--voice", "nl+f2"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["file"] == str(file)
    assert report["spoken_text"] == "Het kost negentien euro vijfennegentig. Tot ziens."
    assert 0 <= report["ms_first_audio"] <= report["ms_total"]
    assert read_audio(file).size > RATE


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["Hallo", "--voice", "xx"], VoiceError),
        (["Hallo", "--rate", "9"], VoiceError),
        (["..."], UsageError),
        (["Hallo", "-o", "missing/folder/hallo.wav"], UsageError),
    ],
)
def test_wrong_use_is_told(arguments: list[str], error: type[Exception]) -> None:
    assert isinstance(CliRunner().invoke(app, arguments).exception, error)
