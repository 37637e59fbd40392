"""How a site sets voicebot up: defaults, then a YAML file, then VOICEBOT_* in the environment."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    ValidationError,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from voicebot.errors import ConfigError
from voicebot.telephony import read_manager_secret


class Address(BaseModel):
    """A host and a port; written ``127.0.0.1:9092``."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int = Field(ge=0, le=65535)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @staticmethod
    def parse(text: Any) -> Any:
        """Split ``host:port``; what already is in parts stays so."""
        if isinstance(text, dict | Address):
            return text
        host, _, port = str(text).rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"write host:port, such as 127.0.0.1:8080, not {text}")
        return {"host": host, "port": port}


HostPort = Annotated[Address, BeforeValidator(Address.parse)]
Networks = Annotated[
    tuple[IPvAnyNetwork, ...],
    BeforeValidator(lambda given: given.replace(",", " ").split() if isinstance(given, str) else given),
]
Revealed = Annotated[SecretStr, PlainSerializer(lambda secret: secret.get_secret_value())]
"""Hidden in logs and tracebacks, but written out where settings are handed to a worker over its pipe."""


def _data_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "voicebot"


class Manager(BaseModel):
    """Access to the Asterisk Manager Interface."""

    model_config = ConfigDict(extra="forbid")

    address: HostPort = Address(host="127.0.0.1", port=5038)
    user: str = "voicebot"
    secret: Revealed = SecretStr("")
    secret_file: Path | None = None
    """A voicebot-manager.conf as `voicebot dialplan` writes it; its user and secret win over these."""


class AgentSettings(BaseModel):
    """Someone who answers calls."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[^\W_]([^\W_]|[ '.-]){0,39}$")
    queues: tuple[str, ...] = ()
    """None: all."""
    skills: tuple[str, ...] = ()
    """Of those that the bot's `escalation:` asks for."""


class WebhookSettings(BaseModel):
    """Where each hand-over is told to, signed."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(pattern=r"^https?://[^\s/]+")
    secret_file: Path | None = None
    """Default: ``webhook.key`` in the data folder, which is made when it is not there."""


class CallbackSettings(BaseModel):
    """How callers are called back by voicebot, when the dialplan has an outbound line."""

    model_config = ConfigDict(extra="forbid")

    automatic: bool = False
    """Off: people call back, from the page or by `voicebot callbacks`."""
    tries: int = Field(default=3, ge=1, le=20)
    """How often a caller's telephone may ring unanswered."""
    pause_minutes: int = Field(default=15, ge=1)
    """Between two tries."""
    expire_hours: int = Field(default=48, ge=1)
    """After which a person must see to it."""

    @property
    def lives(self) -> timedelta:
        """How long a caller is still called after asking."""
        return timedelta(hours=self.expire_hours)


SipAccount = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,40}$")]


class Settings(BaseSettings):
    """Everything `voicebot serve` can be told."""

    model_config = SettingsConfigDict(
        env_prefix="VOICEBOT_", env_nested_delimiter="__", extra="forbid", enable_decoding=False
    )

    bot: str = "webshop"
    """A shipped bot's name, or a folder."""
    audiosocket: HostPort = Address(host="127.0.0.1", port=9092)
    """Where Asterisk brings calls."""
    audiosocket_allow: Networks = ()
    """Networks that calls may be brought from, such as ``10.0.0.0/24``; none means all that can reach us."""
    web: HostPort = Address(host="127.0.0.1", port=8080)
    workers: int = Field(default=1, ge=1, le=64)
    calls_per_worker: int = Field(default=30, ge=1, le=1000)
    failed_tries: int = Field(default=10, ge=0)
    """How often a number may give details that fit nobody within an hour, over all its calls; 0 is no limit.

    After that nothing is looked up for it: its callers end with a human.
    """
    failed_tries_withheld: int = Field(default=60, ge=0)
    """The same for all callers without a number together; 0 where the provider passes no numbers on."""
    worker_memory_mb: int = Field(default=750, ge=50)
    """What grows above it is replaced as soon as its calls are over; above one and a half times, at once."""
    synthesis_processes: int = Field(default=2, ge=1, le=16)
    drain_s: float = Field(default=300, ge=0)
    """At a stop or a reload, how long running calls may take to finish."""
    model: Path | None = None
    """A Vosk model folder; default: the official Dutch one when fetched, else our own."""
    data: Path = Field(default_factory=_data_folder)
    """Event log, demo shop, prompt cache and the bot's own speech model."""
    manager: Manager = Manager()
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/]+)?$")
    """How agents reach the pages, such as ``https://voicebot.example.nl``; default: `web`."""
    agents: dict[SipAccount, AgentSettings] = {}
    """SIP account -> who answers there; without any, whoever is in a queue."""
    supervisors: dict[SipAccount, str] = {}
    """SIP account -> the name of who listens or takes over there."""
    briefings: Path | None = None
    """Folder for what is whispered to agents, which Asterisk can read; default: in `data`."""
    webhook: WebhookSettings | None = None
    callbacks: CallbackSettings = CallbackSettings()

    @property
    def pages(self) -> str:
        """The address of the pages."""
        return self.public_url or f"http://{self.web}"

    @property
    def briefings_folder(self) -> Path:
        """Where briefings are."""
        return (self.briefings or self.data / "briefings").absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        return env_settings, init_settings


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings; raises ConfigError with one sentence."""
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values = YAML(typ="safe").load(file.read_text()) or {}
        except OSError as problem:
            raise ConfigError(f"{file}: cannot be read: {problem.strerror}") from None
        except (UnicodeDecodeError, YAMLError) as problem:
            raise ConfigError(f"{file}: not valid YAML: {str(problem).splitlines()[0]}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{file}: expected keys and values, such as `bot: webshop`")
    try:
        settings = Settings(**values)
    except ValidationError as problem:
        first = problem.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        source = file or "environment"
        raise ConfigError(f"{source}: {key}: {first['msg'].removeprefix('Value error, ')}") from None
    if settings.manager.secret_file is not None:
        settings.manager.user, secret = read_manager_secret(settings.manager.secret_file)
        settings.manager.secret = SecretStr(secret)
    return settings
