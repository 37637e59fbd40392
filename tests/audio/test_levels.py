import numpy as np
import pytest

from voicebot.audio import SILENCE_DBFS, normalise, rms_dbfs, voiced_dbfs

pytestmark = pytest.mark.unit


def test_a_full_scale_square_is_zero_dbfs() -> None:
    square = np.tile(np.array([32767, -32768], np.int16), 4000)
    assert rms_dbfs(square) == pytest.approx(0, abs=0.001)
    assert rms_dbfs(square // 10) == pytest.approx(-20, abs=0.01)


def test_silence_and_nothing_have_the_lowest_level() -> None:
    for nothing in (np.zeros(800, np.int16), np.zeros(0, np.int16)):
        assert rms_dbfs(nothing) == voiced_dbfs(nothing) == SILENCE_DBFS


def test_pauses_do_not_count_as_voice() -> None:
    voice = np.tile(np.array([3276, -3277], np.int16), 4000)
    with_pauses = np.concatenate((np.zeros(16000, np.int16), voice, np.full(16000, 10, np.int16)))
    assert voiced_dbfs(with_pauses) == pytest.approx(rms_dbfs(voice), abs=0.1)


def test_normalising_sets_the_voiced_level() -> None:
    random = np.random.default_rng(1)
    quiet = np.concatenate((random.normal(0, 300, 8000), np.zeros(8000))).astype(np.int16)
    assert voiced_dbfs(normalise(quiet, -20)) == pytest.approx(-20, abs=0.1)
    assert np.array_equal(normalise(np.zeros(800, np.int16), -20), np.zeros(800, np.int16))
