import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer import Typer
from typer.testing import CliRunner

from voicebot.cli.check import check
from voicebot.dialogue import shipped_bots
from voicebot.hearing import open_registry

pytestmark = pytest.mark.audio

NEW = "      - heeft u een zwuurm\n"
"""A wish with a word that nobody knows."""


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """The webshop, whose callers ask for something new on line 8 of its intents."""
    folder = Path(shutil.copytree(shipped_bots()["webshop"], tmp_path / "bot"))
    lines = (folder / "intents.yaml").read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith("      - "))
    (folder / "intents.yaml").write_text("".join([*lines[:first], NEW, *lines[first:]]))
    return folder


def place(bot: Path) -> str:
    lines = (bot / "intents.yaml").read_text().splitlines(keepends=True)
    return f"{bot}/intents.yaml:{lines.index(NEW) + 1}"


@pytest.fixture
def bound(tmp_path: Path) -> Path:
    """Our model as the official ones are: nothing says how its words sound."""
    registry = open_registry()
    ours = registry.find(registry.entry("vosk-model-nl-mini"))
    assert ours
    model = Path(shutil.copytree(ours, tmp_path / "bound"))
    (model / "graph" / "lexicon.txt").unlink()
    return model


def run(*arguments: str) -> Result:
    app = Typer()
    app.command()(check)
    return CliRunner().invoke(app, arguments)


def test_a_guessed_pronunciation_is_a_remark(bot: Path) -> None:
    ran = run(str(bot))
    assert (ran.exit_code, ran.stdout) == (0, f"{bot}: ok\n")
    remark = next(line for line in ran.stderr.splitlines() if "zwuurm" in line)
    assert remark == f"{place(bot)}: remark: guessed how it sounds: zwuurm (z w y r m)"


def test_remarks_are_only_counted_for_bots_that_were_not_named() -> None:
    ran = run()
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert re.fullmatch(r"webshop: ok \(\d+ remarks: voicebot check webshop\)\n", ran.stdout)


def test_what_is_written_down_is_not_guessed(bot: Path) -> None:
    (bot / "lexicon.txt").write_text("# ours\nzwuurm z w y r @ m\n")
    assert "zwuurm" not in run(str(bot)).stderr


def test_a_mistake_in_the_lexicon_has_a_line(bot: Path) -> None:
    (bot / "lexicon.txt").write_text("# ours\nzwuurm z w Q\n")
    ran = run(str(bot))
    assert ran.exit_code == 1
    assert ran.stderr.startswith(f"{bot}/lexicon.txt:2: 'Q' is no phone; phones are @ A E")


def test_a_wish_that_the_model_can_never_hear_is_a_mistake(bot: Path, bound: Path) -> None:
    prompts = (bot / "bot.yaml").read_text().replace("met een collega", "met een zwoelie")
    (bot / "bot.yaml").write_text(prompts)
    assert "zwoelie" in prompts
    ran = run(str(bot), "--model", str(bound), "--json")
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["ok"], told["remarks"]) == (1, False, [])
    line = next(line for line in told["error"].splitlines() if "zwuurm" in line)
    assert line.startswith(f"{place(bot)}: the speech model cannot know 'zwuurm', so callers who say it")
    assert "zwoelie" not in told["error"]  # only the bot says that


def test_a_bot_is_not_wrong_because_a_model_is(bot: Path, bound: Path) -> None:
    (bound / "graph" / "Gr.fst").write_bytes(b"cut off")
    ran = run(str(bot), "--model", str(bound))
    assert ran.exit_code == 0
    assert "remark: its words were not looked at" in ran.stderr


@pytest.mark.parametrize(
    ("voice", "says"),
    [("nl+nobody", "no Dutch voice 'nl+nobody'"), ("nl_BE-nobody-low", "put nl_BE-nobody-low.onnx")],
)
def test_a_voice_that_does_not_speak_here_is_a_mistake(bot: Path, voice: str, says: str) -> None:
    file = bot / "bot.yaml"
    file.write_text(file.read_text().replace("voice: {name: nl,", f"voice: {{name: {voice},"))
    ran = run(str(bot))
    assert ran.exit_code == 1
    assert says in ran.stderr
    assert ran.stderr.startswith(f"{file}:6: ")
