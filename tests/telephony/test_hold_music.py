import numpy as np
import pytest

from voicebot.audio import RATE, telephone
from voicebot.hearing import Recogniser, choose_model, load_model
from voicebot.telephony.hold_music import hold_music

pytestmark = pytest.mark.audio


def test_is_softer_than_speech_and_never_silent() -> None:
    music = hold_music().astype(float)
    seconds = music[: music.size // RATE * RATE].reshape(-1, RATE)
    levels = 20 * np.log10(np.sqrt((seconds**2).mean(axis=1)) / 32768)
    assert levels.max() < -22
    assert levels.min() > -36
    assert np.abs(music).max() < 10000


def test_repeats_without_a_seam() -> None:
    music = hold_music().astype(int)
    assert abs(music[0] - music[-1]) < 2 * np.abs(np.diff(music)).max()
    assert np.abs(music[-RATE // 10 :]).max() > 500, "it sounds on over its end"


def test_is_heard_as_no_words() -> None:
    recogniser = Recogniser(load_model(choose_model(None).path))
    recogniser.start()
    recogniser.accept(telephone(hold_music()))
    assert recogniser.finish().text == ""
