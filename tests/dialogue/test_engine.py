"""The engine, without sound or time: what it decides on each event."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import BOT, HUMAN, NUMBER, POSTCODE, STARTED, WISH, Talk, only, said

from voicebot.dialogue import Bot, State, decide
from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallerHungUp,
    CancelTimer,
    Event,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Listen,
    PromptFinished,
    PromptInterrupted,
    Say,
    SpeechStarted,
    StartTimer,
    StopSpeaking,
    TimerExpired,
    Transfer,
    UtteranceEnded,
)
from voicebot.expectation import Expectation

pytestmark = pytest.mark.unit


def test_discloses_first_and_cannot_be_interrupted() -> None:
    talk = Talk()
    first, second = (effect for effect in talk.all if isinstance(effect, Say))
    assert (first.name, first.interruptible) == ("disclosure", False)
    assert (second.name, second.interruptible) == ("opening", True)
    assert only(talk.all, Listen).expectation == Expectation()


def test_asks_number_and_postcode_before_it_asks_the_back_end() -> None:
    talk = Talk()
    assert said(talk.tell(WISH)) == ["Nummer?"]
    effects = talk.inform(order_number=NUMBER)
    assert said(effects) == ["Postcode?"]
    assert only(effects, Listen).expectation == Expectation("postcode", "postcode", None)
    request = only(talk.inform(postcode=POSTCODE), CallBackend)
    assert request.arguments == {"order_number": NUMBER, "postcode": POSTCODE}


def test_takes_everything_from_one_sentence() -> None:
    talk = Talk()
    effects = talk.tell(IntentRecognised("order_status", 1.0, {"order_number": NUMBER, "postcode": POSTCODE}))
    assert said(effects) == []
    assert only(effects, CallBackend).action == "find_order"


def test_speaks_the_answer_with_facts_and_slots_and_goes_on() -> None:
    talk = Talk()
    talk.identify()
    answer, question = (
        effect
        for effect in talk.tell(BackendReplied(1, "found", {"day": "morgen"}))
        if isinstance(effect, Say)
    )
    assert answer.values == {"order_number": NUMBER, "day": "morgen"}
    assert question.template == "Nog iets?"


def test_a_second_wrong_identification_brings_a_human() -> None:
    talk = Talk()
    talk.identify()
    assert said(talk.tell(BackendReplied(1, "not_found"))) == ["Niet gevonden.", "Nummer?"]
    talk.inform(order_number=NUMBER)
    talk.inform(postcode=POSTCODE)
    talk.tell(BackendReplied(2, "not_found"))
    assert only(talk.last_words_spoken(), Transfer).reason == "not_identified"


def test_asking_anew_gives_no_new_tries() -> None:
    talk = Talk()
    talk.identify()
    talk.tell(BackendReplied(1, "not_found"))
    talk.tell(IntentRecognised("opening_hours", 1.0), WISH)
    talk.inform(order_number=NUMBER)
    talk.inform(postcode=POSTCODE)
    talk.tell(BackendReplied(2, "not_found"))
    assert only(talk.last_words_spoken(), Transfer).reason == "not_identified"


@pytest.mark.parametrize("reply", [BackendFailed(1, "timeout"), BackendReplied(1, "nonsense")])
def test_a_failing_back_end_brings_a_human(reply: Event) -> None:
    talk = Talk()
    talk.identify()
    talk.tell(reply)
    assert only(talk.last_words_spoken(), Transfer).reason == "backend_failed"


def test_an_answer_to_an_older_request_is_ignored() -> None:
    talk = Talk()
    talk.identify()
    assert talk.tell(BackendReplied(7, "found", {"day": "nooit"})) == []


def reach_opening(talk: Talk) -> None:
    pass


def reach_number(talk: Talk) -> None:
    talk.tell(WISH)


def reach_postcode(talk: Talk) -> None:
    talk.tell(WISH)
    talk.inform(order_number=NUMBER)


def reach_waiting(talk: Talk) -> None:
    talk.identify()


def reach_closing(talk: Talk) -> None:
    talk.tell(IntentRecognised("opening_hours", 1.0))


def reach_goodbye(talk: Talk) -> None:
    talk.tell(IntentRecognised("goodbye", 1.0))


PLACES = [reach_opening, reach_number, reach_postcode, reach_waiting, reach_closing, reach_goodbye]


@pytest.mark.parametrize("reach", PLACES)
@pytest.mark.parametrize("wish", [HUMAN, KeyPressed("0")])
def test_a_human_is_one_word_away_everywhere(reach: Any, wish: Event) -> None:
    talk = Talk()
    reach(talk)
    effects = talk.tell(wish)
    assert any(isinstance(effect, StopSpeaking) for effect in effects)
    transfer = only(talk.last_words_spoken(), Transfer)
    assert (transfer.queue, transfer.reason) == ("mensen", "asked_for_human")


def test_the_human_gets_the_wish_and_what_was_said() -> None:
    talk = Talk()
    reach_postcode(talk)
    talk.tell(HUMAN)
    transfer = only(talk.last_words_spoken(), Transfer)
    assert (transfer.intent, transfer.slots) == ("order_status", {"order_number": NUMBER})


@pytest.mark.parametrize("miss", [IntentNotRecognised(), IntentRecognised("yes", 1.0)])
def test_the_second_no_match_brings_a_human(miss: Event) -> None:
    talk = Talk()
    talk.tell(WISH)
    assert said(talk.tell(miss)) == ["Niet begrepen.", "Cijfers."]
    talk.tell(miss)
    assert only(talk.last_words_spoken(), Transfer).reason == "not_understood"


def test_being_understood_in_between_starts_the_count_again() -> None:
    talk = Talk()
    talk.tell(WISH, IntentNotRecognised())
    talk.inform(order_number=NUMBER)
    assert said(talk.tell(IntentNotRecognised())) == ["Niet begrepen.", "Vier cijfers, twee letters."]


def test_the_second_silence_brings_a_human() -> None:
    talk = Talk()
    assert said(talk.tell(TimerExpired("no_input"))) == ["Ik hoor niets.", "Waarmee?"]
    talk.tell(TimerExpired("no_input"))
    assert only(talk.last_words_spoken(), Transfer).reason == "no_input"


def test_silence_counts_from_the_end_of_the_question() -> None:
    talk = Talk()
    assert talk.tell(PromptFinished(1)) == []
    assert talk.tell(PromptFinished(2)) == [StartTimer("no_input", BOT.limits.no_input_after_ms)]


def test_a_cough_is_no_failed_try() -> None:
    talk = Talk()
    talk.tell(PromptFinished(2))
    effects = talk.tell(SpeechStarted(), UtteranceEnded("", 0, 200))
    assert said(effects) == []
    assert effects[-1] == StartTimer("no_input", BOT.limits.no_input_after_ms)


def test_a_cough_that_broke_off_the_question_gets_it_again() -> None:
    talk = Talk()
    effects = talk.tell(SpeechStarted(2), PromptInterrupted(2, 300), UtteranceEnded("", 0, 200))
    assert said(effects) == ["Waarmee?"]


def test_keys_fill_the_open_question() -> None:
    talk = Talk()
    talk.tell(WISH)
    assert said(talk.tell(KeysEntered({"order_number": NUMBER}))) == ["Postcode?"]
    assert said(talk.tell(KeysEntered())) == ["Niet begrepen.", "Vier cijfers, twee letters."]


def test_no_at_the_end_says_goodbye_and_earns_the_hang_up() -> None:
    talk = Talk()
    reach_closing(talk)
    assert said(talk.tell(IntentRecognised("no", 1.0))) == ["Dag."]
    assert only(talk.last_words_spoken(), HangUp).outcome == "contained"


def test_yes_at_the_end_asks_what() -> None:
    talk = Talk()
    reach_closing(talk)
    assert said(talk.tell(IntentRecognised("yes", 1.0))) == ["Waarmee?"]


def test_a_wish_for_which_there_is_no_flow_of_ours_goes_to_a_human_by_name() -> None:
    talk = Talk()
    talk.tell(IntentRecognised("complaint", 1.0))
    transfer = only(talk.last_words_spoken(), Transfer)
    assert (transfer.reason, transfer.intent) == ("out_of_scope", "complaint")


def test_a_broken_voice_goes_straight_to_the_human() -> None:
    assert only(Talk().tell(FaultOccurred("speaking", "SpeakingError")), Transfer).reason == "fault"


def test_a_broken_ear_says_so_first() -> None:
    talk = Talk()
    assert said(talk.tell(FaultOccurred("hearing", "HearingError"))) == ["Een collega."]
    assert only(talk.last_words_spoken(), Transfer).reason == "fault"


def test_last_words_that_never_end_do_not_hold_the_caller() -> None:
    talk = Talk()
    talk.tell(HUMAN)
    assert only(talk.tell(TimerExpired("leaving")), Transfer).reason == "asked_for_human"


def test_a_fault_during_the_goodbye_is_no_earned_hang_up() -> None:
    talk = Talk()
    reach_goodbye(talk)
    assert only(talk.tell(FaultOccurred("speaking", "SpeakingError")), Transfer).reason == "fault"


def test_a_caller_who_speaks_during_the_goodbye_is_heard_out() -> None:
    talk = Talk()
    reach_goodbye(talk)
    assert talk.tell(SpeechStarted()) == []
    assert talk.last_words_spoken() == []
    talk.tell(UtteranceEnded("wacht een medewerker", 0, 1), HUMAN)
    assert only(talk.last_words_spoken(), Transfer).reason == "asked_for_human"


def test_a_new_wish_during_the_goodbye_goes_on() -> None:
    talk = Talk()
    reach_goodbye(talk)
    talk.tell(SpeechStarted(), PromptFinished(talk.state.last_words), UtteranceEnded("bent u open", 0, 1))
    assert said(talk.tell(IntentRecognised("opening_hours", 1.0))) == ["Altijd.", "Nog iets?"]


@pytest.mark.parametrize(
    "words", [(UtteranceEnded("", 0, 1),), (UtteranceEnded("dag", 0, 1), IntentRecognised("goodbye", 1.0))]
)
def test_a_caller_who_says_goodbye_too_is_let_go(words: tuple[Event, ...]) -> None:
    talk = Talk()
    reach_goodbye(talk)
    talk.tell(SpeechStarted(), PromptFinished(talk.state.last_words))
    assert only(talk.tell(*words), HangUp).outcome == "contained"


def test_a_goodbye_that_never_ends_is_no_earned_hang_up() -> None:
    talk = Talk()
    reach_goodbye(talk)
    assert isinstance(only(talk.tell(TimerExpired("leaving")), Transfer), Transfer)


def test_noise_does_not_hold_the_caller() -> None:
    talk = Talk()
    for _ in range(6):
        talk.tell(SpeechStarted(), UtteranceEnded("", 0, 1))
    assert only(talk.last_words_spoken(), Transfer).reason == "no_input"


def test_a_hash_by_itself_asks_again() -> None:
    assert said(Talk().tell(KeyPressed("#"))) == ["Waarmee?"]


def test_what_was_decided_is_said_before_the_human_comes() -> None:
    flows = {
        **BOT.model_dump()["flows"],
        "complaint": [{"say": "Wat vervelend."}, {"handoff": "out_of_scope"}],
    }
    bot = Bot.model_validate({**BOT.model_dump(), "flows": flows})
    state, _ = decide(bot, State(), STARTED)
    _, effects = decide(bot, state, IntentRecognised("complaint", 1.0))
    assert [effect.template for effect in effects if isinstance(effect, Say)] == [
        "Wat vervelend.",
        "Een collega.",
    ]
    assert not any(isinstance(effect, StopSpeaking) for effect in effects)


def test_the_same_wish_later_is_about_something_else() -> None:
    talk = Talk()
    talk.identify()
    talk.tell(BackendReplied(1, "found", {"day": "morgen"}))
    assert said(talk.tell(WISH)) == ["Nummer?"]


def test_after_the_caller_left_nothing_is_done() -> None:
    talk = Talk()
    talk.tell(CallerHungUp())
    assert talk.tell(HUMAN, TimerExpired("call_limit"), CallerHungUp()) == []


EVENTS = st.sampled_from(
    [
        WISH,
        HUMAN,
        IntentRecognised("opening_hours", 1.0),
        IntentRecognised("inform", 1.0, {"order_number": NUMBER}),
        IntentRecognised("inform", 1.0, {"postcode": POSTCODE}),
        IntentRecognised("yes", 1.0),
        IntentRecognised("no", 1.0),
        IntentRecognised("goodbye", 1.0),
        IntentNotRecognised(),
        KeyPressed("digit"),
        KeysEntered(),
        KeysEntered({"postcode": POSTCODE}),
        SpeechStarted(),
        UtteranceEnded("", 0, 1),
        PromptInterrupted(1, 0),
        PromptFinished(1),
        PromptFinished(2),
        BackendReplied(1, "found", {"day": "morgen"}),
        BackendReplied(1, "not_found"),
        BackendReplied(2, "not_found"),
        BackendFailed(1, "timeout"),
        TimerExpired("no_input"),
        TimerExpired("leaving"),
        TimerExpired("call_limit"),
        FaultOccurred("hearing", "x"),
    ]
)


@given(st.lists(EVENTS, max_size=30))
def test_whatever_happens_a_human_is_reachable_and_the_call_leaves_once(events: list[Event]) -> None:
    talk = Talk()
    talk.tell(*events, HUMAN, TimerExpired("leaving"))
    ways_out = [effect for effect in talk.all if isinstance(effect, Transfer | HangUp)]
    assert len(ways_out) == 1
    assert talk.state.phase == "ended"
    if isinstance(ways_out[0], HangUp):  # only ever after the caller said goodbye
        assert "Dag." in said(talk.all)


@given(st.lists(EVENTS, max_size=30))
def test_something_always_happens_next(events: list[Event]) -> None:
    """An open question has a prompt to end, a timer to run or words to be understood: never dead air."""
    talk = Talk()
    watched = True
    for event in [STARTED, *events]:
        effects = talk.tell(event) if event is not STARTED else talk.all
        started = any(effect == StartTimer("no_input", BOT.limits.no_input_after_ms) for effect in effects)
        spoke = bool(said(effects))
        waits_for_words = isinstance(event, SpeechStarted | UtteranceEnded | KeyPressed)
        if started or spoke or waits_for_words:
            watched = True
        elif any(isinstance(effect, CancelTimer) and effect.timer == "no_input" for effect in effects):
            watched = talk.state.phase in {"waiting", "leaving", "ended"}
    assert watched
