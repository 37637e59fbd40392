"""What callers say about the talk itself: "herhaal", "momentje", "hallo"."""

from __future__ import annotations

import pytest
from talk import BOT, NUMBER, POSTCODE, WISH, Talk, only, said

from voicebot.events import (
    BackendReplied,
    CallBackend,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    PromptFinished,
    Say,
    SpeechStarted,
    StartTimer,
    TimerExpired,
    Transfer,
    UtteranceEnded,
)

pytestmark = pytest.mark.unit

REPEAT, WAIT, GREETING, SLOWER, HELP, MISUNDERSTOOD, STOP, RESTART = (
    IntentRecognised(name, 1.0)
    for name in ("repeat", "wait", "greeting", "slower", "help", "misunderstood", "stop", "restart")
)
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


def test_slower_is_slower_for_the_rest_of_the_call() -> None:
    talk = Talk()
    assert not any(say.slow for say in talk.tell(HOURS) if isinstance(say, Say))
    spoken = [say for say in talk.tell(SLOWER) if isinstance(say, Say)]
    assert [say.template for say in spoken] == ["Goed, ik praat langzamer.", "Altijd.", "Nog iets?"]
    later = [say for say in talk.tell(WISH) if isinstance(say, Say)]
    assert all(say.slow for say in (*spoken, *later))


def test_help_is_followed_by_the_open_question() -> None:
    talk = Talk()
    talk.tell(WISH)
    assert said(talk.tell(HELP)) == [BOT.prompts.help, "Cijfers."]
    assert said(talk.inform(order_number=NUMBER)) == ["Postcode?"]


def test_who_was_misunderstood_can_say_what_they_meant() -> None:
    talk = Talk()
    talk.tell(WISH)
    assert said(talk.tell(MISUNDERSTOOD)) == [BOT.prompts.misunderstood, "Waarmee?"]
    assert said(talk.tell(HOURS)) == ["Altijd.", "Nog iets?"]


def test_stop_ends_what_was_going_on_but_not_the_call() -> None:
    talk = Talk()
    talk.tell(WISH)
    assert said(talk.tell(STOP)) == [BOT.prompts.stopped, "Nog iets?"]
    assert said(talk.tell(IntentRecognised("no", 1.0))) == ["Dag."]


def test_who_begins_again_is_asked_everything_anew_but_gets_no_new_tries() -> None:
    talk = Talk()
    talk.identify()
    talk.tell(BackendReplied(1, "not_found"))
    assert said(talk.tell(RESTART)) == [BOT.prompts.restarted, "Waarmee?"]
    assert said(talk.tell(WISH)) == ["Nummer?"]
    talk.inform(order_number=NUMBER)
    talk.inform(postcode=POSTCODE)
    talk.tell(BackendReplied(2, "not_found"))
    assert only(talk.last_words_spoken(), Transfer).reason == "not_identified"


def test_a_question_in_between_is_answered_and_the_open_one_asked_again() -> None:
    talk = Talk()
    talk.tell(WISH)
    talk.inform(order_number=NUMBER)
    assert said(talk.tell(HOURS)) == ["Altijd.", "Vier cijfers, twee letters."]
    assert only(talk.inform(postcode=POSTCODE), CallBackend).action == "find_order"


def test_a_value_given_with_a_question_in_between_is_not_lost() -> None:
    talk = Talk()
    talk.tell(WISH)
    both = IntentRecognised("opening_hours", 1.0, {"order_number": NUMBER})
    assert said(talk.tell(both)) == ["Altijd.", "Postcode?"]


@pytest.mark.parametrize("aside", [REPEAT, SLOWER, HELP, MISUNDERSTOOD, STOP, RESTART, GREETING])
def test_nobody_asides_forever(aside: IntentRecognised) -> None:
    talk = Talk()
    talk.tell(WISH)
    for _ in range(6):
        talk.tell(aside)
    expected = "frustrated" if aside is MISUNDERSTOOD else "not_understood"
    assert only(talk.last_words_spoken(), Transfer).reason == expected


def test_the_same_filler_is_not_said_twice_in_a_row() -> None:
    talk = Talk()
    talk.identify()
    assert said(talk.tell(TimerExpired("busy"))) == [BOT.prompts.still_busy]
    assert said(talk.tell(TimerExpired("busy"))) == []
