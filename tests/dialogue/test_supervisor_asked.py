"""A supervisor's order holds in every phase of a call, whatever the caller does before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import BOT, HUMAN, NUMBER, POSTCODE, STARTED, WISH, Talk, only, said

from voicebot.dialogue import Bot, State, decide, load_bot
from voicebot.dialogue.bot import SurveySpec
from voicebot.events import (
    AnalyseVoice,
    BackendFailed,
    BackendReplied,
    CallerHungUp,
    Effect,
    Event,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    MoodScored,
    PromptFinished,
    PromptInterrupted,
    SpeechContinued,
    SpeechStarted,
    StopSpeaking,
    SupervisorAsked,
    TimerExpired,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)

pytestmark = pytest.mark.unit

SANNE = "PJSIP/sanne"
TAKE_OVER, END = SupervisorAsked("take_over", SANNE), SupervisorAsked("end")
CURIOUS = BOT.model_copy(update={"survey": SurveySpec(helped="Geholpen?", score="Cijfer?", thanks="Dank.")})
HOURS, YES, NO, GOODBYE = (IntentRecognised(name, 1.0) for name in ("opening_hours", "yes", "no", "goodbye"))

PHASES: dict[str, tuple[Event, ...]] = {
    "opening": (),
    "asking": (WISH,),
    "waiting": (
        WISH,
        IntentRecognised("inform", 1.0, {"order_number": NUMBER}),
        IntentRecognised("inform", 1.0, {"postcode": POSTCODE}),
    ),
    "closing": (HOURS,),
    "rating": (HOURS, NO),
    "to a human": (HUMAN,),
    "to the end": (HOURS, NO, NO),
}


def talk_in(phase: str) -> Talk:
    talk = Talk(BOT if phase == "to the end" else CURIOUS)
    talk.tell(*PHASES[phase][: 2 if phase == "to the end" else None])
    expected = "leaving" if phase.startswith("to ") else phase
    assert talk.state.phase == expected
    return talk


@pytest.mark.parametrize("phase", PHASES)
def test_taking_over_rings_the_supervisor_in_every_phase(phase: str) -> None:
    talk = talk_in(phase)
    effects = talk.tell(TAKE_OVER)
    if phase == "to a human":  # is on the way already, for a reason of their own
        assert effects == []
    else:
        assert said(effects) == ["Een collega."]
        assert StopSpeaking() in effects
    transfer = only(talk.last_words_spoken(), Transfer)
    assert transfer.phone == SANNE
    assert transfer.reason == ("asked_for_human" if phase == "to a human" else "taken_over")
    assert talk.state.phase == "ended"


@pytest.mark.parametrize("phase", PHASES)
def test_an_end_says_goodbye_in_every_phase_and_leaves_a_way_out_as_it_is(phase: str) -> None:
    talk = talk_in(phase)
    effects = talk.tell(END)
    assert said(effects) == ([] if phase.startswith("to ") else ["Dag."])
    if phase == "to a human":  # who was promised a human gets one
        assert only(talk.last_words_spoken(), Transfer).reason == "asked_for_human"
        return
    assert only(talk.last_words_spoken(), HangUp).outcome == (
        "contained" if phase == "to the end" else "ended"
    )


@pytest.mark.parametrize("order", [TAKE_OVER, END])
def test_a_call_that_is_over_stays_as_it_ended(order: SupervisorAsked) -> None:
    for way_out in (HUMAN, CallerHungUp()):
        talk = Talk()
        talk.tell(way_out)
        talk.last_words_spoken()
        assert talk.state.phase == "ended"
        assert talk.tell(order) == []


def test_what_goes_along_with_a_call_that_is_taken_over() -> None:
    talk = Talk()
    talk.identify()
    talk.tell(TAKE_OVER)
    transfer = only(talk.last_words_spoken(), Transfer)
    assert transfer == Transfer(
        "mensen", "taken_over", "order_status", {"order_number": NUMBER, "postcode": POSTCODE}, phone=SANNE
    )


def test_the_last_of_several_orders_counts() -> None:
    other = SupervisorAsked("take_over", "PJSIP/tom")
    for orders, exits in (
        ((TAKE_OVER, other), [("taken_over", "PJSIP/tom")]),
        ((END, TAKE_OVER), [("taken_over", SANNE)]),
        ((END, END), ["ended"]),
        ((TAKE_OVER, END), [("taken_over", SANNE)]),
        ((TAKE_OVER, END, other), [("taken_over", "PJSIP/tom")]),
    ):
        talk = Talk()
        talk.tell(*orders)
        assert outcomes(talk.last_words_spoken()) == exits


@pytest.mark.parametrize("order", [TAKE_OVER, END])
def test_an_order_before_the_call_has_begun_holds(order: SupervisorAsked) -> None:
    """The caller's number is being asked for still."""
    state, _ = decide(BOT, State(), order)
    state, more = decide(BOT, state, STARTED)
    assert more == ()
    _, last = decide(BOT, state, PromptFinished(state.last_words))
    assert len(outcomes(last)) == 1


