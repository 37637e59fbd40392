"""Which Dutch voices there are, and fetching those that are not shipped: whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from voicebot.download import Progress, download
from voicebot.errors import DownloadError, UsageError, VoiceError

_LARGEST: Final = 2
"""Refuse a download over this many times the listed size."""
_LARGEST_CONFIG: Final = 100_000


@dataclass(frozen=True, slots=True)
class VoiceEntry:
    """One Dutch voice."""

    name: str
    """As a bot's `voice` names it."""
    engine: str
    licence: str
    how: str
    """How to get it, for who reads the list."""
    url: str = ""
    """Where Piper's .onnx is fetched, and with .json after it what belongs to it; "" when it is installed."""
    size: int = 0
    """Bytes of the .onnx."""
    sha256: str = ""
    """Of the .onnx."""


VOICES: Final = (
    VoiceEntry("nl", "espeak-ng", "GPL-3.0", "comes with voicebot; variants such as nl+f2 and nl+m3"),
    VoiceEntry(
        "mb-nl2",
        "MBROLA",
        "free with MBROLA, not in what is sold",
        "apt install espeak-ng mbrola-nl2 (Debian non-free)",
    ),
    VoiceEntry(
        "mb-nl3",
        "MBROLA",
        "free with MBROLA, not in what is sold",
        "apt install espeak-ng mbrola-nl3 (Debian non-free)",
    ),
    VoiceEntry(
        "nl_BE-rdh-medium",
        "Piper",
        "CC0 (Piper itself: GPL-3.0)",
        "pip install 'voicebot[piper]', then voicebot voices fetch",
        "https://huggingface.co/rhasspy/piper-voices/resolve/v1.0.0/nl/nl_BE/rdh/medium/nl_BE-rdh-medium.onnx",
        63_104_526,
        "fb1a9d89ff53dbd510c5d10bd1365c36a5f76249c3ca603076646fd778003db1",
    ),
)


def voice_entry(name: str | None = None) -> VoiceEntry:
    """Return the listed voice of this name, by default the one that is fetched; raises UsageError."""
    for entry in VOICES:
        if entry.name == name or (name is None and entry.url):
            return entry
    raise UsageError(f"no voice is called {name}; there are {', '.join(entry.name for entry in VOICES)}")


def voices_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where Piper's voices lie: the folder VOICEBOT_VOICES, else one in the user's data."""
    data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(environment.get("VOICEBOT_VOICES") or data / "voicebot" / "voices")


def piper_file(name: str) -> Path:
    """Return the .onnx file of one of Piper's voices; raises VoiceError when it is not there."""
    file = voices_folder() / f"{name}.onnx"
    if not file.is_file():
        fetched = any(entry.name == name and entry.url for entry in VOICES)
        how = (
            f"run `voicebot voices fetch {name}`"
            if fetched
            else f"put {name}.onnx and {name}.onnx.json there"
        )
        raise VoiceError(f"there is no voice {name} in {file.parent}: {how}")
    return file


def fetch_voice(entry: VoiceEntry, client: httpx.Client, on_progress: Progress) -> Path:
    """Fetch one of Piper's voices; return its .onnx, which appears only when it is whole.

    Raises UsageError for a voice that is not fetched, and DownloadError when
    it cannot be had, or is not the listed one.
    """
    if not entry.url:
        raise UsageError(f"the voice {entry.name} is not fetched: {entry.how}")
    folder = voices_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{entry.name}-", dir=folder) as work:
        model, config = Path(work, f"{entry.name}.onnx"), Path(work, f"{entry.name}.onnx.json")
        download(f"{entry.url}.json", config, _LARGEST_CONFIG, client, lambda done, total: None)
        download(entry.url, model, _LARGEST * entry.size, client, on_progress)
        _check(entry, model, config)
        config.rename(folder / config.name)
        return model.rename(folder / model.name)


def _check(entry: VoiceEntry, model: Path, config: Path) -> None:
    with model.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != entry.sha256:
        raise DownloadError(
            f"what {entry.url} sends is not the listed voice: its SHA-256 is {found}, not {entry.sha256}"
        )
    try:
        language = json.loads(config.read_text("utf-8"))["espeak"]["voice"]
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadError(f"{entry.url}.json does not describe a voice of Piper's") from error
    if not str(language).startswith("nl"):
        raise DownloadError(f"{entry.url}.json is of a voice that speaks {language}, not Dutch")
