"""Which speech models there are, where they lie, and whether they are whole."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.errors import ModelError, UsageError

_BESIDE_PACKAGE: Final = Path(__file__).resolve().parents[2] / "models"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of `models.toml`."""

    name: str
    """Also the name of its folder."""
    language: str
    licence: str
    size: int
    """Bytes of its listed files."""
    files: Mapping[str, str]
    """SHA-256 by path inside the folder."""
    url: str = ""
    """Where its zip is fetched; "" for our own, which is shipped."""

    @property
    def is_ours(self) -> bool:
        """Whether it came with voicebot."""
        return not self.url


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model to run."""

    path: Path
    name: str
    is_ours: bool
    """It is our own small one, made for tests and demos: say how to fetch the official one."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The models listed in `folder`/models.toml, and the places where they may lie."""

    folder: Path
    fetched: Path
    """Where models are fetched to."""
    entries: tuple[ModelEntry, ...]

    def entry(self, name: str) -> ModelEntry:
        """Return the model called `name`; raises UsageError."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        names = ", ".join(entry.name for entry in self.entries)
        raise UsageError(f"no model is called {name}; there are {names}")

    def find(self, entry: ModelEntry) -> Path | None:
        """Return the folder that holds this model, or None when it was not fetched."""
        places = (self.folder / entry.name, self.fetched / entry.name)
        return next((place for place in places if place.is_dir()), None)


def open_registry(environment: Mapping[str, str] = os.environ) -> Registry:
    """Read the registry beside the package, or in the folder that VOICEBOT_MODELS names; raises ModelError.

    Models are fetched to that folder when it is named, else to the user's own data folder.
    """
    named = environment.get("VOICEBOT_MODELS")
    data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = Path(named) if named else _BESIDE_PACKAGE
    return Registry(folder, folder if named else data / "voicebot" / "models", _read(folder / "models.toml"))


def _read(file: Path) -> tuple[ModelEntry, ...]:
    try:
        listed = tomllib.loads(file.read_text("utf-8"))["model"]
        return tuple(ModelEntry(**entry) for entry in listed)
    except FileNotFoundError as error:
        raise ModelError(
            f"no list of speech models at {file}; name the checkout's models folder in VOICEBOT_MODELS"
        ) from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ModelError(f"{file} is not a list of speech models: {error}") from error


def choose_model(configured: Path | None, registry: Registry | None = None) -> ModelChoice:
    """Return the model to run: the `configured` folder, else a fetched official one, else ours.

    Raises ModelError when there is none.
    """
    if configured is not None:
        if not configured.is_dir():
            raise ModelError(
                f"the configured speech model {configured} is not a folder; mend the setting `model`"
            )
        return ModelChoice(configured, configured.name, is_ours=False)
    registry = registry or open_registry()
    for entry in sorted(registry.entries, key=lambda entry: entry.is_ours):
        if path := registry.find(entry):
            return ModelChoice(path, entry.name, entry.is_ours)
    raise ModelError(
        f"no speech model in {registry.folder} or {registry.fetched}; run `voicebot models fetch`"
    )


def verify_model(entry: ModelEntry, path: Path) -> tuple[str, ...]:
    """Return a line for each file of the model in folder `path` that is missing or changed."""
    wrong = []
    for name, sha256 in entry.files.items():
        file = path / name
        if not file.is_file():
            wrong.append(f"{file}: missing")
        elif _sha256(file) != sha256:
            wrong.append(f"{file}: changed (its SHA-256 is not the listed one)")
    return tuple(wrong)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
