"""Lines differ, and each is what its seed makes it."""

import numpy as np
import pytest
from training.line import Line
from training.nonspeech import nonspeech
from training.settings import load_settings

from voicebot.audio import RATE, Samples

pytestmark = pytest.mark.unit

SPREAD = load_settings().stream.line
SOUND = 3000 * np.sin(np.arange(RATE) / 5.0)
PLACE = np.random.default_rng(0).integers(-500, 500, RATE).astype(np.int16)


def carried(seed: int) -> Samples:
    return Line(np.random.default_rng(seed), SPREAD, [PLACE]).carry(SOUND)


def test_a_line_keeps_the_length_and_follows_from_its_seed() -> None:
    lines = [carried(seed) for seed in range(20)]
    assert {(line.dtype, line.shape) for line in lines} == {(np.dtype(np.int16), SOUND.shape)}
    assert all((carried(seed) == line).all() for seed, line in enumerate(lines))
    assert len({line.tobytes() for line in lines}) == 20


def test_the_tone_is_still_what_is_loudest() -> None:
    expected = np.abs(np.fft.rfft(SOUND)).argmax()
    loudest = [np.abs(np.fft.rfft(carried(seed))).argmax() for seed in range(20)]
    assert sum(abs(int(one) - int(expected)) < 3 for one in loudest) >= 18


def test_a_lost_packet_is_the_one_before_fading() -> None:
    lossy = SPREAD.model_copy(update={"packet_loss": 1.0, "codecs": {"none": 1.0}})
    sound = Line(np.random.default_rng(5), lossy, []).carry(SOUND.repeat(4)).reshape(-1, 160).astype(float)
    repeats = [k for k in range(1, len(sound)) if np.abs(sound[k] - 0.7 * sound[k - 1]).max() <= 1]
    assert 0 < len(repeats) < 0.1 * len(sound)


def test_what_is_no_speech_is_a_few_seconds_of_anything() -> None:
    random = np.random.default_rng(1)
    line = Line(random, SPREAD, [PLACE])
    sounds = [nonspeech(random, line) for _ in range(60)]
    assert {2, 6} <= {sound.size // RATE for sound in sounds} <= {2, 3, 4, 5, 6}
    loudness = [np.abs(sound.astype(float)).max() for sound in sounds]
    assert min(loudness) < 100 < 10000 < max(loudness)
