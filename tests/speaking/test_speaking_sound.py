import numpy as np
import pytest
from numpy.typing import NDArray

from voicebot.audio import RATE, voiced_dbfs
from voicebot.speaking.sound import for_the_line

pytestmark = pytest.mark.unit

ENGINE_RATE = 22050


def tone(hertz: float, level: float, seconds: float = 1.0) -> NDArray[np.int16]:
    times = np.arange(int(seconds * ENGINE_RATE)) / ENGINE_RATE
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


@pytest.mark.parametrize("level", [300, 3000, 30000])
def test_level_is_the_same_whatever_came_in(level: int) -> None:
    assert voiced_dbfs(for_the_line(tone(800, level), ENGINE_RATE)) == pytest.approx(-20, abs=0.1)


def test_silence_around_is_trimmed() -> None:
    quiet = np.zeros(ENGINE_RATE, np.int16)
    prompt = for_the_line(np.concatenate([quiet, tone(800, 9000), quiet]), ENGINE_RATE)
    assert prompt.size == pytest.approx(1.08 * RATE, abs=0.01 * RATE)
    assert not prompt[:150].any()
    assert not prompt[-470:].any()
    assert np.abs(prompt[160:200]).max() > 1000


def test_peaks_never_clip() -> None:
    clicks = tone(800, 300)
    clicks[::4000] = 32767
    assert np.abs(for_the_line(clicks, ENGINE_RATE)).max() < 32767


def test_what_a_telephone_drops_is_left_out() -> None:
    low, mid = tone(60, 6000), tone(1000, 6000)
    prompt = for_the_line(low + mid, ENGINE_RATE).astype(float)
    spectrum = np.abs(np.fft.rfft(prompt))
    hertz = np.fft.rfftfreq(prompt.size, 1 / RATE)
    assert spectrum[hertz < 100].max() < spectrum.max() / 100


def test_silence_gives_nothing() -> None:
    assert for_the_line(np.zeros(1000, np.int16), ENGINE_RATE).size == 0
