"""A bot's own speech model: made by itself, once, and never in the way of a bot that answers."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from voicebot.bot_model import BotModel, find_bot_model, open_bot_model
from voicebot.dialogue import shipped_bots

pytestmark = pytest.mark.unit

Open = Callable[[], BotModel]


class Making:
    """Stands in for the process that makes a model."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.fails = ""
        self.hangs = False

    def run(self, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if self.hangs:
            raise subprocess.TimeoutExpired(command, 60)
        if self.fails:
            return subprocess.CompletedProcess(command, 2, "", f"a line\nvoicebot: {self.fails}\n")
        base, made = (Path(command[command.index(name) + 1]) for name in ("--model", "--out"))
        shutil.copytree(base, made)
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    one = Making()
    monkeypatch.setattr("voicebot.bot_model.subprocess.run", one.run)
    return one


@pytest.fixture
def base(tmp_path: Path) -> Path:
    model = tmp_path / "base"
    for name in ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text(f"the content of {name}")
    return model


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_bots()["webshop"], tmp_path / "shop"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "models"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def opened(bot: Path, base: Path, folder: Path, said: list[str]) -> Open:
    return lambda: open_bot_model(bot, base, folder, said.append)


def models(folder: Path) -> list[str]:
    return sorted(place.name for place in folder.iterdir() if place.is_dir())


def change(bot: Path) -> None:
    with (bot / "intents.yaml").open("a") as file:
        file.write("# another bot now\n")


def test_it_is_made_once(opened: Open, making: Making, folder: Path, said: list[str], base: Path) -> None:
    first, second = opened(), opened()
    assert first.path == second.path == folder / models(folder)[0]
    assert (first.path / "graph/Gr.fst").read_text() == "the content of graph/Gr.fst"
    assert len(making.commands) == 1
    assert said == [
        "the speech model learns the words of shop: some seconds, once for each change of the bot"
    ]


@pytest.mark.parametrize("what", ["words", "pronunciations", "base"])
def test_a_change_makes_another_and_removes_the_old(
    opened: Open, making: Making, folder: Path, bot: Path, base: Path, what: str
) -> None:
    with opened() as before:
        pass
    match what:
        case "words":
            change(bot)
        case "pronunciations":
            (bot / "lexicon.txt").write_text("zwuurm z w y r @ m\n")
        case _:
            (base / "graph" / "Gr.fst").write_text("trained anew")
    with opened() as after:
        assert after.path != before.path
        assert models(folder) == [after.path.name]


def test_one_in_use_stays_until_it_is_not(opened: Open, making: Making, folder: Path, bot: Path) -> None:
    used = opened()
    change(bot)
    with opened() as after:
        assert models(folder) == sorted([used.path.name, after.path.name])
    used.close()
    change(bot)
    with opened() as last:
        assert models(folder) == [last.path.name]


def test_one_in_use_by_another_process_stays(
    opened: Open, making: Making, folder: Path, bot: Path, base: Path
) -> None:
    with opened() as first:
        code = (
            "import sys; from pathlib import Path; from voicebot.bot_model import find_bot_model; "
            "held = find_bot_model(*map(Path, sys.argv[1:])); print(held.path, flush=True); input()"
        )
    user = subprocess.Popen(
        [sys.executable, "-c", code, bot, base, folder], stdin=-1, stdout=-1, text=True, env=os.environ
    )
    assert user.stdout
    assert user.stdout.readline().strip() == str(first.path)
    change(bot)
    with opened() as after:
        assert models(folder) == sorted([first.path.name, after.path.name])
    user.communicate("\n")


def test_models_of_other_bots_and_fetched_ones_stay(
    opened: Open, making: Making, folder: Path, bot: Path
) -> None:
    others = ["shop-2-0123456789abcdef", "vosk-model-small-nl-0.22", ".vosk-model-small-nl-0.22-x1"]
    for name in others:
        (folder / name).mkdir(parents=True)
    opened().close()
    change(bot)
    with opened() as after:
        assert models(folder) == sorted([*others, after.path.name])


@pytest.mark.parametrize("harm", ["cut off", "missing", "no list"])
def test_one_that_is_not_whole_is_made_again(opened: Open, making: Making, folder: Path, harm: str) -> None:
    with opened() as broken:
        pass
    match harm:
        case "cut off":
            (broken.path / "graph/HCLr.fst").write_text("")
        case "missing":
            (broken.path / "am/final.mdl").unlink()
        case _:
            (broken.path / "files.json").write_text("[")
    with opened() as mended:
        assert mended.path == broken.path
        assert (mended.path / "graph/HCLr.fst").read_text() == "the content of graph/HCLr.fst"
        assert "am/final.mdl" in json.loads((mended.path / "files.json").read_text())
    assert len(making.commands) == 2


def test_what_a_killed_process_left_is_removed(
    opened: Open, making: Making, folder: Path, bot: Path, base: Path
) -> None:
    with opened() as made:
        pass
    for name in (f".{made.path.name}", f"..{made.path.name}-k2j3"):
        (folder / name / "made").mkdir(parents=True)
    change(bot)
    with opened() as after:
        assert models(folder) == [after.path.name]


def test_without_one_the_base_answers_with_one_warning(
    opened: Open, making: Making, base: Path, said: list[str], folder: Path
) -> None:
    making.fails = "shop/lexicon.txt:1: 'q' is no phone"
    assert opened().path == base
    assert len(said) == 2
    assert said[1].startswith("warning: base is used as it is, without the words of shop")
    assert "shop/lexicon.txt:1: 'q' is no phone" in said[1]
    assert models(folder) == []


def test_a_process_that_hangs_is_given_up(opened: Open, making: Making, base: Path, said: list[str]) -> None:
    making.hangs = True
    assert opened().path == base
    assert "making it took over 60 s" in said[-1]


def test_where_nothing_can_be_written_the_base_answers(
    opened: Open, making: Making, base: Path, folder: Path, said: list[str]
) -> None:
    folder.parent.write_text("no folder")
    assert opened().path == base
    assert len(said) == 1
    assert said[0].startswith("warning: base is used as it is")


def test_a_model_whose_words_cannot_change_is_used_as_it_is(
    opened: Open, making: Making, base: Path, said: list[str]
) -> None:
    (base / "graph/HCLr.fst").rename(base / "graph/HCLG.fst")
    assert opened().path == base
    assert (said, making.commands) == ([], [])


def test_looking_for_one_makes_none(making: Making, bot: Path, base: Path, folder: Path) -> None:
    assert find_bot_model(bot, base, folder) is None
    assert making.commands == []
