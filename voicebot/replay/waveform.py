"""A call's two voices for a page: as pictures, and as one small sound file."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable

import numpy as np
import soundfile

from voicebot.audio import RATE, Samples
from voicebot.values import TimedWord

BIN_MS = 40
"""One stroke of a waveform shows the loudest sample of so long."""
BIN_PX = 2
PX_PER_S = 1000 * BIN_PX / BIN_MS
_BIN_SAMPLES = RATE * BIN_MS // 1000


def peaks(samples: Samples) -> list[float]:
    """Return the peak of each `BIN_MS` of `samples` (int16 mono 8 kHz, shape (n,)), 0..1 of full scale."""
    whole = np.pad(samples.astype(np.int32), (0, -len(samples) % _BIN_SAMPLES))
    highest: list[float] = (np.abs(whole.reshape(-1, _BIN_SAMPLES)).max(axis=1) / 32768).tolist()
    return highest


def waveform_path(samples: Samples, height: int) -> str:
    """Return `samples` (int16 mono 8 kHz, shape (n,)) as SVG path data: one upright stroke per `BIN_PX`.

    A stroke's length is the square root of its peak, so that what is soft (an echo, noise) can be seen too.
    """
    middle = height / 2
    strokes = [f"M0 {middle:g}h{BIN_PX * (-(-len(samples) // _BIN_SAMPLES))}"]
    for number, peak in enumerate(peaks(samples)):
        reach = round(middle * peak**0.5, 1)
        if reach >= 1:
            strokes.append(f"M{BIN_PX * number + 1} {middle - reach:g}v{2 * reach:g}")
    return "".join(strokes)


def words_path(words: Iterable[TimedWord], height: int) -> str:
    """Return SVG path data with a bar for each word, from its start to its end, and a pixel between two."""
    bars = []
    for word in words:
        start, end = (ms * PX_PER_S / 1000 for ms in (word.start_ms, word.end_ms))
        bars.append(f"M{start:.1f} {height / 2:g}h{max(end - start - 1, 1):.1f}")
    return "".join(bars)


def sound_base64(left: Samples, right: Samples) -> str:
    """Return two voices (int16 mono 8 kHz, shape (n,) each) as a stereo FLAC file in base64."""
    length = max(len(left), len(right))
    both = np.stack([np.pad(side, (0, length - len(side))) for side in (left, right)], axis=1)
    file = io.BytesIO()
    soundfile.write(file, both, RATE, format="FLAC", subtype="PCM_16", compression_level=1.0)
    return base64.b64encode(file.getvalue()).decode()
