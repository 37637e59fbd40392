import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.hearing.speech import SpeechDetector

pytestmark = pytest.mark.unit


def detector() -> SpeechDetector:
    return SpeechDetector(onset=(5, 8), onset_over_prompt=(8, 10))


def feed(ear: SpeechDetector, pattern: str, over_prompt: bool = False) -> list[int]:
    """Feed voiced (v) and unvoiced (.) frames; return at which speech started."""
    return [number for number, frame in enumerate(pattern) if ear.push(frame == "v", over_prompt)]


def test_speech_starts_when_enough_of_the_last_frames_are_voiced() -> None:
    assert feed(detector(), "..v.vv.vv..") == [8]


def test_clicks_and_coughs_are_no_speech() -> None:
    assert feed(detector(), "vv......vvv......v.v.v..") == []


def test_a_stronger_rule_holds_over_a_prompt() -> None:
    assert feed(detector(), ".vvvvvvv....", over_prompt=True) == []
    assert feed(detector(), ".vvvvvvvv...", over_prompt=True) == [8]


def test_silence_is_counted_and_a_click_does_not_break_it() -> None:
    ear = detector()
    feed(ear, "vvvvv" + "....v....")
    assert ear.speaking
    assert ear.silence_ms == 9 * 20
    feed(ear, "vv")
    assert ear.silence_ms == 0


def test_after_its_end_old_frames_do_not_start_a_new_utterance() -> None:
    ear = detector()
    feed(ear, "vvvvvvvv")
    ear.end()
    assert not ear.speaking
    assert feed(ear, "v.......") == []


@given(st.lists(st.booleans(), max_size=200), st.booleans())
def test_speech_never_starts_on_an_unvoiced_frame(frames: list[bool], over_prompt: bool) -> None:
    ear = detector()
    for voiced in frames:
        assert not (ear.push(voiced, over_prompt) and not voiced)
