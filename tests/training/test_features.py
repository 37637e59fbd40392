"""The front end gives what Kaldi gives."""

import numpy as np
import pytest
from training.features import FrontEnd, frames_in, telephone

pytestmark = pytest.mark.unit

TIMES = np.arange(1600)
SOUND = np.rint(4000 * np.sin(TIMES**2 / 900.0)) + TIMES**2 * 7919 % 4001 - 2000
# by kaldi-native-fbank 1.22.4 with the options of `telephone.conf()`: six cepstra of two frames
KALDI = {
    0: [108.2009, -12.831, 11.8983, 11.1117, -6.2699, -4.2722],
    17: [103.3169, -32.3163, -7.4657, -9.4156, -9.7157, -2.4634],
}


@pytest.mark.parametrize("frame", KALDI)
def test_cepstra_are_kaldis(frame: int) -> None:
    ours = telephone.features(SOUND)
    assert ours.shape == (18, 30)
    assert ours[frame, [0, 1, 2, 3, 4, 29]] == pytest.approx(KALDI[frame], abs=2e-3)


def test_what_is_shorter_than_a_window_has_no_frames() -> None:
    assert telephone.features(np.zeros(199)).shape == (0, 30)
    assert [frames_in(samples) for samples in (199, 200, 279, 280)] == [0, 1, 1, 2]


def test_conf_says_what_the_front_end_does() -> None:
    conf = FrontEnd(rate=16000, mels=40).conf().split()
    assert "--sample-frequency=16000" in conf
    assert "--num-mel-bins=40" in conf
    assert "--dither=0" in conf
