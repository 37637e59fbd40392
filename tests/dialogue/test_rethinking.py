"""A caller who goes on after all is answered anew, and what was decided too soon is undone."""

import pytest
from talk import HUMAN, NUMBER, POSTCODE, WISH, Talk, only, said

from voicebot.events import (
    BackendReplied,
    CallBackend,
    CancelTimer,
    Event,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    Listen,
    PromptFinished,
    PromptStarted,
    SpeechContinued,
    SpeechStarted,
    TakeBack,
    TimerExpired,
    Transfer,
    UtteranceEnded,
)
from voicebot.expectation import Expectation

pytestmark = pytest.mark.unit

ON = SpeechContinued(None)


def turn(talk: Talk, *meaning: Event) -> None:
    """The caller says something, and it seems whole."""
    talk.tell(SpeechStarted(), UtteranceEnded("iets", 0, 500), *meaning)


def test_the_question_before_is_open_again() -> None:
    talk = Talk()
    talk.tell(WISH)
    asked = talk.state.prompts
    turn(talk, IntentNotRecognised())
    effects = talk.tell(ON)
    assert only(effects, TakeBack) == TakeBack(asked, 0)
    assert only(effects, Listen).expectation == Expectation("order_number", "digits", 5)
    assert (talk.state.asking, talk.state.no_matches, talk.state.speaking) == ("order_number", 0, True)
    talk.tell(UtteranceEnded("een twee drie vier vijf", 0, 2000))
    assert said(talk.inform(order_number=NUMBER)) == ["Postcode?"]


def test_numbers_of_prompts_are_never_used_again() -> None:
    talk = Talk()
    turn(talk, WISH)
    before = talk.state.prompts
    talk.tell(ON, UtteranceEnded("iets anders", 0, 900), WISH)
    assert talk.state.prompts == before + 1


def test_a_request_that_was_withdrawn_is_not_waited_for() -> None:
    talk = Talk()
    talk.tell(WISH)
    talk.inform(order_number=NUMBER)
    turn(talk, IntentRecognised("inform", 1.0, {"postcode": POSTCODE}))
    assert only(talk.tell(ON), TakeBack).request == 0
    assert talk.tell(BackendReplied(1, "found", {"day": "morgen"})) == []
    talk.tell(UtteranceEnded("nog eens", 0, 2000))
    request = only(talk.inform(postcode=POSTCODE), CallBackend)
    assert request.request == 2
    assert len(said(talk.tell(BackendReplied(2, "found", {"day": "morgen"})))) == 2


def test_an_answer_that_came_meanwhile_goes_with_it() -> None:
    talk = Talk()
    talk.tell(WISH)
    talk.inform(order_number=NUMBER)
    turn(talk, IntentRecognised("inform", 1.0, {"postcode": POSTCODE}))
    talk.tell(BackendReplied(1, "found", {"day": "morgen"}), PromptStarted(4, "order_status.say", ""))
    effects = talk.tell(ON)
    assert only(effects, TakeBack).request == 0
    assert (talk.state.asking, talk.state.facts) == ("postcode", {})


def test_a_goodbye_is_taken_back() -> None:
    talk = Talk()
    turn(talk, IntentRecognised("goodbye", 1.0))
    assert isinstance(talk.state.exit, HangUp)
    effects = talk.tell(ON)
    assert CancelTimer("leaving") in effects
    assert (talk.state.phase, talk.state.exit) == ("opening", None)


def test_who_asked_for_a_human_stays_on_the_way_to_one() -> None:
    talk = Talk()
    turn(talk, HUMAN)
    assert talk.tell(ON) == []
    assert only(talk.last_words_spoken(), Transfer).reason == "asked_for_human"


@pytest.mark.parametrize("event", [KeyPressed("digit"), TimerExpired("no_input"), SpeechStarted()])
def test_what_happened_since_is_not_undone(event: Event) -> None:
    talk = Talk()
    turn(talk, WISH)
    talk.tell(event)
    state = talk.state
    assert talk.tell(ON) == []
    assert (talk.state.intent, talk.state.slots) == (state.intent, state.slots)


def test_without_a_turn_there_is_nothing_to_take_back() -> None:
    talk = Talk()
    assert talk.tell(ON) == []
    turn(talk)
    talk.tell(PromptFinished(2))
    assert talk.tell(ON) == []
