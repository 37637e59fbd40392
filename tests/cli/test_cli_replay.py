"""`voicebot replay` where there are no recordings of real people."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.audio

OWN = "call: Eigen\nbot: webshop\nturns: [{caller: {hangs_up: true, at: 2s}}]\n"
REAL = "call: Echt\nbot: webshop\nturns: [{caller: {wav: 'recordings:a.flac'}}]\n"


def replay(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"VOICEBOT_RECORDINGS": str(folder / "people")}
    command = [sys.executable, "-m", "voicebot", "replay", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, env=environment)


def test_fixtures_that_need_them_are_left_out_and_counted_on_stderr(tmp_path: Path) -> None:
    for name, text in {"a": OWN, "b": REAL, "c": REAL}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    ran = replay(tmp_path, ".", "--json")
    assert ran.returncode == 0
    left_out, learning = ran.stderr.splitlines()
    assert left_out.startswith("voicebot: 2 fixtures are left out: ")
    assert learning.startswith("voicebot: the speech model learns the words of webshop")
    assert [call["fixture"] for call in json.loads(ran.stdout)["calls"]] == ["a.yaml"]


def test_none_left_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(REAL)
    ran = replay(tmp_path, "b.yaml")
    (line,) = ran.stderr.splitlines()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert line.startswith("voicebot: 1 fixture is left out: ")
