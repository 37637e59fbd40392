from pathlib import Path

import pytest

from voicebot.errors import ModelError, UsageError
from voicebot.hearing import ModelEntry, Registry, choose_model, open_registry, verify_model

pytestmark = pytest.mark.unit

OURS = ModelEntry("ours", "nl", "CC0", 3, {"am/final.mdl": "0" * 64})
OFFICIAL = ModelEntry("official", "nl", "Apache-2.0", 3, {}, "https://models.test/official.zip")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    (tmp_path / "models" / "ours").mkdir(parents=True)
    return Registry(tmp_path / "models", tmp_path / "fetched", (OFFICIAL, OURS))


def test_ours_runs_until_the_official_one_is_fetched(registry: Registry) -> None:
    choice = choose_model(None, registry)
    assert (choice.name, choice.is_ours, choice.path) == ("ours", True, registry.folder / "ours")
    (registry.fetched / "official").mkdir(parents=True)
    choice = choose_model(None, registry)
    assert (choice.name, choice.is_ours, choice.path) == ("official", False, registry.fetched / "official")


def test_the_configured_model_comes_first(registry: Registry, tmp_path: Path) -> None:
    (registry.fetched / "official").mkdir(parents=True)
    (tmp_path / "own").mkdir()
    assert choose_model(tmp_path / "own", registry).path == tmp_path / "own"
    with pytest.raises(ModelError, match="configured"):
        choose_model(tmp_path / "absent", registry)


def test_no_model_at_all_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="voicebot models fetch"):
        choose_model(None, Registry(tmp_path, tmp_path, (OFFICIAL, OURS)))


def test_an_unknown_name_lists_the_known_ones(registry: Registry) -> None:
    with pytest.raises(UsageError, match="official, ours"):
        registry.entry("other")


def test_the_shipped_model_is_whole() -> None:
    registry = open_registry({})
    for entry in registry.entries:
        assert all(len(sha256) == 64 for sha256 in entry.files.values())
        if entry.is_ours:
            assert verify_model(entry, registry.folder / entry.name) == ()
            files = [file for file in (registry.folder / entry.name).rglob("*") if file.is_file()]
            assert len(files) == len(entry.files)
            assert sum(file.stat().st_size for file in files) == entry.size


def test_each_wrong_file_is_named(tmp_path: Path) -> None:
    entry = ModelEntry("m", "nl", "CC0", 3, {"absent": "0" * 64, "changed": "0" * 64})
    (tmp_path / "changed").write_text("something else")
    absent, changed = verify_model(entry, tmp_path)
    assert absent.endswith("absent: missing")
    assert "changed (its SHA-256" in changed


def test_the_environment_names_another_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="VOICEBOT_MODELS"):
        open_registry({"VOICEBOT_MODELS": str(tmp_path)})
    (tmp_path / "models.toml").write_text("model = []")
    assert open_registry({"VOICEBOT_MODELS": str(tmp_path)}).fetched == tmp_path
    (tmp_path / "models.toml").write_text("[[model]]\nname = 'x'")
    with pytest.raises(ModelError, match="not a list of speech models"):
        open_registry({"VOICEBOT_MODELS": str(tmp_path)})


def test_models_are_fetched_to_the_users_data(tmp_path: Path) -> None:
    assert open_registry({"XDG_DATA_HOME": str(tmp_path)}).fetched == tmp_path / "voicebot" / "models"
