"""Invented speakers are as high, as fast and as long in the throat as was asked."""

from dataclasses import replace

import numpy as np
import pytest
import pyworld
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from training.settings import SAME_SPEAKER, load_settings
from training.voice import AS_RECORDED, invent

pytestmark = pytest.mark.unit

SPREAD = load_settings().stream.people
RATE = 16000
FORMANTS = (600.0, 1700.0)


def vowel(hertz: float = 120, seconds: float = 0.6) -> NDArray[np.int16]:
    """A buzz with two formants."""
    times = np.arange(int(RATE * seconds)) / RATE
    sound = sum(
        _loudness(hertz * order) * np.sin(2 * np.pi * hertz * order * times)
        for order in range(1, int(4000 / hertz))
    )
    return (4000 * np.asarray(sound)).astype(np.int16)


def _loudness(hertz: float) -> float:
    return sum(1 / (1 + ((hertz - formant) / 90) ** 2) for formant in FORMANTS) + 0.01


def pitch(sound: NDArray[np.float64]) -> float:
    """How high, in Hz, by another way to find it than the one used in between."""
    hertz, _ = pyworld.harvest(sound, 8000)
    return float(np.median(hertz[hertz > 0]))


def second_formant(sound: NDArray[np.float64]) -> float:
    power = np.abs(np.fft.rfft(sound * np.hanning(sound.size), 8000)) ** 2
    smooth = np.convolve(power, np.hanning(300), "same")
    return float(1100 + smooth[1100:2600].argmax())


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.6])
def test_a_speaker_has_the_pitch_that_was_asked_and_keeps_the_formants(factor: float) -> None:
    spoken = replace(AS_RECORDED, pitch=factor).speak(vowel(), RATE)
    assert pitch(spoken) == pytest.approx(120 * factor, rel=0.03)
    assert second_formant(spoken) == pytest.approx(FORMANTS[1], rel=0.08)


@pytest.mark.parametrize("factor", [0.85, 1.2])
def test_a_speaker_has_the_formants_that_were_asked_and_keeps_the_pitch(factor: float) -> None:
    speaker = replace(AS_RECORDED, low_formants=factor, high_formants=factor)
    spoken = speaker.speak(vowel(), RATE)
    assert second_formant(spoken) == pytest.approx(FORMANTS[1] * factor, rel=0.08)
    assert pitch(spoken) == pytest.approx(120, rel=0.03)


@pytest.mark.parametrize("tempo", [0.75, 1.3])
def test_a_speaker_has_the_tempo_that_was_asked(tempo: float) -> None:
    spoken = replace(AS_RECORDED, tempo=tempo).speak(vowel(), RATE)
    assert spoken.size == pytest.approx(4800 / tempo, rel=0.03)


def test_the_speaker_as_recorded_changes_nothing() -> None:
    assert invent(np.random.default_rng(1), SAME_SPEAKER) == AS_RECORDED
    spoken = AS_RECORDED.speak(vowel(), RATE)
    assert spoken.size == 4800
    assert pitch(spoken) == pytest.approx(120, rel=0.02)


@pytest.mark.parametrize("samples", [10, 800, 1700, 4000])
def test_short_and_silent_sounds_can_be_spoken(samples: int) -> None:
    spoken = replace(AS_RECORDED, pitch=1.2).speak(np.zeros(samples, np.int16), RATE)
    assert spoken.size == pytest.approx(samples / 2, abs=60)
    assert np.isfinite(spoken).all()


@given(st.integers(0, 2**32 - 1))
def test_speakers_follow_from_the_seed_and_stay_within_the_spread(seed: int) -> None:
    one, same = (invent(np.random.default_rng(seed), SPREAD) for _ in range(2))
    assert one == same
    assert abs(np.log(one.pitch)) <= SPREAD.pitch + 2 * SPREAD.formants
    assert abs(np.log(one.high_formants)) <= SPREAD.formants + SPREAD.single_formant
    assert 0 <= one.breath <= 1
