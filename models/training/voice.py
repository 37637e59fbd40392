"""Inventing speakers: another voice, intonation, tempo and vocal tract for each utterance.

Two readers are all the Dutch people there are to learn from, so each time one of their sentences is used,
somebody else says it. WORLD (Morise, Yokomori and Ozawa, 2016) takes speech apart into its pitch, its
spectral envelope and how breathy each frequency is; each is changed by itself, and the three are put together
again. So a man's sentences are also heard in a woman's voice, and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyworld
import soxr
from numpy.typing import NDArray

from training.settings import SpeakerSpread
from voicebot.audio import RATE

Sound = NDArray[np.float64]

_LEAST_S: Final = 0.1
"""What is shorter has too few periods to be taken apart; it stays as it is."""
_HISS: Final = 1.0
"""Level of the noise added before, on the scale of int16: WORLD cannot take digital silence apart."""
_LOW_FORMANT_HZ: Final = 1200.0
_HIGH_FORMANT_HZ: Final = 2400.0
"""Up to the one, formants move by the low factor, and from the other on by the high one."""
_PITCH_HZ: Final = (50.0, 500.0)
_LEAST_BREATH: Final = 0.2
"""How much of the breath there is at the lowest frequencies."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who does not exist, as factors against the recorded voice."""

    pitch: float
    intonation: float
    """Above 1 is livelier: a power of how far the pitch is from its mean."""
    tempo: float
    """Above 1 is faster."""
    low_formants: float
    high_formants: float
    breath: float
    """How much of the voice is air instead: 0 to 1."""
    timbre: tuple[float, ...]
    """dB: the cosines, slowest first, that the long-term spectrum is bent by."""

    def speak(self, sound: NDArray[np.int16], rate: int) -> Sound:
        """Return `sound` (mono at `rate`, 16 kHz or more) by this speaker: 8 kHz, about 1 / tempo as long."""
        if self == AS_RECORDED or sound.size < _LEAST_S * rate:
            return _on_the_line(sound.astype(np.float64), rate)
        hiss = np.random.default_rng(sound.size).standard_normal(sound.size) * _HISS
        samples = sound + hiss
        pitch, times = pyworld.dio(samples, rate)
        pitch = pyworld.stonemask(samples, pitch, times, rate)
        envelope = np.log(pyworld.cheaptrick(samples, pitch, times, rate))
        breath = pyworld.d4c(samples, pitch, times, rate)
        steps = np.linspace(0, len(times) - 1, max(2, round(len(times) / self.tempo)))
        nearest = np.round(steps).astype(int)
        spoken = pyworld.synthesize(
            self._at_own_pitch(pitch)[nearest],
            np.exp(_between(self._bend(envelope, rate), steps)),
            self._breathe(self._move_formants(breath, rate))[nearest],
            rate,
        )
        return _on_the_line(spoken, rate)

    def _at_own_pitch(self, pitch: Sound) -> Sound:
        voiced = pitch > 0
        if not voiced.any():
            return pitch
        usual = np.exp(np.log(pitch[voiced]).mean())
        moved: Sound = usual * self.pitch * (pitch / usual) ** self.intonation
        return np.where(voiced, np.clip(moved, *_PITCH_HZ), 0.0)

    def _bend(self, envelope: Sound, rate: int) -> Sound:
        """Return a log power envelope, (frames, bins), with the formants and the timbre of this speaker."""
        moved = self._move_formants(envelope, rate)
        orders = np.arange(1, len(self.timbre) + 1)
        waves = np.cos(np.pi * np.outer(np.linspace(0, 1, moved.shape[1]), orders))
        bent: Sound = moved + np.log(10) / 10 * (waves @ np.array(self.timbre))
        return bent

    def _move_formants(self, bins: Sound, rate: int) -> Sound:
        hertz = np.linspace(0, rate / 2, bins.shape[1])
        factors = np.interp(
            hertz, (_LOW_FORMANT_HZ, _HIGH_FORMANT_HZ), (self.low_formants, self.high_formants)
        )
        came_from = np.cumsum(np.diff(hertz, prepend=0.0) / factors)
        return _between(bins.T, np.clip(came_from / hertz[1], 0, len(hertz) - 1)).T

    def _breathe(self, breath: Sound) -> Sound:
        rising = np.linspace(_LEAST_BREATH, 1, breath.shape[1])
        return np.ascontiguousarray(np.clip(breath + (1 - breath) * self.breath * rising, 0, 1))


AS_RECORDED: Final = Speaker(
    pitch=1, intonation=1, tempo=1, low_formants=1, high_formants=1, breath=0, timbre=()
)


def invent(random: np.random.Generator, spread: SpeakerSpread) -> Speaker:
    """Return a new speaker, or now and then the one who was recorded.

    Who has the shorter vocal tract tends to have the higher voice, by the square of it.
    """
    if random.random() >= spread.changed:
        return AS_RECORDED
    formants = _factor(random, spread.formants)
    bends = np.arange(1, spread.timbre_bends + 1)
    return Speaker(
        pitch=formants**2 * _factor(random, spread.pitch),
        intonation=_factor(random, spread.intonation),
        tempo=_factor(random, spread.tempo),
        low_formants=formants * _factor(random, spread.single_formant),
        high_formants=formants * _factor(random, spread.single_formant),
        breath=min(1.0, max(0.0, random.normal(0, spread.breath))),
        timbre=tuple((random.normal(0, spread.timbre_db, bends.size) / np.sqrt(bends)).tolist()),
    )


def _on_the_line(sound: Sound, rate: int) -> Sound:
    resampled: Sound = soxr.resample(sound, rate, RATE)
    return resampled


def _between(rows: Sound, places: Sound) -> Sound:
    """Return what lies at `places` between the rows: shape (places, ...)."""
    before = np.minimum(places.astype(int), len(rows) - 2)
    share = (places - before)[:, None]
    return np.ascontiguousarray(rows[before] * (1 - share) + rows[before + 1] * share)


def _factor(random: np.random.Generator, spread: float) -> float:
    """Return a factor of which the logarithm lies evenly within `spread` of 0."""
    return float(np.exp(random.uniform(-spread, spread)))
