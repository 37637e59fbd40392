"""How a turn was spoken: measures of pitch, energy, timbre and tempo, none of how loud it was.

All but the tempo and the pauses follow the Geneva Minimalistic Acoustic Parameter Set (GeMAPS: Eyben et al.
2016, IEEE Trans. Affective Computing 7(2)), fitted to the telephone's band of 300 to 3400 Hz. They were
chosen by what the literature says of anger (Banse and Scherer 1996, Juslin and Laukka 2003), before any
result was seen. A harmonics-to-noise ratio was tried and left out: noise at 10 dB moved it by three spreads
of calm speech.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from voicebot.audio import RATE, Samples, telephone
from voicebot.mood.pitch import believable, track
from voicebot.mood.spectrum import (
    FREQUENCIES,
    HOP_S,
    TELEPHONE,
    Flags,
    Values,
    band,
    decibels,
    powers,
    without_noise,
)

LEAST_VOICED_S: Final = 0.2
"""With less voice there is nothing to measure."""
LONGEST_S: Final = 30
"""Of a longer turn, the last so many seconds are measured."""

_PERIODIC: Final = 0.42
"""The least strength of the pitch of a voiced frame."""
_SPOKEN_DB: Final = -20.0
_STRONG_DB: Final = -15.0
"""The weakest spoken and voiced frames, in dB under the RMS of the voiced ones."""
_PAUSE_S: Final = 0.15
"""The shortest pause; shorter ones are the closures of stops."""
_DIP_DB: Final = 2.0
"""How far the level falls between two syllables (de Jong and Wempe 2009)."""
_SMOOTHING: Final[Values] = np.hanning(9) / np.hanning(9).sum()
"""What the level is smoothed with before syllables are counted: 70 ms."""


@dataclass(frozen=True, slots=True)
class Prosody:
    """How one turn was spoken; nothing here changes with the level of the recording."""

    voiced_s: float
    """Seconds of voiced sound that the rest was measured on."""
    pitch_level: float
    """Median pitch, in semitones above 27.5 Hz (GeMAPS: F0 percentile 50). Higher in anger."""
    pitch_range: float
    """From the 20th to the 80th percentile of pitch, in semitones (GeMAPS). Wider in anger."""
    pitch_slope: float
    """Median steepness of pitch, up or down, in semitones/s (GeMAPS: F0 slopes). Steeper in anger."""
    level_range: float
    """From the 20th to the 80th percentile of the level of voiced frames, in dB (GeMAPS: loudness range)."""
    level_slope: float
    """How fast syllables swell: mean rise of the level where it rises, in dB/s (GeMAPS: rising slope)."""
    alpha_ratio: float
    """Energy in 1000-3400 Hz over that in 300-1000 Hz, in dB (GeMAPS: 1-5 kHz over 50-1000 Hz): voice
    quality. Higher in anger: effort and tension flatten the spectrum (Sundberg and Nordenberg 2006)."""
    hammarberg: float
    """The strongest bin in 300-2000 Hz over that in 2000-3400 Hz, in dB (Hammarberg et al. 1980). Lower in
    anger."""
    middle_slope: float
    """Slope of the spectrum from 500 to 1500 Hz, in dB/kHz (GeMAPS: slope 500-1500). Flatter in anger."""
    openness: float
    """Centroid of the energy in 300-1000 Hz, in Hz: follows the first formant (GeMAPS: F1 frequency), which
    rises as the mouth opens. Higher in anger."""
    tempo: float
    """Syllable nuclei per second of speech, pauses left out (de Jong and Wempe 2009). Faster in anger."""
    pauses: float
    """Share of the time from first to last voice that is pause (150 ms or more). Fewer in anger."""


FEATURES: Final = tuple(field.name for field in fields(Prosody))[1:]
"""What is measured, without `voiced_s`."""


def measure(samples: Samples) -> Prosody | None:
    """Return how a turn was spoken, or None if it has less than 0.2 s of voice.

    `samples`: int16 mono 8 kHz, shape (n,). It passes a telephone line first (`voicebot.audio.telephone`;
    what comes from one changes hardly), so that a file and a call measure the same.
    """
    line = telephone(samples[-LONGEST_S * RATE :])
    if line.size < LEAST_VOICED_S * RATE or not line.any():
        return None
    whole = powers(line)
    pitch = track(whole)
    spectra = without_noise(whole[:, TELEPHONE])
    power = spectra.mean(axis=1)
    periodic = pitch.strength > _PERIODIC
    if not periodic.any():
        return None
    level = decibels(power / _mean_voiced(power, periodic))
    strong = periodic & (level > _STRONG_DB)
    if not strong.any():
        return None
    strong[strong] = believable(pitch.semitones[strong])
    voiced_s = float(strong.sum() * HOP_S)
    if voiced_s < LEAST_VOICED_S:
        return None
    tones = pitch.semitones[strong]
    timbre = decibels(spectra[strong].mean(axis=0))
    nuclei, speech_s, pause_s = _rhythm(level, strong)
    return Prosody(
        voiced_s=voiced_s,
        pitch_level=float(np.median(tones)),
        pitch_range=_spread(tones),
        pitch_slope=_steepness(pitch.semitones, strong),
        level_range=_spread(level[strong]),
        level_slope=_rise(level, strong),
        alpha_ratio=_decibels_over(spectra[strong], _HIGH, _LOW),
        hammarberg=float(timbre[_UNDER_2_KHZ].max() - timbre[_OVER_2_KHZ].max()),
        middle_slope=float(np.polyfit(_HERTZ[_MIDDLE] / 1000, timbre[_MIDDLE], 1)[0]),
        openness=_centroid(spectra[strong], _LOW),
        tempo=nuclei / speech_s,
        pauses=pause_s / (speech_s + pause_s),
    )


_HERTZ: Final = FREQUENCIES[TELEPHONE]
_LOW: Final = band(300, 1000)[TELEPHONE]
_HIGH: Final = band(1000, 3400)[TELEPHONE]
_MIDDLE: Final = band(500, 1500)[TELEPHONE]
_UNDER_2_KHZ: Final = band(300, 2000)[TELEPHONE]
_OVER_2_KHZ: Final = band(2000, 3400)[TELEPHONE]


def _mean_voiced(power: Values, periodic: Flags) -> float:
    """Return the mean power of voiced frames, by the relative gate of ITU-R BS.1770-4."""
    heard = power[periodic]
    return float(heard[heard > heard.mean() / 10].mean())


def _spread(values: Values) -> float:
    low, high = np.percentile(values, (20, 80))
    return float(high - low)


def _steepness(semitones: Values, voiced: Flags) -> float:
    """Return the median |slope| over 40 ms inside voiced stretches, in semitones per second."""
    whole = voiced[4:] & voiced[3:-1] & voiced[2:-2] & voiced[1:-3] & voiced[:-4]
    steps = np.abs(semitones[4:] - semitones[:-4])[whole]
    return float(np.median(steps) / (4 * HOP_S)) if steps.size else 0.0


def _rise(level: Values, voiced: Flags) -> float:
    """Return the mean slope over 40 ms where it rises inside voiced stretches, in dB per second."""
    steps = (level[4:] - level[:-4])[voiced[4:] & voiced[:-4]]
    rising = steps[steps > 0]
    return float(rising.mean() / (4 * HOP_S)) if rising.size else 0.0


def _decibels_over(spectra: Values, above: Flags, below: Flags) -> float:
    return float(decibels(spectra[:, above].sum()) - decibels(spectra[:, below].sum()))


def _centroid(spectra: Values, inside: Flags) -> float:
    power = spectra[:, inside].sum(axis=0)
    return float(np.sum(_HERTZ[inside] * power) / np.sum(power))


def _rhythm(level: Values, voiced: Flags) -> tuple[int, float, float]:
    """Return the number of syllable nuclei, the seconds of speech and the seconds of pause."""
    first, last = np.flatnonzero(voiced)[[0, -1]]
    level, voiced = level[first : last + 1], voiced[first : last + 1]
    silent = np.concatenate([[0], (level < _SPOKEN_DB).astype(int), [0]])
    edges = np.flatnonzero(np.diff(silent))
    lengths = (edges[1::2] - edges[::2]) * HOP_S
    pause_s = float(lengths[lengths >= _PAUSE_S - 1e-9].sum())
    return _nuclei(level, voiced), level.size * HOP_S - pause_s, pause_s


def _nuclei(level: Values, voiced: Flags) -> int:
    """Return how often the level rises by 2 dB and falls again, a voiced frame at the top; at least 1."""
    smooth = np.convolve(np.maximum(level, 2 * _SPOKEN_DB), _SMOOTHING, "same")
    count, rising, valley, peak, voiced_peak = 0, False, np.inf, -np.inf, False
    for value, voice in zip(smooth.tolist(), voiced.tolist(), strict=True):
        if not rising:
            valley = min(valley, value)
            rising, peak = value >= valley + _DIP_DB, -np.inf
        if rising and value > peak:
            peak, voiced_peak = value, voice
        elif rising and value <= peak - _DIP_DB:
            count, rising, valley = count + voiced_peak, False, value
    return max(1, count + (rising and voiced_peak))
