"""Whether a caller was denied a human, by what the log tells."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue import Bot, State, callback_bot, decide, load_bot
from voicebot.dialogue.draft import NO_INPUT
from voicebot.dialogue.engine import HUMAN
from voicebot.dialogue.survey import HELPED, SCORE
from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallEnded,
    CallerHungUp,
    CallStarted,
    Event,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Listen,
    Message,
    PromptFinished,
    Say,
    SpeechContinued,
    SpeechStarted,
    TimerExpired,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)
from voicebot.expectation import Expectation
from voicebot.records import human_denied
from voicebot.records.denied import TELLING
from voicebot.values import Personal

pytestmark = pytest.mark.unit

STARTED = CallStarted("c", "webshop", "v", "0", "2026-11-20T10:15:00+01:00")
FOR_CALLBACK = replace(STARTED, purpose="callback")
WISH, KEY = IntentRecognised(HUMAN, 1.0), KeyPressed("0")
PROMISE = Say(3, "handoff.out_of_scope", "Ik verbind u door.")
QUESTION = Listen(Expectation("order_number", "digits", 5))
RATING, MARK = Listen(Expectation(HELPED, "yes_no")), Listen(Expectation(SCORE, SCORE, 1))
NOTHING, SILENT, NO_NUMBER = IntentNotRecognised(), TimerExpired(NO_INPUT), KeysEntered()
TURN, MORE = UtteranceEnded("blabla", 0, 900), SpeechContinued(None)
UNDERSTOOD, NUMBER = IntentRecognised("thanks", 1.0), KeysEntered({"order_number": "12345"})
GOODBYE = Say(9, "goodbye", "Tot ziens.")
HANG_UP, CONTAINED = HangUp("contained"), CallEnded("contained")
TRANSFER, TRANSFERRED = Transfer("q", "asked_for_human"), CallEnded("transferred", "asked_for_human")

ASKED, PRESSED = "the caller asked for a human", "the caller pressed the key for a human"
ANNOUNCED, TWO = "a human was announced (out_of_scope)", "2 tries in a row failed"


@pytest.mark.parametrize(
    ("why", "messages"),
    [
        (ASKED, [QUESTION, WISH, GOODBYE, HANG_UP]),
        (ASKED, [GOODBYE, WISH, HANG_UP]),
        (ASKED, [QUESTION, WISH, UNDERSTOOD, GOODBYE, HANG_UP]),  # who asked once has asked
        (ASKED, [QUESTION, TURN, WISH, MORE, TURN, UNDERSTOOD, HANG_UP]),
        (ASKED, [WISH]),
        (PRESSED, [QUESTION, KEY, HANG_UP]),
        (ANNOUNCED, [QUESTION, PROMISE, HANG_UP]),
        (TWO, [QUESTION, NOTHING, SILENT, GOODBYE, HANG_UP]),
        (TWO, [QUESTION, UNDERSTOOD, NO_NUMBER, NOTHING, HANG_UP]),
        (TWO, [QUESTION, NOTHING, CallBackend(1, "find"), NOTHING, QUESTION, SILENT, HANG_UP]),
        ("3 tries in a row failed", [QUESTION, SILENT, SILENT, SILENT, HANG_UP]),
        (TWO, [QUESTION, TURN, NOTHING, TURN, NOTHING, HANG_UP]),
        ("", [QUESTION, UNDERSTOOD, GOODBYE, HANG_UP]),
        ("", [QUESTION, NOTHING, GOODBYE, HANG_UP]),
        ("", [QUESTION, NOTHING, UNDERSTOOD, NOTHING, HANG_UP]),
        ("", [QUESTION, NOTHING, NO_NUMBER, NUMBER, GOODBYE, HANG_UP]),
        ("", [QUESTION, TURN, NOTHING, MORE, TURN, NOTHING, HANG_UP]),  # one turn, told twice
        ("", [QUESTION, CallBackend(1, "find"), NOTHING, NOTHING, GOODBYE, HANG_UP]),  # nothing was asked
        ("", [QUESTION, NOTHING, RATING, SILENT, GOODBYE, NOTHING, HANG_UP]),
        ("", [QUESTION, NOTHING, MARK, NO_NUMBER, GOODBYE, HANG_UP]),
        ("", [QUESTION, TimerExpired("busy"), TimerExpired("long"), HANG_UP]),
        ("", [KeyPressed("#"), KeyPressed("digit"), KeyPressed("*"), HANG_UP]),
        ("", [GOODBYE, HANG_UP, WISH]),  # the line was being closed
    ],
)
def test_who_was_denied_a_human(why: str, messages: list[Message]) -> None:
    told = human_denied([STARTED, *messages, CONTAINED])
    assert told == (f"{why}, but the call ended as contained without one" if why else "")
    assert human_denied([STARTED, *messages]) == ""  # it is not over
    assert human_denied([STARTED, *messages, TRANSFER, TRANSFERRED]) == ""
    assert human_denied([STARTED, *messages, CallEnded("transferred", "hang_up_not_confirmed")]) == ""
    assert human_denied([STARTED, *messages, CallerHungUp(), CallEnded("abandoned")]) == ""
    told_by = [message for message in (STARTED, *messages, CONTAINED) if isinstance(message, TELLING)]
    assert human_denied(told_by) == told


def test_a_promise_to_call_back_is_as_good_only_where_no_human_can_be_had() -> None:
    called_back = [QUESTION, WISH, HangUp("callback"), CallEnded("callback")]
    assert human_denied([FOR_CALLBACK, *called_back]) == ""
    assert ASKED in human_denied([STARTED, *called_back])
    assert ASKED in human_denied([FOR_CALLBACK, QUESTION, WISH, HangUp("abandoned"), CallEnded("abandoned")])
    assert human_denied([FOR_CALLBACK, QUESTION, WISH, TRANSFER, TRANSFERRED]) == ""


# --------------------------------------------------------------------------- the engine denies nobody

WEBSHOP = load_bot("webshop")
POSTCODE = {"postcode": Personal("postcode", "5611BJ")}
HAPPENING = st.lists(
    st.none()
    | st.sampled_from(
        [
            WISH,
            KEY,
            KeyPressed("*"),
            KeyPressed("#"),
            NOTHING,
            NO_NUMBER,
            SILENT,
            MORE,
            SpeechStarted(None),
            TURN,
            UtteranceEnded("", 0, 9),
            UtteranceEnded("ja", 0, 9, passed_over=True),
            WarningHeard(("swearing",)),
            WarningHeard(risk="juridisch"),
            FaultOccurred("hearing", "X"),
            FaultOccurred("speaking", "X"),
            TimerExpired("leaving"),
            TimerExpired("busy"),
            KeysEntered(POSTCODE),
            *(
                IntentRecognised(intent, 1.0)
                for intent in ("yes", "no", "goodbye", "thanks", "stop", "repeat")
            ),
            *(IntentRecognised(intent, 1.0) for intent in WEBSHOP.flows),
            *(IntentRecognised("inform", certainty, POSTCODE) for certainty in (0.1, 1.0)),
            IntentRecognised("inform", 1.0, {"order_number": Personal("order_number", "12345")}),
            IntentRecognised("inform", 1.0, {"phone_number": Personal("phone_number", "0612345678")}),
        ]
    ),
    max_size=40,
)
"""What may happen to a call; the rest follows from what the engine does."""
FOUND = {"status": "onderweg", "items": "een helm", "when": "vandaag"}


def talk(bot: Bot, started: CallStarted, happening: list[Event | None], answers: list[str]) -> list[Message]:
    """Return the log of a call; with None the next prompt is over, or the back-end answers."""
    state, log, outcomes, coming = State(), [], iter(answers), iter(happening)
    queue: list[Event] = []
    event: Event | None = started
    while state.phase != "ended":
        if event is None:
            event = queue.pop(0) if queue else CallerHungUp()
        log.append(event)
        state, effects = decide(bot, state, event)
        log += effects
        for effect in effects:
            match effect:
                case Say(prompt=prompt):
                    queue.append(PromptFinished(prompt))
                case CallBackend(request=request, action=action):
                    outcome = next(outcomes, "") or next(iter(bot.actions[action].outcomes))
                    known = outcome in bot.actions[action].outcomes
                    reply = (
                        BackendReplied(request, outcome, FOUND) if known else BackendFailed(request, "error")
                    )
                    queue.append(reply)
                case Transfer(reason=reason):
                    return [*log, CallEnded("transferred", reason)]
                case HangUp(outcome=outcome):
                    return [*log, CallEnded(outcome)]
        event = next(coming, None)
    return [*log, CallEnded("abandoned")]


talks = st.builds(
    talk,
    *(st.just(WEBSHOP), st.just(STARTED)),
    HAPPENING,
    st.lists(st.sampled_from(["found", "not_found", "stored", "failed"]), max_size=5),
) | st.builds(
    talk,
    *(st.just(callback_bot(WEBSHOP)), st.just(FOR_CALLBACK)),
    HAPPENING,
    st.lists(st.sampled_from(["stored", "failed"]), max_size=2),
)


@given(talks)
def test_the_engine_denies_nobody(log: list[Message]) -> None:
    assert human_denied(log) == ""


@given(talks)
def test_whom_it_brings_a_human_would_be_missed(log: list[Message]) -> None:
    promised = any(isinstance(m, Say) and m.name.startswith("handoff.") for m in log)
    wanted = promised or WISH in log or KEY in log
    gone = CallerHungUp() in log
    lost = [message for message in log if not isinstance(message, Transfer | CallEnded)]
    closed = any(isinstance(message, HangUp) for message in lost)
    if wanted and not closed:
        assert bool(human_denied([*lost, CallEnded("abandoned")])) is not gone
