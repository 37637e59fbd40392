"""Sound files in and out: WAV and FLAC of any rate, as mono samples on the line's rate."""

from __future__ import annotations

from pathlib import Path

import soundfile
import soxr

from voicebot.audio.frames import RATE, Samples, to_samples
from voicebot.errors import UsageError

_FORMATS = (".wav", ".flac")


def read_audio(path: Path, rate: int = RATE) -> Samples:
    """Return the sound in a WAV or FLAC file: int16 mono at `rate`, shape (n,); channels are averaged.

    Raises UsageError when the file cannot be read as sound.
    """
    try:
        channels, own_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        problem = "no such file" if not path.is_file() else "it is not a WAV or FLAC file that can be read"
        raise UsageError(f"cannot read sound from {path}: {problem}") from error
    mono = channels.mean(axis=1)
    if own_rate != rate:
        mono = soxr.resample(mono, own_rate, rate)
    return to_samples(mono * 32768.0)


def write_audio(path: Path, samples: Samples, rate: int = RATE) -> None:
    """Write 16-bit `samples`, shape (n,) for mono or (n, 2) for stereo; the suffix says WAV or FLAC.

    Raises UsageError when the file cannot be written.
    """
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"cannot write sound to {path}: its name must end in {' or '.join(_FORMATS)}")
    try:
        soundfile.write(path, samples, rate, subtype="PCM_16")
    except (soundfile.LibsndfileError, OSError) as error:
        raise UsageError(
            f"cannot write sound to {path}: check that the folder exists and may be written"
        ) from error
