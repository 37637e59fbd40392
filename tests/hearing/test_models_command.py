import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.cli.models import models_app

pytestmark = pytest.mark.unit

SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with our model, and one that was not fetched."""
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "file").touch()
    entry = '[[model]]\nname = "{}"\nlanguage = "nl"\nlicence = "CC0"\nsize = 0\n'
    (tmp_path / "models.toml").write_text(
        entry.format("official") + 'url = "https://models.test/x.zip"\n[model.files]\n'
        f'{entry.format("ours")}[model.files]\nfile = "{SHA256_OF_NOTHING}"\n'
    )
    monkeypatch.setenv("VOICEBOT_MODELS", str(tmp_path))
    return tmp_path


def test_list_tells_what_is_here_and_used(models: Path) -> None:
    result = CliRunner().invoke(models_app, ["list", "--json"])
    official, ours = (json.loads(line) for line in result.stdout.splitlines())
    assert (official["name"], official["path"], official["used"]) == ("official", None, False)
    assert (ours["name"], ours["path"], ours["used"]) == ("ours", str(models / "ours"), True)
    table = CliRunner().invoke(models_app, ["list"]).stdout.splitlines()
    assert "not fetched" in table[0]
    assert "used" in table[1]


def test_verify_passes_what_is_whole_and_fails_what_is_not(models: Path) -> None:
    whole = CliRunner().invoke(models_app, ["verify", "--json"])
    assert whole.exit_code == 0
    assert [json.loads(line) for line in whole.stdout.splitlines()] == [
        {"name": "ours", "path": str(models / "ours"), "wrong": []}
    ]
    (models / "ours" / "file").write_text("changed")
    changed = CliRunner().invoke(models_app, ["verify"])
    assert changed.exit_code == 1
    assert "file: changed" in changed.stderr


def test_verify_fails_a_named_model_that_is_not_here(models: Path) -> None:
    result = CliRunner().invoke(models_app, ["verify", "official"])
    assert result.exit_code == 1
    assert "not fetched" in result.stderr
