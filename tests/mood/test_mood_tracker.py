from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.mood import Caller, Mood, Prosody, Scorer, Track, follow, hear, load_scorer

pytestmark = pytest.mark.unit

CALM, ANGRY = 0.15, 0.85


def after(*scores: float | None) -> Track:
    track = Track()
    for score in scores:
        track = follow(track, Mood(score, score is not None and score >= 0.5, ()))
    return track


def test_one_loud_word_is_no_alarm_two_angry_turns_are() -> None:
    assert not after(CALM, CALM, 1.0).alarm
    assert after(CALM, CALM, ANGRY, ANGRY).alarm
    assert not after(CALM, 1.0, CALM, 1.0, CALM).alarm


def test_two_turns_that_hardly_sound_frustrated_are_no_alarm() -> None:
    assert not after(CALM, 0.5, 0.5).alarm


def test_an_alarm_ends_only_when_the_caller_is_calm_again() -> None:
    assert after(ANGRY, ANGRY, 0.4).alarm
    assert not after(ANGRY, ANGRY, CALM, CALM).alarm


def test_a_turn_with_too_little_voice_changes_nothing() -> None:
    assert after(CALM, ANGRY, None, None, ANGRY) == after(CALM, ANGRY, ANGRY)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
def test_the_level_stays_a_level_and_calm_calls_have_no_alarm(scores: list[float | None]) -> None:
    track = after(*scores)
    assert 0 <= track.level <= 1
    if all(score is None or score < 0.5 for score in scores):
        assert not track.alarm


def turn(scorer: Scorer, spreads: float = 0.0) -> Prosody:
    """An average turn, or one with a higher and sharper voice."""
    calm = Prosody(1.0, *scorer.population.means)
    pitch, sharpness = scorer.population.spreads[[0, 5]] * spreads
    return replace(calm, pitch_level=calm.pitch_level + pitch, alpha_ratio=calm.alpha_ratio + sharpness)


def test_a_call_that_grows_angry_ends_in_an_alarm_and_keeps_its_calm_baseline() -> None:
    scorer, caller = load_scorer(), Caller()
    for _ in range(3):
        caller, _ = hear(caller, turn(scorer), scorer)
    calm = caller.baseline
    for _ in range(2):
        caller, mood = hear(caller, turn(scorer, 6), scorer)
        assert mood.frustrated
    assert caller.track.alarm
    assert caller.baseline == calm


def test_who_has_a_high_sharp_voice_gets_a_baseline_all_the_same() -> None:
    scorer, caller = load_scorer(), Caller()
    for _ in range(6):
        caller, _ = hear(caller, turn(scorer, 6), scorer)
        assert not caller.track.alarm
    assert caller.baseline.voiced_s == pytest.approx(6)


def test_a_turn_without_voice_teaches_nothing() -> None:
    caller, mood = hear(Caller(), None, load_scorer())
    assert caller == Caller()
    assert mood.score is None
