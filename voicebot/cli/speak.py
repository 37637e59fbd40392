"""`voicebot speak`: text to a WAV file, as a caller would hear it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def speak(
    text: Annotated[str, typer.Argument(help="Written Dutch, such as: 'Uw pakket komt om 14:30.'")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The WAV file to write, 8 kHz.")] = Path(
        "speak.wav"
    ),
    voice: Annotated[
        str, typer.Option(help="nl, a variant such as nl+f2, or another of `voicebot voices list`.")
    ] = "nl",
    rate: Annotated[int, typer.Option(help="Words per minute.")] = 140,
) -> None:
    """Speak TEXT into a WAV file and print what was said, as JSON.

    Example: voicebot speak "Het kost € 19,95." -o prijs.wav
    """
    from time import perf_counter

    import numpy as np

    from voicebot.audio import write_audio
    from voicebot.errors import UsageError
    from voicebot.speaking import SENTENCE_PAUSE, Synthesiser, Voice, normalise, sentences

    chosen = Voice(voice, rate)
    spoken = normalise(text)
    if not any(map(str.isalnum, spoken)):
        raise UsageError("there is nothing to say in the text: give at least one word")
    with Synthesiser() as synthesiser:
        synthesiser.engine(chosen)  # its start is not part of speaking
        start = perf_counter()
        first, *others = sentences(spoken)
        sound = [synthesiser.speak(first, chosen)]
        first_audio = perf_counter()
        for sentence in others:
            sound += [SENTENCE_PAUSE, synthesiser.speak(sentence, chosen)]
        end = perf_counter()
    write_audio(output, np.concatenate(sound))
    report = {
        "file": str(output),
        "spoken_text": spoken,
        "ms_first_audio": round((first_audio - start) * 1000),
        "ms_total": round((end - start) * 1000),
    }
    typer.echo(json.dumps(report, ensure_ascii=False))
