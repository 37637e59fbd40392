"""Voices whose pitch, timbre and tempo are known."""

import numpy as np

from voicebot.audio import RATE, Samples, to_samples


def voice(
    hertz: float = 120.0,
    *,
    seconds: float = 2.0,
    tilt: float = -9.0,
    syllables_per_s: float = 4.0,
    peak: float = 12000.0,
) -> Samples:
    """Harmonics falling by `tilt` dB per octave, swelling and fading with each syllable."""
    times = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros(times.size)
    for harmonic in np.arange(1, int(3600 / hertz)):
        phase = 2 * np.pi * harmonic * hertz * times + 1.7 * harmonic**2
        sound += 10 ** (tilt * np.log2(harmonic) / 20) * np.sin(phase)
    sound *= 0.05 + np.sin(np.pi * syllables_per_s * times) ** 2
    return to_samples(peak * sound / np.abs(sound).max())


def pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.int16)


def noise(size: int, seed: int = 0) -> Samples:
    return to_samples(1000 * np.random.default_rng(seed).standard_normal(size))
