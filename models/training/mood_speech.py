"""What frustration is learnt from: EMO-DB over telephone lines that differ, as `voicebot.mood` measures it.

All clips of a speaker go over the same few lines, so that each line has a baseline too. The first line is a
clean one; the others draw room, handset, noise, band, level and codec, and each clip on them its tempo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.line import Line
from training.readers import manifest_rows, read_ambiences
from training.settings import LineSpread
from voicebot.audio import RATE, Samples, read_audio
from voicebot.mood import FEATURES, measure

LINES: Final = 6
"""Lines that each clip goes over, the clean one included."""
SPREAD: Final = LineSpread(
    room=0.3,
    handset=0.5,
    snr_db=(5, 40),
    band=1.0,
    hiss=0.3,
    hiss_snr_db=(15, 50),
    peak_dbfs=(-30, -1),
    clipping=0.0,
    codecs={"alaw": 4, "ulaw": 2, "gsm": 2},
    packet_loss=0.1,
)
_TEMPO: Final = (0.9, 1.1)


@dataclass(frozen=True)
class Clips:
    """EMO-DB, one entry per clip, shape (clips,) unless said otherwise."""

    labels: NDArray[np.str_]
    speakers: NDArray[np.str_]
    sentences: NDArray[np.str_]
    measured: NDArray[np.float64]
    """Seconds of voice, then `FEATURES`, of each clip on each line: shape (clips, lines, 1 + features).
    Not-a-number where there was too little voice."""


def read_clips(
    recordings: Path, seed: int, on_progress: Callable[[int, int], None] = lambda done, of: None
) -> Clips:
    """Return EMO-DB, measured; raises UsageError when it is not in `recordings`."""
    rows = manifest_rows(recordings / "emodb")
    ambiences = read_ambiences(recordings / "noise")
    speakers = sorted({row["speaker"] for row in rows})
    measured = np.empty((len(rows), LINES, 1 + len(FEATURES)))
    for number, row in enumerate(rows):
        sound = read_audio(recordings / "emodb" / row["file"])
        measured[number, 0] = as_row(sound)
        for line in range(1, LINES):
            drawn = np.random.default_rng((seed, speakers.index(row["speaker"]), line))
            tempo = np.random.default_rng((seed, number, line)).uniform(*_TEMPO)
            carried = Line(drawn, SPREAD, ambiences).carry(with_tempo(sound.astype(np.float64), tempo))
            measured[number, line] = as_row(carried)
        on_progress(number + 1, len(rows))
    return Clips(
        np.array([row["label"] for row in rows]),
        np.array([row["speaker"] for row in rows]),
        np.array([row["transcript"] for row in rows]),
        measured,
    )


def as_row(samples: Samples) -> NDArray[np.float64]:
    """Return seconds of voice and `FEATURES` of a clip: shape (1 + features,)."""
    prosody = measure(samples)
    return np.full(1 + len(FEATURES), np.nan) if prosody is None else np.array(astuple(prosody))


def with_tempo(sound: NDArray[np.float64], tempo: float) -> NDArray[np.float64]:
    """Return `sound` (8 kHz, shape (n,)) spoken `tempo` times as fast: about n / tempo samples.

    Waveform-similarity overlap-add (WSOLA, Verhelst and Roelands 1993): pitch and timbre stay.
    """
    half, reach = RATE // 50, RATE // 125
    window = np.hanning(2 * half + 1)[:-1]
    padded = np.pad(sound, (reach, 3 * half + reach))
    made = np.zeros(int(sound.size / tempo) + 3 * half)
    at = reach
    for place in range(0, int(sound.size / tempo), half):
        wanted = int(place * tempo) + reach
        if place:
            expected = padded[at + half : at + 2 * half]
            around = padded[wanted - reach : wanted + reach + half]
            at = wanted - reach + int(np.argmax(np.correlate(around, expected, "valid")))
        else:
            at = wanted
        made[place : place + 2 * half] += window * padded[at : at + 2 * half]
        at = min(at, padded.size - 3 * half)
    return made[: int(sound.size / tempo)]