@pytest.mark.parametrize("asks", [HUMAN, KeyPressed("0"), WarningHeard(risk="legal")])
def test_who_asks_for_a_human_while_being_sent_away_gets_one(asks: Event) -> None:
    talk = Talk()
    talk.tell(END, asks)
    assert only(talk.last_words_spoken(), Transfer).phone == ""


@pytest.mark.parametrize("wish", [WISH, HOURS, IntentRecognised("complaint", 1.0), YES])
def test_who_is_sent_away_does_not_stay_by_asking_on(wish: IntentRecognised) -> None:
    talk = Talk()
    talk.tell(END, SpeechStarted(), UtteranceEnded("maar ik wil nog iets", 0, 900), wish)
    assert talk.state.exit == HangUp("ended")
    assert outcomes(talk.last_words_spoken()) == ["ended"]


def test_who_says_goodbye_by_themselves_may_still_ask_on() -> None:
    talk = Talk()
    talk.tell(HOURS, GOODBYE, WISH)
    assert said(talk.all)[-1] == "Nummer?"


def test_a_supervisor_listens_instead_of_the_machine() -> None:
    escalation = BOT.escalation.model_copy(update={"voice": True})
    for order in (TAKE_OVER, END):
        talk = Talk(BOT.model_copy(update={"escalation": escalation}))
        talk.tell(PromptFinished(talk.state.notice))
        assert talk.state.analysis == "on"
        assert AnalyseVoice(False) in talk.tell(order)


# ----------------------------------------------------------------- whatever happens around it

WEBSHOP = load_bot("webshop")
SURVEYED = WEBSHOP.model_copy(
    update={
        "survey": CURIOUS.survey,
        "escalation": WEBSHOP.escalation.model_copy(update={"voice": True}),
    }
)

Move = Callable[[State], Event]


def always(event: Event) -> Move:
    return lambda state: event


ASKS_FOR_HUMAN: tuple[Event, ...] = (HUMAN, KeyPressed("0"), WarningHeard(risk="legal"))
BREAKS: tuple[Event, ...] = (
    FaultOccurred("hearing", "X"),
    FaultOccurred("speaking", "X"),
    TimerExpired("leaving"),
)
HAPPENS: tuple[Event, ...] = (
    *(IntentRecognised(name, 1.0) for name in (*WEBSHOP.flows, "yes", "no", "thanks", "goodbye", "repeat")),
    IntentRecognised("inform", 1.0, {"order_number": NUMBER}),
    IntentRecognised("inform", 0.9, {"order_number": NUMBER, "postcode": POSTCODE}, 0.1),
    IntentNotRecognised(),
    KeysEntered({"order_number": NUMBER}),
    KeysEntered(),
    KeyPressed("#"),
    KeyPressed("*"),
    SpeechStarted(),
    SpeechContinued(None),
    UtteranceEnded("", 0, 500),
    UtteranceEnded("iets", 0, 500),
    UtteranceEnded("ja", 0, 500, passed_over=True),
    WarningHeard(("swearing", "complaint")),
    WarningHeard(refuses=True),
    MoodScored(0.9, 0.9, True, ("hard",), 0, 900),
    TimerExpired("no_input"),
    TimerExpired("busy"),
    TimerExpired("call_limit"),
    TimerExpired("long"),
)
MOVES: tuple[Move, ...] = (
    *map(always, HAPPENS),
    lambda state: PromptFinished(state.prompts),
    lambda state: PromptFinished(state.question),
    lambda state: PromptFinished(state.notice),
    lambda state: PromptInterrupted(state.prompts, 300),
    lambda state: BackendReplied(state.requests, "found", {"status": "onderweg"}),
    lambda state: BackendReplied(state.requests, "not_found"),
    lambda state: BackendFailed(state.requests, "timeout"),
)
moves = st.lists(st.sampled_from(MOVES), max_size=15)
BOTS = {"as shipped": WEBSHOP, "with survey and analysis": SURVEYED}
bots = st.sampled_from(sorted(BOTS))


