"""The lines of mood.py: the same speech louder, softer, in noise, through other codecs."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import soundfile

from voicebot.audio import (
    FRAME_SAMPLES,
    RATE,
    Samples,
    gsm,
    normalise,
    rms_dbfs,
    telephone,
    to_samples,
    ulaw_decode,
    ulaw_encode,
    voiced_dbfs,
)

Change = Callable[[Samples], Samples]


def changes(ambiences: Sequence[Samples]) -> dict[str, Change]:
    """Return what may change in the midst of a call; all but the levels come after the telephone's band."""
    random = np.random.default_rng(4)
    return {
        "6 dB louder (it may clip)": lambda sound: to_samples(sound * 10 ** (6 / 20)),
        "12 dB softer": lambda sound: to_samples(sound * 10 ** (-12 / 20)),
        "voice at -30 dBFS": lambda sound: normalise(sound, -30),
        "noise of places at 10 dB": partial(_in_noise, random=random, ambiences=ambiences),
        "GSM 06.10, 13 kbit/s": lambda sound: gsm(telephone(sound)),
        "mu-law": lambda sound: ulaw_decode(ulaw_encode(telephone(sound))),
        "ADPCM (G.721), 32 kbit/s": lambda sound: _through(telephone(sound), "AU", "G721_32"),
        "Opus, 8 kbit/s": lambda sound: _through(telephone(sound), "OGG", "OPUS", compression_level=1.0),
        "5 % of packets lost": partial(_losing_packets, random=random),
    }


def _in_noise(sound: Samples, random: np.random.Generator, ambiences: Sequence[Samples]) -> Samples:
    """Return `sound` at 10 dB above a place: level of the voice against that of the noise in the band."""
    place = ambiences[int(random.integers(len(ambiences)))]
    start = int(random.integers(max(1, place.size - sound.size)))
    noise = telephone(np.resize(place[start : start + sound.size], sound.size)).astype(np.float64)
    voice = telephone(sound)
    gain = 10 ** ((voiced_dbfs(voice) - 10 - rms_dbfs(to_samples(noise))) / 20)
    return to_samples(voice + gain * noise)


def _through(sound: Samples, container: str, codec: str, **settings: float) -> Samples:
    coded = io.BytesIO()
    soundfile.write(coded, sound, RATE, format=container, subtype=codec, **settings)
    coded.seek(0)
    decoded: Samples = soundfile.read(coded, dtype="int16")[0]
    return np.pad(decoded, (0, max(0, sound.size - decoded.size)))[: sound.size]


def _losing_packets(sound: Samples, random: np.random.Generator) -> Samples:
    """Return `sound` with each lost packet filled with the one before, fading (as G.711 Appendix I)."""
    carried = telephone(sound)
    packets = carried[: carried.size - carried.size % FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).copy()
    for lost in np.flatnonzero(random.random(len(packets) - 1) < 0.05) + 1:
        packets[lost] = packets[lost - 1] * 0.7
    return packets.ravel()
