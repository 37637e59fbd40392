"""What callers say about the talk itself: "herhaal", "momentje", "hallo"."""

from __future__ import annotations

import pytest
from talk import NUMBER, WISH, Talk, only, said

from voicebot.events import (
    BackendReplied,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    PromptFinished,
    SpeechStarted,
    StartTimer,
    TimerExpired,
    Transfer,
    UtteranceEnded,
)

pytestmark = pytest.mark.unit

REPEAT, WAIT, GREETING = (IntentRecognised(name, 1.0) for name in ("repeat", "wait", "greeting"))
HOURS = IntentRecognised("opening_hours", 1.0)


def test_a_question_is_repeated_in_other_words_at_no_cost() -> None:
    talk = Talk()
    talk.tell(WISH)
    assert said(talk.tell(REPEAT)) == ["Cijfers."]
    assert said(talk.tell(IntentNotRecognised())) == ["Niet begrepen.", "Cijfers."]


@pytest.mark.parametrize("again", [REPEAT, KeyPressed("*")])
def test_an_answer_is_repeated_before_the_question_after_it(again: IntentRecognised | KeyPressed) -> None:
    talk = Talk()
    assert said(talk.tell(HOURS)) == ["Altijd.", "Nog iets?"]
    assert said(talk.tell(again)) == ["Altijd.", "Nog iets?"]
    assert said(talk.tell(again)) == ["Altijd.", "Nog iets?"]


def test_of_two_answers_only_the_last_is_repeated() -> None:
    talk = Talk()
    talk.tell(HOURS)
    talk.identify()
    talk.tell(BackendReplied(1, "found", {"day": "morgen"}))
    assert said(talk.tell(REPEAT)) == ["{order_number} komt {day}.", "Nog iets?"]


def test_who_asks_for_a_moment_gets_a_minute() -> None:
    talk = Talk()
    talk.tell(WISH)
    effects = talk.tell(WAIT)
    assert said(effects) == ["Neem rustig de tijd."]
    assert only(effects, StartTimer) == StartTimer("no_input", 60_000)
    assert said(talk.tell(TimerExpired("no_input"))) == ["Ik hoor niets.", "Cijfers."]
    assert said(talk.inform(order_number=NUMBER)) == ["Postcode?"]


@pytest.mark.parametrize("sound", [UtteranceEnded("", 0, 1), UtteranceEnded("ja", 0, 1, passed_over=True)])
def test_the_minute_outlasts_a_noise_and_a_sign_of_listening(sound: UtteranceEnded) -> None:
    talk = Talk()
    talk.tell(WISH, WAIT)
    assert only(talk.tell(SpeechStarted(), sound), StartTimer) == StartTimer("no_input", 60_000)
    talk.inform(order_number=NUMBER)
    effects = talk.tell(PromptFinished(talk.state.question))
    assert only(effects, StartTimer) == StartTimer("no_input", 6000)


def test_a_greeting_is_answered_with_the_question() -> None:
    talk = Talk()
    assert said(talk.tell(GREETING)) == ["Waarmee?"]
    talk.tell(HOURS)
    assert said(talk.tell(GREETING)) == ["Waarmee?"]  # "ik heb nog een vraag"


@pytest.mark.parametrize("aside", [REPEAT, WAIT, GREETING, KeyPressed("*")])
def test_nobody_is_held_by_asides(aside: IntentRecognised | KeyPressed) -> None:
    talk = Talk()
    for _ in range(6):
        talk.tell(aside)
    assert only(talk.last_words_spoken(), Transfer).reason == "not_understood"


def test_being_understood_gives_new_asides() -> None:
    talk = Talk()
    for _ in range(4):
        talk.tell(GREETING)
    talk.tell(WISH)
    assert said(talk.tell(REPEAT)) == ["Cijfers."]
