"""Between a mouth and us: room, handset, noise, band, level, codec, lost packets; each time anew."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, firwin, oaconvolve, sosfilt

from training.settings import LineSpread
from voicebot.audio import (
    FRAME_SAMPLES,
    RATE,
    Samples,
    alaw_decode,
    alaw_encode,
    gsm,
    to_samples,
    ulaw_decode,
    ulaw_encode,
)

Sound = NDArray[np.float64]
_LOW_HZ: Final = (100, 200, 250, 300, 350, 400)
_HIGH_HZ: Final = (3000, 3300, 3400, 3500, 3600, 3800)
_STEEPNESSES: Final = (2, 4, 8, 201)
"""Orders of Butterworth filters, and the taps of an FIR one, which leaves nothing at all outside the band."""
_FULL_SCALE: Final = 32767.0


class Line:
    """A telephone line that is another one at each call; all chance comes from `random`."""

    def __init__(self, random: np.random.Generator, spread: LineSpread, ambiences: Sequence[Samples]) -> None:
        """`ambiences` are recordings (8 kHz) of places to call from."""
        self._random, self._spread, self._ambiences = random, spread, ambiences

    def carry(self, sound: Sound) -> Samples:
        """Return `sound` (8 kHz, any scale, shape (n,)) as it comes out of the telephone: shape (n,)."""
        if self._chance(self._spread.room):
            sound = self._in_a_room(sound)
        if self._chance(self._spread.handset):
            sound = _tilt(sound, self._random.uniform(-0.5, 0.5))
        sound = sound + self._noise_at(self._spread.snr_db, sound, self.noise(sound.size))
        if self._chance(self._spread.band):
            sound = self._in_a_band(sound)
        if self._chance(self._spread.hiss):
            hiss = self._random.standard_normal(sound.size)
            sound = sound + self._noise_at(self._spread.hiss_snr_db, sound, hiss)
        sound = sound * (self._level() / (np.abs(sound).max() + 1e-9))
        if self._chance(self._spread.clipping):
            sound = sound * self._random.uniform(1, 3)
        return self._lose_packets(self._code(to_samples(sound)))

    def noise(self, samples: int) -> Sound:
        """Return so many samples of a place, or of hiss, at no particular level."""
        if self._ambiences and self._chance(0.6):
            place = self._ambiences[int(self._random.integers(len(self._ambiences)))]
            start = int(self._random.integers(max(1, place.size - samples)))
            return np.resize(place[start : start + samples], samples).astype(np.float64)
        hiss = self._random.standard_normal(samples)
        if self._chance(0.5):
            edges = [60, int(self._random.choice([800, 2000]))]
            return np.asarray(sosfilt(butter(1, edges, "band", output="sos", fs=RATE), hiss))
        return hiss

    def _chance(self, probability: float) -> bool:
        return bool(self._random.random() < probability)

    def _in_a_room(self, sound: Sound) -> Sound:
        """Return `sound` with an exponentially dying echo of 50-350 ms."""
        size = int(RATE * self._random.uniform(0.05, 0.35))
        decay = np.exp(-np.arange(size) / (size / self._random.uniform(4, 8)))
        response = self._random.standard_normal(size) * decay
        response[0] = self._random.uniform(3, 10)
        return np.asarray(oaconvolve(sound, response / np.linalg.norm(response)))[: sound.size]

    def _noise_at(self, snr_db: tuple[float, float], sound: Sound, noise: Sound) -> Sound:
        """Return `noise` as much weaker than `sound` as is drawn from the range `snr_db`."""
        gain = 10 ** (-self._random.uniform(*snr_db) / 20)
        return noise * (gain * _loudness(sound) / _loudness(noise))

    def _in_a_band(self, sound: Sound) -> Sound:
        """Return what a telephone network's filters leave of `sound`."""
        low, high = int(self._random.choice(_LOW_HZ)), int(self._random.choice(_HIGH_HZ))
        steepness = int(self._random.choice(_STEEPNESSES))
        if steepness % 2:
            return np.asarray(oaconvolve(sound, _steep_band(steepness, low, high), mode="same"))
        return np.asarray(sosfilt(_band(steepness, low, high), sound))

    def _level(self) -> float:
        return float(10 ** (self._random.uniform(*self._spread.peak_dbfs) / 20) * _FULL_SCALE)

    def _code(self, sound: Samples) -> Samples:
        """Return `sound` after the round trip of one codec of the telephone network, or of none."""
        codecs = self._spread.codecs
        codec = str(
            self._random.choice(list(codecs), p=np.array(list(codecs.values())) / sum(codecs.values()))
        )
        match codec:
            case "alaw":
                return alaw_decode(alaw_encode(sound))
            case "ulaw":
                return ulaw_decode(ulaw_encode(sound))
            case "gsm":
                return gsm(sound)
            case _:
                return sound

    def _lose_packets(self, sound: Samples) -> Samples:
        """Return `sound` with lost 20 ms packets filled with the one before, fading (as G.711 Appendix I)."""
        if not self._chance(self._spread.packet_loss):
            return sound
        whole = sound[: sound.size - sound.size % FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).copy()
        lost = self._random.random(len(whole)) < self._random.uniform(0.005, 0.03)
        for packet in np.flatnonzero(lost[1:]) + 1:
            whole[packet] = whole[packet - 1] * 0.7
        return np.concatenate([whole.ravel(), sound[whole.size :]])


def _tilt(sound: Sound, amount: float) -> Sound:
    return np.concatenate([sound[:1], sound[1:] + amount * sound[:-1]])


def _loudness(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound**2))) + 1e-9


@cache
def _band(order: int, low: int, high: int) -> NDArray[np.float64]:
    return np.asarray(butter(order, (low, high), "band", output="sos", fs=RATE))


@cache
def _steep_band(taps: int, low: int, high: int) -> NDArray[np.float64]:
    return np.asarray(firwin(taps, (low, high), pass_zero=False, fs=RATE))
