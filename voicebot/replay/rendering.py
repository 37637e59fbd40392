"""Texts spoken by a range of synthetic voices, at a range of rates, over a range of lines."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from voicebot.audio import FRAME_SAMPLES, RATE, Samples, gsm, write_audio
from voicebot.replay.caller import Turn
from voicebot.replay.fixture import LineSpec
from voicebot.replay.line import LineSimulator, background
from voicebot.replay.recordings import Speak

LINES: Final[Mapping[str, LineSpec]] = {
    "clean": LineSpec(codec="none", band=False),
    "alaw": LineSpec(),
    "ulaw": LineSpec(codec="ulaw"),
    "gsm": LineSpec(codec="gsm"),
    "noisy": LineSpec(noise="white", snr_db=10),
    "lossy": LineSpec(loss_percent=5),
}
"""What recordings can sound like; in a fixture, whose own ``line`` comes on top, use the clean ones."""
LIST: Final = "recordings.jsonl"
_LONGEST_NAME: Final = 40


def render(
    texts: Sequence[str],
    voices: Sequence[str],
    rates: Sequence[int],
    lines: Sequence[str],
    folder: Path,
    speak: Speak,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Write each text in each voice, rate and line (of `LINES`) as an 8 kHz FLAC file in `folder`.

    What is there already stays as it is. Each new file is a line of `LIST`, JSON with ``file``, ``text``,
    ``voice``, ``rate_wpm``, ``line`` and ``seconds``. Returns the new files; `on_progress` is told how many
    of how many are done. Raises VoiceError for a voice or a rate that does not exist, and UsageError when a
    file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(product(texts, voices, rates, lines))
    made = []
    with (folder / LIST).open("a", encoding="utf-8") as index:
        for done, (text, voice, rate_wpm, line) in enumerate(wanted, start=1):
            file = folder / f"{_slug(text)}.{voice.replace('+', '-')}.{rate_wpm}.{line}.flac"
            if not file.is_file():
                samples = over_line(speak(text, voice, rate_wpm), LINES[line], seed=file.name)
                write_audio(file, samples)
                facts = {"file": file.name, "text": text, "voice": voice, "rate_wpm": rate_wpm, "line": line}
                seconds = round(len(samples) / RATE, 2)
                index.write(json.dumps({**facts, "seconds": seconds}, ensure_ascii=False) + "\n")
                made.append(file)
            on_progress(done, len(wanted))
    return made


def over_line(samples: Samples, spec: LineSpec, seed: str) -> Samples:
    """Return `samples` (int16 mono 8 kHz, shape (n,)) as they arrive over a line, in whole frames."""
    if spec.codec == "gsm":
        samples = gsm(samples)
    simulator = LineSimulator(spec, background(spec, [Turn(samples)], Path()), seed)
    silence = np.zeros(FRAME_SAMPLES, np.int16)
    arrived = (simulator.to_bot(frame, silence) for frame in _frames(samples))
    return np.concatenate([silence if frame is None else frame for frame in arrived])


def _frames(samples: Samples) -> Iterator[Samples]:
    padded = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES))
    yield from padded.reshape(-1, FRAME_SAMPLES)


def _slug(text: str) -> str:
    """Return a file name for `text`; a long one is cut off, and told apart by a few digits of its hash."""
    slug = re.sub(r"\W+", "_", text.lower()).strip("_")
    if len(slug) <= _LONGEST_NAME:
        return slug
    return f"{slug[:_LONGEST_NAME].rstrip('_')}_{hashlib.sha256(text.encode()).hexdigest()[:6]}"
