"""`voicebot models adapt`: a speech model that knows the words of a bot."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from voicebot.modelling import Adapted, Pronunciation

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|'[^\W\d_]+")


def adapt(
    bot: Annotated[str | None, typer.Option(help="A shipped bot, or the folder of one.")] = None,
    sentences: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Text: what callers say, one per line.")
    ] = None,
    lexicon: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Pronunciations: word and phones per line."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder of the model to adapt; default: the best here."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder to make; default: beside fetched models.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print {path, words, guessed, left_out, seconds} as JSON.")
    ] = False,
) -> None:
    """Teach a speech model the words of a bot (or of sentences), in seconds and without training.

    Prints the folder of the new model, for the setting `model` and for `voicebot hear --model`. New words
    are listed with the pronunciation that was guessed: copy the wrong ones into a file, mend them, and give
    it as --lexicon. The spelling in a bot's `respell` counts as well.

    \b
    Example:
      voicebot models adapt --bot webshop
      voicebot models adapt --sentences said.txt --lexicon names.txt --out models/ours
    """
    from voicebot.hearing import choose_model, open_registry
    from voicebot.modelling import Espeak, adapt_model, read_lexicon
    from voicebot.speaking import for_espeak

    started = time.monotonic()
    callers = _callers(bot, sentences)
    base = choose_model(model)
    folder = out or open_registry().fetched / f"{base.name}-{callers.name}"
    overrides = read_lexicon(lexicon) if lexicon else {}
    with Espeak() as espeak:

        def guess(word: str) -> Pronunciation:
            return espeak.pronounce(for_espeak(callers.respell.get(word, word)))

        adapted = adapt_model(base.path, folder, callers.sentences, guess, overrides)
    seconds = time.monotonic() - started
    if as_json:
        guessed = {word: " ".join(phones) for word, phones in adapted.guessed.items()}
        told = {"path": str(folder), "words": adapted.words, "guessed": guessed, "left_out": adapted.left_out}
        print(json.dumps({**told, "seconds": round(seconds, 2)}, ensure_ascii=False))
    else:
        print(folder)
        _report(adapted, seconds)


@dataclass(frozen=True, slots=True)
class _Callers:
    """What the callers say that the model is for."""

    name: str
    sentences: Mapping[str, float]
    """Each with how often it is said."""
    respell: Mapping[str, str]
    """Word -> how to write it so that espeak says it well."""


def _callers(bot: str | None, sentences: Path | None) -> _Callers:
    from voicebot.errors import UsageError

    if bot and not sentences:
        return _callers_of(bot)
    if sentences and not bot:
        return _Callers(sentences.stem, _plain(sentences.read_text("utf-8").splitlines()), {})
    raise UsageError("give either --bot or --sentences")


def _callers_of(name: str) -> _Callers:
    """Return what callers of a bot say: wishes, values, and what they take over from the bot's own words."""
    from voicebot.dialogue import load_bot
    from voicebot.understanding import IntentSpec, SlotSpec, example_sentences

    bot = load_bot(name)
    intents = {name: IntentSpec(spec.templates) for name, spec in bot.intents.items()}
    slots = {name: SlotSpec(spec.type, spec.length) for name, spec in bot.slots.items()}
    sentences = example_sentences(intents, slots) | _plain(bot.static_prompts())
    return _Callers(bot.name, sentences, {word.lower(): better for word, better in bot.respell.items()})


def _plain(texts: Iterable[str]) -> dict[str, float]:
    """Return written sentences as a recogniser would write them, and how often they stand there."""
    from voicebot.speaking import normalise, sentences

    spoken = (part for text in texts for part in sentences(normalise(text)))
    words = (_WORD.findall(part.lower().replace("e-mail", "email").replace("één", "een")) for part in spoken)
    return dict(Counter(" ".join(sentence) for sentence in words if sentence))


def _report(adapted: Adapted, seconds: float) -> None:
    """Tell what was done, on stderr: what a script wants of it is the folder."""
    lines = [f"{adapted.words} words, {seconds:.1f} s"]
    if adapted.guessed:
        lines.append("Guessed pronunciations; mend what is wrong in a file for --lexicon:")
        lines += [f"{word} {' '.join(phones)}" for word, phones in adapted.guessed.items()]
    if adapted.left_out:
        lines.append(f"Words that this model cannot learn: {', '.join(adapted.left_out)}")
    print("\n".join(lines), file=sys.stderr)
