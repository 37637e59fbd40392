"""From a folder of YAML to a `Bot`; every mistake is one sentence with file and line."""

from __future__ import annotations

import difflib
import hashlib
import importlib.resources
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from voicebot.dialogue.bot import Bot
from voicebot.errors import BotError


def shipped_bots() -> dict[str, Path]:
    """Return the bots that come with voicebot: name -> folder."""
    root = Path(str(importlib.resources.files("voicebot"))) / "bots"
    return {folder.name: folder for folder in sorted(root.iterdir()) if (folder / "bot.yaml").is_file()}


def load_bot(name_or_folder: str | Path) -> Bot:
    """Load a shipped bot by name, or any bot by its folder.

    All ``*.yaml`` files of the folder together are the bot; a top-level key stands in one of them.
    Raises BotError at the first mistake.
    """
    folder = _folder(name_or_folder)
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BotError("no .yaml files here; a bot is a folder with at least bot.yaml", folder)
    merged: dict[str, Any] = {}
    home: dict[str, tuple[Path, CommentedMap]] = {}
    digest = hashlib.sha256()
    for file in files:
        source = file.read_bytes()
        digest.update(file.name.encode() + b"\0" + source)
        for key, value in (part := _parse(file, source)).items():
            if key in merged:
                raise BotError(f"{key!r} stands in {home[key][0].name} too", file, _line(part, (key,)))
            merged[key], home[key] = value, (file, part)
    try:
        return Bot.model_validate(merged | {"version": digest.hexdigest()[:16]})
    except ValidationError as problem:
        raise _explain(_clearest(problem.errors()), folder, home) from None


def _folder(name_or_folder: str | Path) -> Path:
    shipped = shipped_bots()
    if str(name_or_folder) in shipped:
        return shipped[str(name_or_folder)]
    folder = Path(name_or_folder)
    if not folder.is_dir():
        raise BotError(f"no such bot or folder; shipped bots: {', '.join(shipped)}", folder)
    return folder


def _parse(file: Path, source: bytes) -> CommentedMap:
    try:
        data = YAML(typ="rt").load(source)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark
        raise BotError(f"not valid YAML: {problem.problem}", file, mark.line + 1 if mark else None) from None
    except (UnicodeDecodeError, ValueError) as problem:
        raise BotError(f"not valid YAML: {problem}", file) from None
    if not isinstance(data, CommentedMap):
        raise BotError("a bot file holds keys and values at its top level", file, 1)
    return data


def _clearest(errors: Sequence[ErrorDetails]) -> ErrorDetails:
    """Pick one complaint; a misspelt key says more than the missing key it leaves."""
    return next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])


def _explain(error: ErrorDetails, folder: Path, home: Mapping[str, tuple[Path, CommentedMap]]) -> BotError:
    """Turn pydantic's complaint into one sentence at its place."""
    loc = error["loc"]
    message = error["msg"].removeprefix("Value error, ")
    if not loc:  # a check over the whole bot begins with the section it is about
        section, _, rest = message.partition(": ")
        file, part = home.get(section, (folder / "bot.yaml", CommentedMap()))
        quoted = rest.split("'")[1:2]
        return BotError(message, file, _line(part, (section, *quoted)))
    if loc[0] not in home:
        return BotError(f"key {str(loc[0])!r} is missing", folder / "bot.yaml")
    file, part = home[str(loc[0])]
    where = ".".join(str(step) for step in loc if step not in _TAGS)
    if error["type"] == "extra_forbidden":
        message = f"unknown key {str(loc[-1])!r}{_suggestion(str(loc[-1]), _allowed(loc))}"
    elif error["type"] == "missing":
        message = f"key {str(loc[-1])!r} is missing in {'.'.join(str(step) for step in loc[:-1])}"
    else:
        message = f"{where}: {message}"
    return BotError(message, file, _line(part, loc))


_TAGS = frozenset({"say", "ask", "call", "retry", "handoff"})


def _line(part: CommentedMap, loc: Sequence[str | int]) -> int | None:
    """Return the line (from 1) of the deepest place on the path that the file has."""
    node: Any = part
    line: int | None = None
    for step in loc:
        try:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
                node = node[step]
            elif isinstance(node, CommentedSeq) and isinstance(step, int):
                line = node.lc.item(step)[0] + 1
                node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line


def _allowed(loc: Sequence[str | int]) -> Iterable[str]:
    """Return the keys that the part at `loc` does know, for a suggestion."""
    model: Any = Bot
    for step in loc[:-1]:
        field = getattr(model, "model_fields", {}).get(step)
        annotation = field.annotation if field else model
        model = next((arg for arg in _models_in(annotation)), model)
    return getattr(model, "model_fields", {})


def _models_in(annotation: Any) -> Iterable[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _suggestion(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
