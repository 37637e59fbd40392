"""The lines of recognition.py, and the sounds on a line that are no speech."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from voicebot.audio import RATE, Samples, alaw_decode, alaw_encode, gsm, rms_dbfs, telephone, to_samples

BEFORE_S, AFTER_S = 0.3, 0.5
"""Silence around an utterance: what a call looks back before speech, and waits after it."""
TONE_S = 5.0

Line = Callable[[Samples, np.random.Generator], Samples]
Sound = NDArray[np.float64]


def through(quality: str, samples: Samples, name: str) -> Samples:
    """Return what comes out of a line of that quality, int16 mono 8 kHz; the same `name`, the same noise."""
    return _LINES[quality](samples, np.random.default_rng(zlib.crc32(f"{quality} {name}".encode())))


def _clean(samples: Samples, random: np.random.Generator) -> Samples:
    return to_samples(_padded(samples))


def _phone(samples: Samples, random: np.random.Generator) -> Samples:
    return _narrowed(_noisy(samples, random.standard_normal, 20))


def _steep(samples: Samples, random: np.random.Generator) -> Samples:
    return telephone(to_samples(_noisy(samples, random.standard_normal, 20)))


def _mobile(samples: Samples, random: np.random.Generator) -> Samples:
    return _narrowed(gsm(to_samples(_noisy(samples, random.standard_normal, 20))).astype(np.float64))


def _loud(samples: Samples, random: np.random.Generator) -> Samples:
    return _narrowed(_noisy(samples, partial(_pink, random), 10))


def _bare(samples: Samples, random: np.random.Generator) -> Samples:
    return telephone(samples)


_LINES: Mapping[str, Line] = {
    "clean": _clean,
    "phone": _phone,
    "steep": _steep,
    "mobile": _mobile,
    "loud": _loud,
    "bare": _bare,
}
QUALITIES = ("clean", "phone", "steep", "mobile", "loud")
"""clean: 8 kHz; phone: white noise at 20 dB under the RMS of the speech, a Butterworth band-pass 300-3400 Hz,
A-law; steep: the same with the steep edges of `voicebot.audio.telephone`, which `voicebot hear --phone` has;
mobile: phone with GSM 06.10 before the band; loud: phone with pink noise at 10 dB."""
BARE = "bare"
"""`telephone` only, for what is no speech."""
QUICK = ("clean", "phone", BARE)
_BAND = butter(4, (300, 3400), "bandpass", fs=RATE, output="sos")


def _padded(samples: Samples) -> Sound:
    return np.pad(samples.astype(np.float64), (round(BEFORE_S * RATE), round(AFTER_S * RATE)))


def _noisy(samples: Samples, noise_of: Callable[[int], Sound], snr_db: float) -> Sound:
    padded = _padded(samples)
    noise = noise_of(padded.size)
    wanted = 32768 * 10 ** ((rms_dbfs(samples) - snr_db) / 20)
    louder = wanted / float(np.sqrt(np.mean(noise**2)))
    return padded + louder * noise


def _narrowed(sound: Sound) -> Samples:
    return alaw_decode(alaw_encode(to_samples(sosfilt(_BAND, sound))))


def _pink(random: np.random.Generator, size: int) -> Sound:
    """Return noise whose power falls with 3 dB an octave from 20 Hz up."""
    spectrum = np.fft.rfft(random.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 20)), size)


# --------------------------------------------------------------------------- no speech

_KEYS = {"1": (697, 1209), "2": (697, 1336), "3": (697, 1477), "A": (697, 1633)}
_KEYS |= {"4": (770, 1209), "5": (770, 1336), "6": (770, 1477), "B": (770, 1633)}
_KEYS |= {"7": (852, 1209), "8": (852, 1336), "9": (852, 1477), "C": (852, 1633)}
_KEYS |= {"*": (941, 1209), "0": (941, 1336), "#": (941, 1477), "D": (941, 1633)}
"""ITU-T Q.23."""
_TONES: Mapping[str, tuple[tuple[int, ...], float, float]] = {
    "dial": ((425,), 5, 0),
    "busy": ((425,), 0.5, 0.5),
    "congestion": ((425,), 0.25, 0.25),
    "hum": ((50, 150), 5, 0),
    "test": ((1000,), 5, 0),
    "fax": ((1100,), 0.5, 3),
    "modem": ((2100,), 5, 0),
}
_RINGS: Mapping[str, tuple[tuple[int, ...], float, float]] = {
    "ringback nl": ((425,), 1, 4),
    "ringback uk": ((400, 450), 0.4, 0.2),
    "ringback us": ((440, 480), 2, 4),
}
"""Hertz, seconds on, seconds off (ITU-T E.180)."""
_LEVELS_DBFS = (-10, -25)


def silences() -> Iterator[tuple[str, Samples]]:
    """Yield nothing and hiss, as (name, samples)."""
    yield "digital silence", np.zeros(round(TONE_S * RATE), np.int16)
    for level in (-70, -60, -50, -40):
        for seed in range(3):
            hiss = np.random.default_rng(seed).standard_normal(round(TONE_S * RATE))
            yield f"hiss {level} dBFS {seed}", to_samples(hiss * 32768 * 10 ** (level / 20))


def tones() -> Iterator[tuple[str, Samples]]:
    """Yield the tones of exchanges and machines."""
    yield from _at_levels(_TONES)


def ringbacks() -> Iterator[tuple[str, Samples]]:
    """Yield what a caller hears while it rings, and an echo may bring back."""
    yield from _at_levels(_RINGS)


def keys() -> Iterator[tuple[str, Samples]]:
    """Yield the sixteen keys, pressed in a row and held."""
    pressed = {f"key {key}": (pair, 0.1, 0.2) for key, pair in _KEYS.items()}
    held = {f"key {key} held": (pair, 2.0, 3.0) for key, pair in _KEYS.items()}
    yield from _at_levels(pressed | held)


def _at_levels(
    cadences: Mapping[str, tuple[tuple[int, ...], float, float]],
) -> Iterator[tuple[str, Samples]]:
    times = np.arange(round(TONE_S * RATE)) / RATE
    for name, (hertz, on_s, off_s) in cadences.items():
        wave = np.sum([np.sin(2 * np.pi * one * times) for one in hertz], axis=0) / np.sqrt(len(hertz) / 2)
        sounding = wave * (times % (on_s + off_s) < on_s)
        for level in _LEVELS_DBFS:
            yield f"{name} {level} dBFS", to_samples(sounding * 32768 * 10 ** (level / 20))
