"""`voicebot hear`: what the recogniser makes of sound files."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.audio import Samples
    from voicebot.hearing import Recogniser, Transcript


def hear(
    files: Annotated[list[Path], typer.Argument(metavar="WAV...", help="WAV or FLAC files, any rate.")],
    grammar: Annotated[
        str | None,
        typer.Option(metavar="NAME|JSON", help='yes_no, digits, postcode, human, or ["ja", "nee", "[unk]"].'),
    ] = None,
    phone: Annotated[
        bool, typer.Option("--phone", help="Pass the sound through a telephone line first.")
    ] = False,
    model: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder of a Vosk model; default: the best here."),
    ] = None,
    bot: Annotated[
        str | None,
        typer.Option(help="A shipped bot, or the folder of one, whose words the model shall know."),
    ] = None,
) -> None:
    """Recognise whole files; print JSON lines {file, text, words, seconds_cpu} in the order given.

    \b
    Example:
      voicebot hear audio/order.flac --phone
      voicebot hear audio/number.wav --grammar digits
      voicebot hear audio/wish.wav --bot webshop
    """
    from voicebot.audio import read_audio, telephone
    from voicebot.bot_model import open_bot_model
    from voicebot.hearing import Recogniser, choose_model, load_model, parse_grammar
    from voicebot.serve import load_settings

    phrases = None if grammar is None else parse_grammar(grammar)
    path = choose_model(model).path
    if bot is not None:
        tell = partial(print, "voicebot:", file=sys.stderr)
        path = open_bot_model(bot, path, load_settings().data / "models", tell).path
    recogniser = Recogniser(load_model(path))
    for file in files:
        samples = read_audio(file)
        started = time.process_time()
        heard = _recognise(recogniser, telephone(samples) if phone else samples, phrases)
        result = {"file": str(file), **asdict(heard), "seconds_cpu": round(time.process_time() - started, 4)}
        print(json.dumps(result, ensure_ascii=False), flush=True)


def _recognise(recogniser: Recogniser, samples: Samples, phrases: Sequence[str] | None) -> Transcript:
    from voicebot.errors import HearingError, UsageError

    try:
        recogniser.start(phrases)
    except HearingError as error:
        raise UsageError(f"--grammar: {error}") from error
    recogniser.accept(samples)
    return recogniser.finish()
