"""`voicebot check`: validates bots."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from voicebot.callers import Callers
    from voicebot.modelling import Pronounced
    from voicebot.speaking import Voice


def check(
    bots: Annotated[
        list[str] | None,
        typer.Argument(metavar="[BOT]...", help="Shipped bots or folders; default: all shipped."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder of a Vosk model; default: the best here."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON lines {bot, ok, error, remarks}.")
    ] = False,
) -> None:
    """Validate bots; a mistake is one line `file:line: message`.

    Words that callers say and the speech model can never know are mistakes; those that it learns with a
    guessed pronunciation are remarks, told of the bots that are named. Write what is guessed wrong into
    lexicon.txt in the bot's folder.

    \b
    Example:
      voicebot check webshop
      voicebot check ./my-bot
    """
    from voicebot.dialogue import shipped_bots

    wrong = 0
    for name in bots or list(shipped_bots()):
        found = _examine(name, model)
        wrong += bool(found.errors)
        if as_json:
            error = "\n".join(found.errors) or None
            told = {"bot": name, "ok": error is None, "error": error, "remarks": found.remarks}
            print(json.dumps(told, ensure_ascii=False))
            continue
        for line in (*(found.remarks if bots else ()), *found.errors):
            print(line, file=sys.stderr)
        if not found.errors:
            counted = f" ({len(found.remarks)} remarks: voicebot check {name})"
            print(f"{name}: ok{counted if found.remarks and not bots else ''}")
    raise typer.Exit(1 if wrong else 0)


class _Place(NamedTuple):
    """A line of a bot."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class _Findings:
    """Lines about a bot."""

    errors: list[str]
    remarks: list[str]


def _examine(name: str, model: Path | None) -> _Findings:
    from voicebot.backends import DemoShop
    from voicebot.callers import callers_of
    from voicebot.dialogue import load_bot, place
    from voicebot.errors import BotError, HearingError, PlaceError, SetupError
    from voicebot.house import check_actions, understanding_of, voice_of

    try:
        bot = load_bot(name)
        understanding_of(bot)
        check_actions(bot, DemoShop.actions)
        _check_voice(voice_of(bot))
        callers = callers_of(bot)
        return _about_words(callers, _look_up(name, callers, model), _places(name))
    except BotError as problem:
        return _Findings([str(place(name, problem))], [])
    except PlaceError as problem:
        return _Findings([str(problem)], [])
    except (HearingError, SetupError) as problem:
        return _Findings([], [f"{name}: remark: its words were not looked at: {problem}"])


def _check_voice(voice: Voice) -> None:
    """Raise BotError when this machine does not speak with the bot's voice."""
    from voicebot.errors import BotError, SetupError, SpeakingError
    from voicebot.speaking import Synthesiser

    with Synthesiser() as synthesiser:
        try:
            synthesiser.speak("ja", voice)
        except (SpeakingError, SetupError) as error:
            raise BotError(f"voice: {error}", quote=f"name: {voice.name}") from error


def _look_up(name: str, callers: Callers, model: Path | None) -> Pronounced:
    from voicebot.cli.adapt import guesser, read_overrides
    from voicebot.hearing import choose_model
    from voicebot.modelling import Espeak, look_up_words

    overrides = read_overrides(name)
    with Espeak() as espeak:
        words = _words(callers.sentences)
        return look_up_words(choose_model(model).path, words, guesser(espeak, callers), overrides)


def _about_words(callers: Callers, heard: Pronounced, places: dict[str, _Place]) -> _Findings:
    """Tell of words that stand in the bot's own files: the others are not its author's."""
    errors = [
        f"{places[word]}: the speech model cannot know {word!r}, so callers who say it are not understood; "
        "choose another word, or a model that can learn"
        for word in heard.mute
        if word in places and word in _words(callers.wishes)
    ]
    by_place: defaultdict[_Place, list[str]] = defaultdict(list)
    for word in heard.guessed:
        if word in places and word not in callers.respell:
            by_place[places[word]].append(f"{word} ({' '.join(heard.lexicon[word][0])})")
    remarks = [
        f"{place}: remark: guessed how it sounds: {', '.join(by_place[place])}" for place in sorted(by_place)
    ]
    return _Findings(errors, remarks)


def _words(sentences: Iterable[str]) -> set[str]:
    return {word for sentence in sentences for word in sentence.split()}


def _places(name: str) -> dict[str, _Place]:
    """Return for each word in a bot's files the first place that has it."""
    from voicebot.callers import heard_words

    places: dict[str, _Place] = {}
    for place, line in _lines(name):
        for word in heard_words(line):
            places.setdefault(word, place)
    return places


def _lines(name: str) -> Iterator[tuple[_Place, str]]:
    """Yield the text of a bot line by line, without keys and comments."""
    from voicebot.dialogue import bot_folder

    for file in sorted(bot_folder(name).glob("*.yaml")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            yield _Place(file, number), re.sub(r"^\s*(- )?\w+:|^\s*#.*|\s#.*", " ", line)