def outcomes(effects: Sequence[Effect]) -> list[tuple[str, str] | str]:
    """The ways out: reason and telephone of a transfer, or the outcome of a hang-up."""
    ways = [effect for effect in effects if isinstance(effect, Transfer | HangUp)]
    return [(way.reason, way.phone) if isinstance(way, Transfer) else way.outcome for way in ways]


class Played(Talk):
    """A call that remembers what happened in it."""

    def __init__(self, bot: Bot) -> None:
        self.events: list[Event] = [STARTED]
        super().__init__(bot)

    def play(self, moves: Sequence[Move]) -> None:
        for move in moves:
            self.events.append(event := move(self.state))
            self.tell(event)

    def go(self) -> None:
        """Come to the end of the last words, in silence."""
        self.play([lambda state: PromptFinished(state.last_words), always(UtteranceEnded("", 0, 500))])

    def decides_the_same_again(self) -> bool:
        state, effects = State(), list[Effect]()
        for event in self.events:
            state, more = decide(self.bot, state, event)
            effects += more
        return (state, effects) == (self.state, self.all)


EVERYTHING = st.lists(
    st.sampled_from((*MOVES, *map(always, (*ASKS_FOR_HUMAN, *BREAKS)), always(END))), max_size=15
)


@given(
    bots,
    EVERYTHING,
    st.lists(st.sampled_from((*MOVES, *map(always, (*ASKS_FOR_HUMAN, *BREAKS)))), max_size=15),
)
def test_who_is_taken_over_gets_to_that_telephone(bot: str, before: list[Move], after: list[Move]) -> None:
    talk = Played(BOTS[bot])
    talk.play(before)
    was_over = talk.state.phase == "ended"
    talk.play([always(TAKE_OVER), *after])
    talk.go()
    (way_out,) = outcomes(talk.all)
    assert was_over or way_out[1] == SANNE
    assert talk.state.phase == "ended"
    assert talk.decides_the_same_again()


@given(bots, moves, moves)
def test_who_is_sent_away_and_asks_for_nobody_is_gone(
    bot: str, before: list[Move], after: list[Move]
) -> None:
    talk = Played(BOTS[bot])
    talk.play(before)
    was_leaving = talk.state.exit is not None or talk.state.phase == "ended"
    talk.play([always(END), *([] if was_leaving else after)])
    talk.go()
    assert was_leaving or outcomes(talk.all) == ["ended"]
    assert talk.decides_the_same_again()


@given(bots, moves, moves, st.sampled_from(ASKS_FOR_HUMAN), moves)
def test_who_is_sent_away_and_asks_for_a_human_in_time_gets_one(
    bot: str, before: list[Move], between: list[Move], asks: Event, after: list[Move]
) -> None:
    talk = Played(BOTS[bot])
    talk.play([*before, always(END), *between])
    was_over = talk.state.phase == "ended"
    talk.play([always(asks), *after])
    talk.go()
    (way_out,) = outcomes(talk.all)
    assert was_over or isinstance(way_out, tuple)
    assert talk.decides_the_same_again()
