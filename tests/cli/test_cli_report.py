"""`voicebot replay --report`, as a tester gives it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.audio

FIXTURE = Path(__file__).parents[2] / "audio_fixtures" / "webshop" / "demo.yaml"


def test_writes_a_page_beside_the_json(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from voicebot.cli import main; main()",
        "replay",
        str(FIXTURE),
        "--json",
    ]
    options = ["--report", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    run = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120, check=False)
    (line,) = run.stderr.splitlines()
    assert line.startswith("voicebot: the speech model learns the words of webshop")
    assert json.loads(run.stdout)["passed"] == 1
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "1 passed" in page
    assert "vosk-model-" in page
    assert "with the words of each bot" in page
