"""What a line carries that is to be heard as nothing: silence, tones, keys, clicks, music, places."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.line import Line, Sound
from voicebot.audio import RATE, Samples, alaw_decode, alaw_encode, to_samples

_KEYS: Final = tuple(product((697, 770, 852, 941), (1209, 1336, 1477, 1633)))
"""DTMF pairs, ITU-T Q.23."""
_PROGRESS_HZ: Final = (
    (425,),
    (150, 450),
    (350, 440),
    (440, 480),
    (480, 620),
    (400,),
    (950, 1400),
    (1000,),
    (50,),
)
"""Dial, ringing, busy and other tones: 425 Hz in Europe (ETSI ES 201 970), and those of other places."""
_CADENCES_S: Final = ((1.0, 4.0), (0.5, 0.5), (0.25, 0.25), (0.2, 0.2), (30.0, 0.0), (0.07, 0.07), (0.1, 0.1))


def nonspeech(random: np.random.Generator, line: Line) -> Samples:
    """Return 2-6 s of one of these, at 8 kHz."""
    kinds: tuple[Callable[[np.random.Generator, int], Sound], ...] = (
        _hush,
        _progress,
        _keys,
        _clicks,
        _music,
    )
    samples = int(random.integers(2, 7)) * RATE
    kind = int(random.integers(len(kinds) + 2))
    if kind >= len(kinds):
        return line.carry(line.noise(samples))
    sound = to_samples(kinds[kind](random, samples))
    return alaw_decode(alaw_encode(sound)) if random.random() < 0.5 else sound


def _loudness(random: np.random.Generator) -> float:
    return float(10 ** random.uniform(2, 4.2))


def _hush(random: np.random.Generator, samples: int) -> Sound:
    """Return digital silence, or hiss up to -20 dBFS."""
    if random.random() < 0.3:
        return np.zeros(samples)
    return random.standard_normal(samples) * float(10 ** random.uniform(-0.5, 3.3))


def _progress(random: np.random.Generator, samples: int) -> Sound:
    tone = _tones(_PROGRESS_HZ[int(random.integers(len(_PROGRESS_HZ)))], samples)
    on, off = _CADENCES_S[int(random.integers(len(_CADENCES_S)))]
    times = np.arange(samples) / RATE + random.uniform(0, on + off)
    hiss = random.standard_normal(samples) * random.uniform(0, 20)
    return tone * (times % (on + off) < on) * _loudness(random) + hiss


def _keys(random: np.random.Generator, samples: int) -> Sound:
    sound = random.standard_normal(samples) * random.uniform(0, 30)
    loudness, start = _loudness(random), int(random.integers(RATE))
    while start < samples - RATE // 2:
        size = int(RATE * random.uniform(0.05, 0.4))
        sound[start : start + size] += loudness * _tones(_KEYS[int(random.integers(len(_KEYS)))], size)
        start += size + int(RATE * random.uniform(0.05, 0.6))
    return sound


def _clicks(random: np.random.Generator, samples: int) -> Sound:
    """Return bumps and clicks of 1-100 ms, as of a handset that is put down."""
    sound = random.standard_normal(samples) * random.uniform(0, 30)
    for _ in range(int(random.integers(1, 9))):
        start, size = int(random.integers(samples - RATE)), int(random.integers(8, 800))
        fading = np.exp(-np.arange(size) / (size / 4))
        sound[start : start + size] += random.standard_normal(size) * fading * _loudness(random)
    return sound


def _music(random: np.random.Generator, samples: int) -> Sound:
    """Return plucked chords over a drum: what hold music has in common, and nobody's composition."""
    sound = np.zeros(samples)
    beat = int(RATE * random.uniform(0.2, 0.6))
    root = random.uniform(80, 260)
    scale = 2.0 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    fading = random.uniform(1, 8)
    for start in range(0, samples, beat):
        size = min(samples - start, 3 * beat)
        times = np.arange(size) / RATE
        for note in random.choice(scale, int(random.integers(1, 4)), replace=False):
            partials = sum(np.sin(2 * np.pi * root * note * k * times) / k for k in range(1, 6))
            sound[start : start + size] += np.exp(-fading * times) * partials
        drum = min(size, RATE // 20)
        sound[start : start + drum] += random.standard_normal(drum) * np.exp(-np.arange(drum) / 60)
    return sound * (_loudness(random) / (float(np.abs(sound).max()) + 1e-9))


def _tones(hertz: tuple[int, ...], samples: int) -> NDArray[np.float64]:
    times = np.arange(samples) / RATE
    return np.asarray(sum(np.sin(2 * np.pi * pitch * times) for pitch in hertz)) / len(hertz)
