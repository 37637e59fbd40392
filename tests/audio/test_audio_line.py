import numpy as np
import pytest

from voicebot.audio import rms_dbfs, telephone

pytestmark = pytest.mark.unit


def tone(hertz: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)).astype(np.int16)


@pytest.mark.parametrize("hertz", [400, 1000, 3200])
def test_the_band_passes(hertz: float) -> None:
    assert rms_dbfs(telephone(tone(hertz))) == pytest.approx(rms_dbfs(tone(hertz)), abs=0.5)


@pytest.mark.parametrize("hertz", [50, 150, 3800])
def test_what_is_outside_the_band_does_not(hertz: float) -> None:
    passed = telephone(tone(hertz))[400:-400]
    assert rms_dbfs(passed) < rms_dbfs(tone(hertz)) - 35


def test_it_stays_in_step_and_adds_only_a_law() -> None:
    before, after = tone(1000)[400:-400].astype(float), telephone(tone(1000))[400:-400].astype(float)
    assert np.std(after - before) < 0.02 * np.std(before)
    assert telephone(np.zeros(0, np.int16)).size == 0
