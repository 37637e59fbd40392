"""Invented speakers are as high, as fast and as long in the throat as was asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from training.features import Warp
from training.settings import SAME_SPEAKER, load_settings
from training.voice import invent, stretch

pytestmark = pytest.mark.unit

SPREAD = load_settings().stream.people


def buzz(hertz: float, rate: int, seconds: float = 0.5) -> NDArray[np.int16]:
    times = np.arange(int(rate * seconds)) / rate
    return sum(1500 * np.sin(2 * np.pi * hertz * k * times) for k in range(1, 6)).astype(np.int16)


def pitch(sound: NDArray[np.float64]) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size), 65536))
    return float(np.argmax(spectrum[: 65536 * 300 // 8000]) * 8000 / 65536)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_stretching_changes_the_length_and_not_the_pitch(factor: float) -> None:
    sound = buzz(150, 8000).astype(np.float64)
    longer = stretch(sound, factor)
    assert longer.size == pytest.approx(sound.size * factor, abs=1)
    assert pitch(longer) == pytest.approx(150, abs=3)
    assert np.sqrt(np.mean(longer[400:-400] ** 2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.1)


def test_a_speaker_has_the_pitch_and_tempo_of_the_factors() -> None:
    speaker = invent(np.random.default_rng(3), SPREAD)
    spoken = speaker.speak(buzz(150, 16000), 16000)
    assert spoken.size == pytest.approx(4000 / speaker.tempo, rel=0.02)
    assert pitch(spoken) == pytest.approx(150 * speaker.pitch, abs=4)


def test_the_speaker_as_recorded_changes_nothing() -> None:
    sound = buzz(150, 8000)
    same = invent(np.random.default_rng(1), SAME_SPEAKER)
    assert same.speak(sound, 8000) == pytest.approx(sound, abs=0.01)
    assert same.warp == Warp(1, 1)
    assert not same.timbre.any()


@given(st.integers(0, 2**32 - 1))
def test_speakers_follow_from_the_seed_and_stay_within_the_spread(seed: int) -> None:
    one, same = (invent(np.random.default_rng(seed), SPREAD) for _ in range(2))
    assert (one.pitch, one.tempo, one.warp, one.timbre.tolist()) == (
        same.pitch,
        same.tempo,
        same.warp,
        same.timbre.tolist(),
    )
    assert abs(np.log(one.pitch)) <= SPREAD.pitch + SPREAD.formants
    assert abs(np.log(one.high_formants)) <= SPREAD.formants + SPREAD.single_formant
    assert not one.timbre[0]
