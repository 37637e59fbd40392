"""`voicebot models adapt`: a speech model that knows the words of a bot."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.callers import Callers
    from voicebot.modelling import Adapted, Espeak, Guess, Lexicon


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
    are listed with the pronunciation that was guessed: copy the wrong ones into lexicon.txt in the bot's
    folder (or a file for --lexicon) and mend them. The spelling in a bot's `respell` counts as well.
    `serve`, `demo` and `replay` do this by themselves for their bot.

    \b
    Example:
      voicebot models adapt --bot webshop
      voicebot models adapt --sentences said.txt --lexicon names.txt --out models/ours
    """
    from voicebot.hearing import choose_model, open_registry
    from voicebot.modelling import Espeak, adapt_model

    started = time.monotonic()
    callers = _callers(bot, sentences)
    base = choose_model(model)
    folder = out or open_registry().fetched / f"{base.name}-{callers.name}"
    overrides = read_overrides(bot, lexicon)
    with Espeak() as espeak:
        adapted = adapt_model(base.path, folder, callers.sentences, guesser(espeak, callers), overrides)
    seconds = time.monotonic() - started
    if as_json:
        guessed = {word: " ".join(phones) for word, phones in adapted.guessed.items()}
        told = {"path": str(folder), "words": adapted.words, "guessed": guessed, "left_out": adapted.left_out}
        print(json.dumps({**told, "seconds": round(seconds, 2)}, ensure_ascii=False))
    else:
        print(folder)
        _report(adapted, seconds)


def _callers(bot: str | None, sentences: Path | None) -> Callers:
    from voicebot.callers import Callers, callers_of, heard_sentences
    from voicebot.dialogue import load_bot
    from voicebot.errors import UsageError

    if bot and not sentences:
        return callers_of(load_bot(bot))
    if sentences and not bot:
        told = heard_sentences(sentences.read_text("utf-8").splitlines())
        if not told:
            raise UsageError(f"{sentences} holds no words; write what callers say, one sentence a line")
        return Callers(sentences.stem, told, {}, {})
    raise UsageError("give either --bot or --sentences")


def guesser(espeak: Espeak, callers: Callers) -> Guess:
    """Return what pronounces words as espeak does, in the spelling that the bot gives them."""
    from voicebot.speaking import for_espeak

    return lambda word: espeak.pronounce(for_espeak(callers.respell.get(word, word)))


def read_overrides(bot: str | None, lexicon: Path | None = None) -> Lexicon:
    """Return the pronunciations written down beside the bot, those of `lexicon` going before them."""
    from voicebot.dialogue import LEXICON_FILE, bot_folder
    from voicebot.modelling import read_lexicon

    beside = bot_folder(bot) / LEXICON_FILE if bot else None
    files = [file for file in (beside, lexicon) if file and file.is_file()]
    return {word: ways for file in files for word, ways in read_lexicon(file).items()}


def _report(adapted: Adapted, seconds: float) -> None:
    """Tell what was done, on stderr: what a script wants of it is the folder."""
    lines = [f"{adapted.words} words, {seconds:.1f} s"]
    if adapted.guessed:
        lines.append("Guessed pronunciations; mend what is wrong in lexicon.txt beside the bot:")
        lines += [f"{word} {' '.join(phones)}" for word, phones in adapted.guessed.items()]
    if adapted.left_out:
        lines.append(f"Words that this model cannot learn: {', '.join(adapted.left_out)}")
    print("\n".join(lines), file=sys.stderr)
