"""Voices as pictures and as sound."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from voicebot.replay.waveform import BIN_MS, peaks, sound_base64, waveform_path, words_path
from voicebot.values import TimedWord

pytestmark = pytest.mark.unit


def test_a_peak_is_the_loudest_sample_of_its_bin() -> None:
    samples = np.zeros(8 * BIN_MS * 2 + 1, np.int16)
    samples[5], samples[8 * BIN_MS + 3], samples[-1] = 16384, -8192, -32768
    assert peaks(samples) == [0.5, 0.25, 1.0]


@given(st.lists(st.integers(-32768, 32767), max_size=2000))
def test_a_waveform_stays_in_its_lane(values: list[int]) -> None:
    path = waveform_path(np.array(values, np.int16), 72)
    strokes = re.findall(r"M(\d+) ([\d.]+)v([\d.]+)", path)
    assert all(float(top) >= 0 and float(top) + float(reach) <= 72 for _, top, reach in strokes)
    assert all(int(x) < 2 * -(-len(values) // 320) for x, _, _ in strokes)


def test_silence_is_a_flat_line() -> None:
    assert waveform_path(np.zeros(8000, np.int16), 72) == "M0 36h50"


def test_words_are_bars_at_their_times_even_the_shortest() -> None:
    words = (TimedWord("waar", 1000, 1400), TimedWord("is", 1400, 1400))
    assert words_path(words, 6) == "M50.0 3h19.0M70.0 3h1.0"


def test_sound_holds_both_voices_unchanged() -> None:
    left, right = np.arange(900, dtype=np.int16), np.full(700, -5, np.int16)
    both, rate = soundfile.read(io.BytesIO(base64.b64decode(sound_base64(left, right))), dtype="int16")
    assert rate == 8000
    assert np.array_equal(both[:, 0], left)
    assert np.array_equal(both[:, 1], np.pad(right, (0, 200)))
