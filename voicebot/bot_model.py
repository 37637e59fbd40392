"""A bot's own speech model: the model of the site, and the words of the bot.

Such a model is made when it is not there yet or no longer fits, in seconds, by `voicebot models adapt` in a
process of its own: what models are made of is never loaded where calls are taken.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from voicebot.dialogue import bot_folder, bot_version
from voicebot.errors import ModelError, VoicebotError

MAKING_S: Final = 60.0
"""So long making one may take; it takes about 3 s on an idle machine, 6 s from a model of 500,000 words."""
_ADAPTABLE: Final = ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst")
"""What a model has of which the words can change; large models have one graph for all."""
_MAKERS: Final = ("modelling", "understanding", "speaking", "callers.py", "cli/adapt.py")
"""The code that decides what becomes of a bot's words."""
_FILES: Final = "files.json"
"""In a folder that is whole: the size of each of its files."""
_LOCK: Final = ".making"


class BotModel:
    """The folder of a model, which nobody removes before it is closed, or this process ends."""

    def __init__(self, path: Path, held: int | None = None) -> None:
        """`held` is the open, locked folder; None for one that is not ours to remove."""
        self.path = path
        self._held = held

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        if self._held is not None:
            os.close(self._held)
            self._held = None


def open_bot_model(bot: str | Path, base: Path, folder: Path, say: Callable[[str], None]) -> BotModel:
    """Return the model in `base` with the words of a bot, made in `folder` when it is not there yet.

    `bot` is a shipped bot's name, or a folder. `base` itself is returned when its words cannot change, and
    when making a model fails: `say` then gets why, as it gets that one is being made. Raises BotError when
    there is no such bot.
    """
    if there := find_bot_model(bot, base, folder):
        return there
    name = bot_folder(bot).resolve().name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone_in(folder):
            if there := find_bot_model(bot, base, folder):  # another process made it meanwhile
                return there
            say(f"the speech model learns the words of {name}: some seconds, once for each change of the bot")
            place = folder / _name_of(bot, base)
            _make(bot, base, place)
            made = _hold(place)
            _remove_others(place)
    except (VoicebotError, OSError) as problem:
        reason = (problem.strerror or str(problem)) if isinstance(problem, OSError) else str(problem)
        say(
            f"warning: {base.name} is used as it is, without the words of {name}, which it may not "
            f"understand: {reason}; `voicebot check` and `voicebot models adapt --bot` tell more"
        )
        made = None
    return made or BotModel(base)


def find_bot_model(bot: str | Path, base: Path, folder: Path) -> BotModel | None:
    """Return what `open_bot_model` would, or None where it would have to make a model first."""
    if not all((base / name).is_file() for name in _ADAPTABLE):
        return BotModel(base)
    return _hold(folder / _name_of(bot, base))


def _name_of(bot: str | Path, base: Path) -> str:
    """Return the name of the folder for exactly this bot, base and code."""
    package = Path(__file__).parent
    code = (file for maker in _MAKERS for file in _files_of(package / maker) if file.suffix != ".pyc")
    digest = hashlib.sha256(bot_version(bot).encode())
    for file in code:
        digest.update(file.read_bytes())
    for file in _files_of(base):
        state = file.stat()
        digest.update(f"{file.relative_to(base)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return f"{bot_folder(bot).resolve().name}-{digest.hexdigest()[:16]}"


def _files_of(place: Path) -> list[Path]:
    return sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]


def _hold(place: Path) -> BotModel | None:
    """Return the model in `place`, held; None when it is not there, not whole, or being removed."""
    try:
        held = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # most often: it is not there
        return None
    with suppress(OSError):  # it is being removed
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(held), place.stat()) and _is_whole(place):
            return BotModel(place, held)
    os.close(held)
    return None


def _is_whole(place: Path) -> bool:
    """Whether all files are there as they were made: a machine that loses power can cut them off."""
    try:
        sizes = json.loads((place / _FILES).read_text("utf-8"))
        return all((place / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process makes a model in `folder`, and keep others waiting meanwhile."""
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _make(bot: str | Path, base: Path, place: Path) -> None:
    """Make the model; it gets its name when it is whole. Raises ModelError and OSError."""
    unfinished = place.with_name(f".{place.name}")
    _remove_unfinished(place)
    options = ["--bot", str(bot), "--model", str(base), "--out", str(unfinished), "--json"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "voicebot", "models", "adapt", *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=MAKING_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"making it took over {MAKING_S:.0f} s") from None
    if done.returncode:
        why = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise ModelError(why[-1].removeprefix("voicebot: "))
    sizes = {str(file.relative_to(unfinished)): file.stat().st_size for file in _files_of(unfinished)}
    (unfinished / _FILES).write_text(json.dumps(sizes), "utf-8")
    if place.exists():  # but not whole
        shutil.rmtree(place)
    unfinished.rename(place)


def _remove_unfinished(place: Path) -> None:
    """Remove what processes that were killed left of this bot's models."""
    for left in place.parent.glob(".*"):
        if _is_of_same_bot(left, place):
            shutil.rmtree(left, ignore_errors=True)


def _remove_others(place: Path) -> None:
    """Remove this bot's other models, but for those that somebody holds."""
    for other in place.parent.iterdir():
        if other == place or not _is_of_same_bot(other, place):
            continue
        with suppress(OSError):  # held
            lock = os.open(other, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(other, ignore_errors=True)
            finally:
                os.close(lock)


def _is_of_same_bot(one: Path, place: Path) -> bool:
    bot = place.name.rpartition("-")[0]
    return re.fullmatch(rf"\.*{re.escape(bot)}-[0-9a-f]{{16}}.*", one.name) is not None
