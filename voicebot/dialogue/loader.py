"""From a folder of YAML to a `Bot`; every mistake is one sentence with file and line."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from voicebot.dialogue.bot import Bot
from voicebot.errors import BotError, PlaceError
from voicebot.strict_yaml import StrictYaml, clearest, sentence

LEXICON_FILE: Final = "lexicon.txt"
"""In a bot's folder: how some of its words sound."""


def shipped_bots() -> dict[str, Path]:
    """Return the bots that come with voicebot: name -> folder."""
    root = Path(str(importlib.resources.files("voicebot"))) / "bots"
    return {folder.name: folder for folder in sorted(root.iterdir()) if (folder / "bot.yaml").is_file()}


def load_bot(name_or_folder: str | Path) -> Bot:
    """Load a shipped bot by name, or any bot by its folder.

    All ``*.yaml`` files of the folder together are the bot; a top-level key stands in one of them.
    Raises BotError at the first mistake.
    """
    folder = bot_folder(name_or_folder)
    sources = _sources(folder)
    parts: dict[str, StrictYaml] = {}
    for file, source in sources.items():
        if file.suffix != ".yaml":
            continue
        part = StrictYaml(file, source, BotError)
        for key in part.keys:
            if key in parts:
                raise part.mistake(f"{key!r} stands in {parts[key].file.name} too", (key,))
            parts[key] = part
    merged = {key: part.keys[key] for key, part in parts.items()}
    try:
        return Bot.model_validate(merged | {"version": _version(sources)})
    except ValidationError as problem:
        raise _explain(problem, folder, parts) from None


def bot_version(name_or_folder: str | Path) -> str:
    """Return the hash of a bot's files, which need not be right; raises BotError when there are none."""
    return _version(_sources(bot_folder(name_or_folder)))


def place(name_or_folder: str | Path, mistake: BotError) -> BotError:
    """Return a mistake that quotes the bot's text with the file and line where that stands."""
    if mistake.file is not None or not mistake.quote:
        return mistake
    for file in sorted(bot_folder(name_or_folder).glob("*.yaml")):
        for number, line in enumerate(file.read_text().splitlines(), start=1):
            if mistake.quote in line:
                return BotError(mistake.message, file, number)
    return mistake


def bot_folder(name_or_folder: str | Path) -> Path:
    """Return the folder of a shipped bot, or the folder given; raises BotError when there is none."""
    shipped = shipped_bots()
    if str(name_or_folder) in shipped:
        return shipped[str(name_or_folder)]
    folder = Path(name_or_folder)
    if folder.is_file():
        raise BotError("a bot is a folder; name the folder that holds this file", folder)
    if not folder.is_dir():
        raise BotError(f"no such bot or folder; shipped bots: {', '.join(shipped)}", folder)
    return folder


def _sources(folder: Path) -> dict[Path, bytes]:
    """Return what a bot is made of: its YAML, and how its words sound where that was written down."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BotError("no .yaml files here; a bot is a folder with at least bot.yaml", folder)
    return {file: file.read_bytes() for file in (*files, folder / LEXICON_FILE) if file.is_file()}


def _version(sources: Mapping[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for file, source in sources.items():
        digest.update(file.name.encode() + b"\0" + source)
    return digest.hexdigest()[:16]


def _explain(problem: ValidationError, folder: Path, parts: Mapping[str, StrictYaml]) -> PlaceError:
    """Turn pydantic's complaints into one sentence, in the file that it is about."""
    error = clearest(problem.errors())
    if error["loc"]:
        home = parts.get(str(error["loc"][0]))
        return home.explain(problem, Bot) if home else BotError(sentence(error, Bot), folder / "bot.yaml")
    # a check over the whole bot begins with the section it is about, then quotes a name in it
    message = sentence(error, Bot)
    section, _, rest = message.partition(": ")
    quoted = rest.split("'")[1:2]
    return (
        parts[section].mistake(message, (section, *quoted)) if section in parts else BotError(message, folder)
    )
