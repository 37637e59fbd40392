import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.cli.models import models_app
from voicebot.errors import UsageError

pytestmark = pytest.mark.audio


def test_a_bots_words_become_a_model(tmp_path: Path) -> None:
    out = tmp_path / "model"
    result = CliRunner().invoke(models_app, ["adapt", "--bot", "webshop", "--out", str(out), "--json"])
    told = json.loads(result.stdout)
    assert (told["path"], told["left_out"]) == (str(out), [])
    assert told["guessed"]["fietspomp"] == "f i t s p O m p"  # in a template
    assert "fietsplaza" in told["guessed"]  # in what the bot says
    assert "medewerker" not in told["guessed"]
    lexicon = (out / "graph" / "lexicon.txt").read_text()
    assert "\nfietspomp f i t s p O m p\n" in lexicon


def test_sentences_are_read_as_they_are_written(tmp_path: Path) -> None:
    said, names = tmp_path / "gezegd.txt", tmp_path / "names.txt"
    said.write_text("Heeft u de Zwuurm 12?\nFluister een e-mail, één keer.\n")
    names.write_text("zwuurm z w y r @ m\n")
    arguments = ["adapt", "--sentences", str(said), "--lexicon", str(names), "--out", str(tmp_path / "model")]
    result = CliRunner().invoke(models_app, arguments)
    assert result.stdout.splitlines() == [str(tmp_path / "model")]
    assert result.stderr.splitlines()[1:] == [
        "Guessed pronunciations; mend what is wrong in a file for --lexicon:",
        "fluister f l Wy s t @ r",
    ]
    words = {
        line.split()[0] for line in (tmp_path / "model" / "graph" / "lexicon.txt").read_text().splitlines()
    }
    assert {"zwuurm", "twaalf", "email", "keer"} <= words
    assert words.isdisjoint({"12", "één", "e-mail", "Zwuurm"})


@pytest.mark.parametrize("arguments", [[], ["--bot", "webshop", "--sentences", __file__]])
def test_either_a_bot_or_sentences(arguments: list[str]) -> None:
    assert isinstance(CliRunner().invoke(models_app, ["adapt", *arguments]).exception, UsageError)
