"""Settings: defaults, then the file, then the environment; mistakes are one sentence."""

from pathlib import Path

import pytest

from voicebot.errors import ConfigError
from voicebot.serve import Settings, load_settings

pytestmark = pytest.mark.unit


def write(folder: Path, text: str) -> Path:
    file = folder / "voicebot.yaml"
    file.write_text(text)
    return file


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_WORKERS", "3")
    monkeypatch.setenv("VOICEBOT_AUDIOSOCKET", "0.0.0.0:9000")
    monkeypatch.setenv("VOICEBOT_MANAGER__ADDRESS", "10.0.0.5:5039")
    settings = load_settings(write(tmp_path, "workers: 2\nweb: 127.0.0.1:8081\n"))
    assert (settings.workers, str(settings.web)) == (3, "127.0.0.1:8081")
    assert str(settings.audiosocket) == "0.0.0.0:9000"
    assert str(settings.manager.address) == "10.0.0.5:5039"
    assert settings.bot == "webshop"


def test_the_manager_file_gives_user_and_secret(tmp_path: Path) -> None:
    (tmp_path / "manager.conf").write_text("[bot]\nsecret = geheim\n")
    settings = load_settings(write(tmp_path, f"manager: {{secret_file: {tmp_path}/manager.conf}}\n"))
    assert (settings.manager.user, settings.manager.secret.get_secret_value()) == ("bot", "geheim")
    assert "geheim" not in repr(settings)


def test_calls_may_be_allowed_from_some_networks_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "audiosocket_allow: [10.1.0.0/16, 192.168.1.5]\n")
    assert [str(network) for network in load_settings(file).audiosocket_allow] == [
        "10.1.0.0/16",
        "192.168.1.5/32",
    ]
    monkeypatch.setenv("VOICEBOT_AUDIOSOCKET_ALLOW", "fd00::/8, 127.0.0.1")
    assert [str(network) for network in load_settings(file).audiosocket_allow] == ["fd00::/8", "127.0.0.1/32"]


def test_a_worker_gets_the_same_settings_over_its_pipe(tmp_path: Path) -> None:
    settings = load_settings(
        write(tmp_path, "manager: {secret: geheim}\nmodel: /models/nl\naudiosocket_allow: [10.0.0.0/8]\n")
    )
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[", "not valid YAML"),
        ("- een\n", "expected keys and values"),
        ("wrkers: 2\n", "wrkers: Extra inputs are not permitted"),
        ("workers: veel\n", "workers: "),
        ("audiosocket_allow: [thuis]\n", "audiosocket_allow.0: "),
        ("web: 127.0.0.1:http\n", "web: write host:port"),
        ("web: 8080\n", "web: write host:port, such as 127.0.0.1:8080"),
        ("manager: {secret_file: nergens.conf}\n", "nergens.conf"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=r"^[^\n]*$") as caught:
        load_settings(write(tmp_path, text))
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_settings(tmp_path / "nergens.yaml")
