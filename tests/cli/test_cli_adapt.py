import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.cli.models import models_app
from voicebot.dialogue import shipped_bots
from voicebot.errors import UsageError

pytestmark = pytest.mark.audio


def test_a_bots_words_become_a_model(tmp_path: Path) -> None:
    out = tmp_path / "model"
    result = CliRunner().invoke(models_app, ["adapt", "--bot", "webshop", "--out", str(out), "--json"])
    told = json.loads(result.stdout)
    assert (told["path"], told["left_out"]) == (str(out), [])
    assert told["guessed"]["bakfiets"] == "b A k f i t s"  # in a template
    assert "fietsplaza" in told["guessed"]  # in what the bot says
    assert "medewerker" not in told["guessed"]
    lexicon = (out / "graph" / "lexicon.txt").read_text()
    assert "\nbakfiets b A k f i t s\n" in lexicon


def test_sentences_are_read_as_they_are_written(tmp_path: Path) -> None:
    said, names = tmp_path / "gezegd.txt", tmp_path / "names.txt"
    said.write_text("Heeft u de Zwuurm 12?\nFluister een e-mail, één keer.\n")
    names.write_text("zwuurm z w y r @ m\n")
    arguments = ["adapt", "--sentences", str(said), "--lexicon", str(names), "--out", str(tmp_path / "model")]
    result = CliRunner().invoke(models_app, arguments)
    assert result.stdout.splitlines() == [str(tmp_path / "model")]
    assert result.stderr.splitlines()[1:] == [
        "Guessed pronunciations; mend what is wrong in lexicon.txt beside the bot:",
        "fluister f l Wy s t @ r",
    ]
    words = {
        line.split()[0] for line in (tmp_path / "model" / "graph" / "lexicon.txt").read_text().splitlines()
    }
    assert {"zwuurm", "twaalf", "email", "keer"} <= words
    assert words.isdisjoint({"12", "e-mail", "Zwuurm"})


@pytest.mark.parametrize("arguments", [[], ["--bot", "webshop", "--sentences", __file__]])
def test_either_a_bot_or_sentences(arguments: list[str]) -> None:
    assert isinstance(CliRunner().invoke(models_app, ["adapt", *arguments]).exception, UsageError)


def test_sentences_without_words_are_refused(tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text("\n ... \n")
    ran = CliRunner().invoke(models_app, ["adapt", "--sentences", str(tmp_path / "said.txt")])
    assert isinstance(ran.exception, UsageError)
    assert "said.txt holds no words" in str(ran.exception)


def test_how_words_sound_is_read_beside_the_bot(tmp_path: Path) -> None:
    bot, out = tmp_path / "bot", tmp_path / "model"
    shutil.copytree(shipped_bots()["webshop"], bot)
    (bot / "lexicon.txt").write_text("fietsplaza f i t s p l E z a:\n")
    ran = CliRunner().invoke(models_app, ["adapt", "--bot", str(bot), "--out", str(out), "--json"])
    assert "fietsplaza" not in json.loads(ran.stdout)["guessed"]
    assert "\nfietsplaza f i t s p l E z a:\n" in (out / "graph" / "lexicon.txt").read_text()
