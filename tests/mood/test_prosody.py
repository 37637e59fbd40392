import dataclasses

import numpy as np
import pytest
from voices import noise, pause, voice

from voicebot.audio import RATE, normalise, rms_dbfs, telephone, to_samples, voiced_dbfs
from voicebot.mood import FEATURES, Prosody, measure

pytestmark = pytest.mark.unit


def measured(samples: np.ndarray) -> Prosody:
    prosody = measure(samples)
    assert prosody
    return prosody


@pytest.mark.parametrize("hertz", [85, 120, 180, 240, 330, 440])
def test_pitch_is_found_though_the_line_cuts_off_the_fundamental(hertz: float) -> None:
    assert measured(voice(hertz)).pitch_level == pytest.approx(12 * np.log2(hertz / 27.5), abs=0.4)


def test_a_higher_voice_is_as_much_higher_as_it_is() -> None:
    octave = measured(voice(220)).pitch_level - measured(voice(110)).pitch_level
    assert octave == pytest.approx(12, abs=0.5)


def test_nothing_but_chance_changes_with_the_level() -> None:
    loud, soft = measured(voice()), measured(normalise(voice(), -30))
    for feature in FEATURES:
        assert getattr(loud, feature) == pytest.approx(getattr(soft, feature), rel=0.05, abs=0.1), feature


def test_noise_at_10_db_changes_pitch_and_timbre_little() -> None:
    sound = telephone(np.concatenate([pause(0.3), voice(200), pause(0.3)]))
    hiss = telephone(noise(sound.size))
    gain = 10 ** ((voiced_dbfs(sound) - 10 - rms_dbfs(hiss)) / 20)
    clean, noisy = measured(sound), measured(to_samples(sound + gain * hiss))
    assert noisy.pitch_level == pytest.approx(clean.pitch_level, abs=0.3)
    assert noisy.alpha_ratio == pytest.approx(clean.alpha_ratio, abs=2)
    assert noisy.openness == pytest.approx(clean.openness, abs=20)


def test_a_flatter_spectrum_is_a_sharper_voice() -> None:
    soft, sharp = measured(voice(tilt=-12)), measured(voice(tilt=-4))
    assert sharp.alpha_ratio > soft.alpha_ratio + 5
    assert sharp.hammarberg < soft.hammarberg - 5
    assert sharp.middle_slope > soft.middle_slope + 5
    assert sharp.openness > soft.openness


@pytest.mark.parametrize("syllables_per_s", [3, 4, 5])
def test_tempo_counts_syllables(syllables_per_s: float) -> None:
    tempo = measured(voice(seconds=4, syllables_per_s=syllables_per_s)).tempo
    assert tempo == pytest.approx(syllables_per_s, rel=0.1)


def test_pauses_are_a_share_of_the_time_and_no_tempo() -> None:
    fluent, halting = voice(), np.concatenate([voice(), pause(1), voice()])
    assert measured(fluent).pauses == 0
    assert measured(halting).pauses == pytest.approx(1 / 5, abs=0.04)
    assert measured(halting).tempo == pytest.approx(measured(fluent).tempo, rel=0.1)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.int16),
        np.zeros(1, np.int16),
        pause(2),
        noise(2 * RATE),
        voice(seconds=0.15),
        np.full(RATE, 32767, np.int16),
    ],
    ids=["nothing", "one sample", "silence", "noise", "too short", "a standing voltage"],
)
def test_without_enough_voice_nothing_is_measured(samples: np.ndarray) -> None:
    assert measure(samples) is None


def test_everything_measured_is_a_number() -> None:
    for sound in (voice(seconds=0.4), voice(480), voice(syllables_per_s=0.5), voice(peak=32767)):
        assert np.isfinite(dataclasses.astuple(measured(sound))).all()


def test_of_a_long_turn_the_end_is_measured() -> None:
    long = np.concatenate([voice(110, seconds=30), voice(220, seconds=30)])
    assert measured(long) == measured(long[-30 * RATE :])
