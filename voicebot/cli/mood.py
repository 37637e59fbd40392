"""`voicebot mood`: how frustrated the voice in sound files is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def mood(
    files: Annotated[list[Path], typer.Argument(metavar="WAV...", help="WAV or FLAC files, any rate.")],
    baseline: Annotated[
        list[Path] | None,
        typer.Option(metavar="WAV", help="The same speaker when calm; may be given several times."),
    ] = None,
) -> None:
    """Score whole files as turns; print JSON lines {file, score, frustrated, reasons} in the order given.

    The sound passes a telephone line first. The score goes from 0 (calm) to 1 (frustrated), and is null when
    there is too little voice. It means more beside a baseline: without one, a high voice may be taken for a
    raised one.

    \b
    Example:
      voicebot mood audio/turn5.wav --baseline audio/turn1.wav --baseline audio/turn2.wav
      voicebot mood audio/*.flac
    """
    from voicebot.audio import read_audio
    from voicebot.mood import Baseline, load_scorer, measure

    calm = Baseline()
    for file in baseline or ():
        prosody = measure(read_audio(file))
        if prosody is None:
            print(f"voicebot: {file}: too little voice for a baseline, left out", file=sys.stderr)
        else:
            calm = calm.heard(prosody)
    scorer = load_scorer()
    for file in files:
        found = scorer.score(measure(read_audio(file)), calm)
        result = {
            "file": str(file),
            "score": None if found.score is None else round(found.score, 3),
            "frustrated": found.frustrated,
            "reasons": found.reasons,
        }
        print(json.dumps(result, ensure_ascii=False), flush=True)
