"""Wrong use of `voicebot load` is one sentence, before anything is started."""

import subprocess
import sys
from pathlib import Path

import pytest
from recordings import FIXTURES

pytestmark = pytest.mark.audio

ONE = str(FIXTURES / "retour.yaml")


def load(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voicebot", "load", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd)


def test_help_has_an_example(tmp_path: Path) -> None:
    ran = load("--help", cwd=tmp_path)
    assert ran.returncode == 0
    assert "voicebot load --calls" in ran.stdout.partition("Example:")[2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--via", "direct", ONE], "--via direct: virtual time has no load; use audiosocket or asterisk"),
        (["--via", "carrier-pigeon", ONE], "there are audiosocket and asterisk"),
        (["--calls", "0", ONE], "'--calls'"),
        (["--seconds", "0", ONE], "'--seconds'"),
        (["--workers", "0", ONE], "'--workers'"),
        (["nope.yaml"], "nope.yaml: cannot be read"),
        (["."], "no fixtures here"),
        (["--bot", "nope", ONE], "no such bot or folder"),
        (["--to", "nowhere", ONE], "--to: write host:port"),
        (["--to", "sip:127.0.0.1", ONE], "names nobody to call"),
        (["--to", "127.0.0.1:1", "--workers", "2", ONE], "--to"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    ran = load(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("voicebot: ")
    assert sentence in line


def test_fixtures_for_several_bots_ask_for_one(tmp_path: Path) -> None:
    for bot in ("webshop", "other"):
        (tmp_path / f"{bot}.yaml").write_text(f"call: x\nbot: {bot}\nturns: [{{caller: {{keys: '1'}}}}]\n")
    ran = load(".", cwd=tmp_path)
    assert ran.returncode == 2
    assert "several bots: other, webshop; choose one with --bot" in ran.stderr


def test_nobody_answers_there(tmp_path: Path) -> None:
    ran = load("--to", "127.0.0.1:1", "--calls", "1", "--seconds", "1", ONE, cwd=tmp_path)
    assert ran.returncode == 1
    assert "0 completed" in ran.stdout
