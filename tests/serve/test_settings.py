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


# ----------------------------------------------------------------- agents, and what goes on after a call

DESK = """\
public_url: https://voicebot.example.nl
briefings: /var/lib/voicebot/briefings
agents:
  anja: {name: Anja de Vries, skills: [rustig]}
  renee.k: {name: "Renée O'Brien", queues: [klantenservice]}
supervisors: {sanne: Sanne}
webhook: {url: "https://crm.example.nl/hook?site=1"}
callbacks: {automatic: true, tries: 2, pause_minutes: 5, expire_hours: 24}
"""


def test_a_desk_is_read_and_handed_on_whole(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, DESK))
    assert settings.pages == "https://voicebot.example.nl"
    assert settings.briefings_folder == Path("/var/lib/voicebot/briefings")
    assert {key: (who.name, who.queues, who.skills) for key, who in settings.agents.items()} == {
        "anja": ("Anja de Vries", (), ("rustig",)),
        "renee.k": ("Renée O'Brien", ("klantenservice",), ()),
    }
    assert settings.supervisors == {"sanne": "Sanne"}
    assert settings.webhook is not None
    assert settings.webhook.url == "https://crm.example.nl/hook?site=1"
    assert (settings.callbacks.automatic, settings.callbacks.tries) == (True, 2)
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_without_a_desk_nothing_is_sent_or_called(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, f"web: 10.0.0.5:8081\ndata: {tmp_path}\n"))
    assert settings.pages == "http://10.0.0.5:8081"
    assert settings.briefings_folder == tmp_path / "briefings"
    assert (settings.agents, settings.supervisors, settings.webhook) == ({}, {}, None)
    assert settings.callbacks.automatic is False


def test_call_backs_can_be_set_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_CALLBACKS__AUTOMATIC", "false")
    monkeypatch.setenv("VOICEBOT_PUBLIC_URL", "http://10.0.0.5")
    settings = load_settings(write(tmp_path, DESK))
    assert (settings.callbacks.automatic, settings.callbacks.tries) == (False, 2)
    assert settings.pages == "http://10.0.0.5"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("agents: [anja]", "agents"),
        ("agents: {anja: Anja}", "agents.anja"),
        ("agents: {anja: {}}", "agents.anja.name"),
        ("agents: {anja: {name: ''}}", "agents.anja.name"),
        ("agents: {anja: {name: 'Anja, Bram'}}", "agents.anja.name"),
        ("agents: {anja: {name: '$" + "{SHELL(x)}'}}", "agents.anja.name"),
        ("agents: {anja: {name: 'Anja\\n'}}", "agents.anja.name"),
        ("agents: {anja: {name: " + "a" * 41 + "}}", "agents.anja.name"),
        ("agents: {anja: {name: Anja, skill: rustig}}", "agents.anja.skill"),
        ("agents: {anja: {name: Anja, skills: rustig}}", "agents.anja.skills"),
        ("agents: {PJSIP/anja: {name: Anja}}", "agents.PJSIP/anja"),
        ("agents: {'a,b': {name: Anja}}", "agents.a,b"),
        ("agents: {" + "a" * 41 + ": {name: Anja}}", "agents."),
        ("supervisors: {'s&t': Sanne}", "supervisors.s&t"),
        ("supervisors: {sanne: {name: Sanne}}", "supervisors.sanne"),
        ("public_url: voicebot.example.nl", "public_url"),
        ("public_url: https://voicebot.example.nl/", "public_url"),
        ("public_url: 'https://a b'", "public_url"),
        ("public_url: javascript://x", "public_url"),
        ("webhook: https://crm.example.nl", "webhook"),
        ("webhook: {}", "webhook.url"),
        ("webhook: {url: crm.example.nl}", "webhook.url"),
        ("webhook: {url: 'file:///etc/passwd'}", "webhook.url"),
        ("webhook: {url: 'https://'}", "webhook.url"),
        ("webhook: {url: 'https://crm.example.nl', secret: x}", "webhook.secret"),
        ("callbacks: {tries: 0}", "callbacks.tries"),
        ("callbacks: {tries: 21}", "callbacks.tries"),
        ("callbacks: {pause_minutes: 0}", "callbacks.pause_minutes"),
        ("callbacks: {expire_hours: 0}", "callbacks.expire_hours"),
        ("callbacks: {automatic: misschien}", "callbacks.automatic"),
        ("briefings: [1]", "briefings"),
    ],
)
def test_a_mistake_about_the_desk_names_its_place(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError, match=r"^[^\n]*$") as caught:
        load_settings(write(tmp_path, text))
    assert str(caught.value).startswith(f"{tmp_path / 'voicebot.yaml'}: {key}")
