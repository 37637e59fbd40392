"""`voicebot fixtures` as its user sees it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from voicebot.dialogue import shipped_bots
from voicebot.events import CallEnded, CallStarted, Entry, UtteranceEnded
from voicebot.records import EventStore

pytestmark = pytest.mark.audio


def voicebot(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicebot", *arguments], capture_output=True, text=True, timeout=60, cwd=cwd
    )


def fixtures(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return voicebot("fixtures", *arguments, cwd=cwd)


def fails_with(ran: subprocess.CompletedProcess[str], sentence: str) -> bool:
    (line,) = ran.stderr.splitlines()
    return (ran.returncode, ran.stdout) == (2, "") and line.startswith("voicebot: ") and sentence in line


@pytest.mark.parametrize("bot", ["webshop", "own"])
def test_the_starter_passes_as_it_is(tmp_path: Path, bot: str) -> None:
    if bot == "own":
        shutil.copytree(shipped_bots()["webshop"], tmp_path / "own")
    ran = fixtures("new", "a/first.yaml", "--bot", bot, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "voicebot replay a/first.yaml\n")
    replayed = voicebot("replay", "a/first.yaml", cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stdout


def test_new_never_writes_over_a_file_and_knows_its_bot(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    assert fails_with(fixtures("new", "mine.yaml", cwd=tmp_path), "mine.yaml: is there already")
    assert (tmp_path / "mine.yaml").read_text() == "mine"
    assert fails_with(fixtures("new", "x.yaml", "--bot", "nope", cwd=tmp_path), "no such bot or folder")
    assert not (tmp_path / "x.yaml").exists()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A site's data folder with one call, and a configuration that names it."""
    folder = tmp_path / "data"
    store = EventStore(f"sqlite:///{folder / 'calls.db'}")
    started = CallStarted("call-1", "webshop", "v", "v", "2026-11-20T10:15:00+01:00")
    messages = [started, UtteranceEnded("goedemiddag", 10, 900), CallEnded("abandoned")]
    store.append([Entry("call-1", seq, seq, message) for seq, message in enumerate(messages, 1)])
    store.close()
    (tmp_path / "site.yaml").write_text(f"data: {folder}\n")
    return folder


def test_record_finds_the_call_by_configuration_or_database(data: Path, tmp_path: Path) -> None:
    by_config = fixtures("record", "call-1", "--config", "site.yaml", cwd=tmp_path)
    by_database = fixtures("record", "call-1", "--database", "data/calls.db", cwd=tmp_path)
    assert (by_config.returncode, by_config.stderr) == (0, "")
    assert "text: goedemiddag" in by_config.stdout
    assert by_config.stdout == by_database.stdout
    written = fixtures("record", "call-1", "--config", "site.yaml", "-o", "new.yaml", cwd=tmp_path)
    assert written.stdout == "voicebot replay new.yaml\n"
    assert (tmp_path / "new.yaml").read_text() == by_config.stdout


def test_record_says_what_is_wrong(data: Path, tmp_path: Path) -> None:
    unknown = fixtures("record", "nope", "--config", "site.yaml", cwd=tmp_path)
    assert fails_with(unknown, "no call nope; the last ones: call-1")
    absent = fixtures("record", "call-1", "--database", "nope.db", cwd=tmp_path)
    assert fails_with(absent, "nope.db: no event store here")
    assert not (tmp_path / "nope.db").exists()


def test_render_makes_files_and_names_them(tmp_path: Path) -> None:
    texts = ["nee dank u", "--voices", "nl+m3", "--rates", "120,180", "--line", "gsm", "-o", "out"]
    ran = fixtures("render", *texts, cwd=tmp_path)
    assert ran.stdout.splitlines() == [f"out/nee_dank_u.nl-m3.{rate}.gsm.flac" for rate in (120, 180)]
    rows = [json.loads(line) for line in (tmp_path / "out/recordings.jsonl").read_text().splitlines()]
    assert rows[0]["seconds"] > rows[1]["seconds"] > 0.5
    assert fixtures("render", *texts, cwd=tmp_path).stdout == ""


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--line", "tin", "no line 'tin'; there are clean, alaw"),
        ("--rates", "fast", "not a number of words per minute: 'fast'"),
        ("--rates", "900", "choose 80 to 300"),
        ("--voices", "xx", "no Dutch voice 'xx'"),
        ("--voices", ",", "give at least one"),
    ],
)
def test_render_says_what_is_wrong(tmp_path: Path, option: str, value: str, sentence: str) -> None:
    assert fails_with(fixtures("render", "dag", option, value, cwd=tmp_path), sentence)


@pytest.mark.parametrize("command", ["new", "record", "render"])
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    assert (
        f"voicebot fixtures {command}"
        in fixtures(command, "--help", cwd=tmp_path).stdout.partition("Example:")[2]
    )
