"""The bot that takes a number to call back, decided on events alone; and confirming, which any bot can do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import only, said

from voicebot.dialogue import Bot, State, callback_bot, decide, load_bot, shipped_bots
from voicebot.dialogue.steps import CallSpec
from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallerHungUp,
    CallStarted,
    Effect,
    Event,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Listen,
    PromptFinished,
    Say,
    SpeechStarted,
    TimerExpired,
    Transfer,
    UtteranceEnded,
)
from voicebot.expectation import Expectation
from voicebot.values import Personal

pytestmark = pytest.mark.unit

WEBSHOP = load_bot("webshop")
BOT = callback_bot(WEBSHOP)
WORDING = WEBSHOP.callback
CALLER = Personal("caller_number", "0611111111")
NUMBER, OTHER = Personal("phone_number", "0612345678"), Personal("phone_number", "0687654321")
YES, NO = IntentRecognised("yes", 1.0), IntentRecognised("no", 1.0)
STORED = BackendReplied(1, "stored")


class Talk:
    """The second leg of a call with the engine alone."""

    def __init__(self, caller: Personal | None = None, *, closed: bool = False, bot: Bot = BOT) -> None:
        self.bot = bot
        self.state = State()
        self.all: list[Effect] = []
        self.tell(CallStarted("id", "webshop", "v", "0", "2026-11-20T10:00:00+01:00", caller, closed=closed))

    def tell(self, *events: Event) -> list[Effect]:
        new: list[Effect] = []
        for event in events:
            self.state, effects = decide(self.bot, self.state, event)
            new += effects
        self.all += new
        return new

    def gives(self, number: Personal, intent: str = "inform") -> list[Effect]:
        return self.tell(IntentRecognised(intent, 1.0, {"phone_number": number}))

    def last_words_spoken(self) -> list[Effect]:
        return self.tell(PromptFinished(self.state.last_words))


def test_who_calls_with_a_number_is_called_back_on_it_after_one_yes() -> None:
    talk = Talk(CALLER)
    disclosure, offer = (effect for effect in talk.all if isinstance(effect, Say))
    assert disclosure.template == "U spreekt met de computer van Fietsplaza. Wij bellen u graag terug."
    assert not disclosure.interruptible
    assert (offer.template, offer.values) == (WORDING.offer, {"phone_number": CALLER})
    assert only(talk.tell(YES), CallBackend).arguments == {"phone_number": CALLER}
    assert said(talk.tell(STORED)) == [WORDING.done]
    assert only(talk.last_words_spoken(), HangUp).outcome == "callback"


def test_nothing_is_promised_before_it_is_stored() -> None:
    talk = Talk(CALLER)
    talk.tell(YES)
    assert WORDING.done not in said(talk.all)
    assert said(talk.tell(BackendFailed(1, "timeout"))) == [WORDING.handoff["backend_failed"]]
    assert only(talk.last_words_spoken(), Transfer).reason == "backend_failed"
    assert WORDING.done not in said(talk.all)


def test_a_number_is_asked_read_back_and_confirmed() -> None:
    talk = Talk()
    assert said(talk.all)[-1] == WORDING.question
    assert only(talk.all, Listen).expectation == Expectation("phone_number", "phone")
    effects = talk.gives(NUMBER)
    assert only(effects, Say).values == {"phone_number": NUMBER}
    assert only(effects, Listen).expectation == Expectation("phone_number", "phone", confirming=True)
    assert only(talk.tell(YES), CallBackend).arguments == {"phone_number": NUMBER}


def test_keys_do_all_that_words_do() -> None:
    talk = Talk()
    assert said(talk.tell(KeysEntered({"phone_number": NUMBER}))) == [WORDING.confirm]
    assert said(talk.tell(KeysEntered({}, "no"))) == [WORDING.question]
    talk.tell(KeysEntered({"phone_number": OTHER}))
    assert only(talk.tell(KeysEntered({}, "yes")), CallBackend).arguments == {"phone_number": OTHER}


def test_a_no_to_the_own_number_asks_for_another_and_reads_that_back() -> None:
    talk = Talk(CALLER)
    assert said(talk.tell(NO)) == [WORDING.question]
    assert said(talk.gives(NUMBER)) == [WORDING.confirm]
    assert only(talk.tell(YES), CallBackend).arguments == {"phone_number": NUMBER}


@pytest.mark.parametrize("intent", ["no", "yes", "inform"])
def test_a_number_in_the_answer_takes_the_place_of_the_one_read_back(intent: str) -> None:
    talk = Talk(CALLER)
    assert said(talk.gives(NUMBER, intent)) == [WORDING.confirm]
    assert only(talk.gives(OTHER, intent), Say).values == {"phone_number": OTHER}
    assert only(talk.tell(YES), CallBackend).arguments == {"phone_number": OTHER}


def test_a_number_that_is_wrong_again_and_again_ends_in_a_message() -> None:
    talk = Talk()
    talk.gives(NUMBER)
    talk.tell(NO)
    talk.gives(NUMBER)
    talk.tell(NO)
    talk.gives(NUMBER)
    assert said(talk.tell(NO)) == [WORDING.handoff["not_understood"]]
    assert only(talk.last_words_spoken(), Transfer).reason == "not_understood"


def test_an_answer_that_is_neither_gets_the_number_again_and_a_hint() -> None:
    talk = Talk(CALLER)
    no_match, again = (effect for effect in talk.tell(IntentNotRecognised()) if isinstance(effect, Say))
    assert no_match.template == BOT.prompts.no_match
    assert again.template.startswith(WORDING.offer) and "druk op de 1 voor ja" in again.template
    assert again.values == {"phone_number": CALLER}
    talk.tell(IntentNotRecognised())
    assert only(talk.last_words_spoken(), Transfer).reason == "not_understood"


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([IntentRecognised("human", 1.0)], "asked_for_human"),
        ([KeyPressed("0")], "asked_for_human"),
        ([IntentNotRecognised()] * 2, "not_understood"),
        ([TimerExpired("no_input")] * 2, "no_input"),
        ([NO], "declined"),
        ([FaultOccurred("hearing", "HearingError")], "fault"),
        ([TimerExpired("call_limit")], "time_limit"),
    ],
)
def test_what_does_not_end_in_a_number_ends_in_a_message(events: list[Event], reason: str) -> None:
    talk = Talk()
    talk.tell(*events)
    assert "bericht inspreken" in said(talk.all)[-1]
    assert only(talk.last_words_spoken(), Transfer).reason == reason


def test_who_says_goodbye_instead_is_let_go_and_counts_as_gone() -> None:
    talk = Talk()
    assert said(talk.tell(IntentRecognised("goodbye", 1.0))) == [WORDING.goodbye]
    assert only(talk.last_words_spoken(), HangUp).outcome == "abandoned"


def test_no_other_wish_leads_the_caller_astray() -> None:
    talk = Talk()
    assert said(talk.tell(IntentRecognised("order_status", 0.5)))[0] == BOT.prompts.no_match


EVENTS = st.sampled_from(
    [
        YES,
        NO,
        IntentRecognised("inform", 1.0, {"phone_number": NUMBER}),
        IntentRecognised("no", 1.0, {"phone_number": OTHER}),
        IntentRecognised("human", 1.0),
        IntentRecognised("goodbye", 1.0),
        IntentNotRecognised(),
        KeyPressed("digit"),
        KeyPressed("#"),
        KeysEntered(),
        KeysEntered({}, "yes"),
        SpeechStarted(),
        UtteranceEnded("", 0, 1),
        PromptFinished(1),
        PromptFinished(2),
        STORED,
        BackendReplied(2, "stored"),
        BackendFailed(1, "error"),
        TimerExpired("no_input"),
        TimerExpired("leaving"),
        CallerHungUp(),
        FaultOccurred("hearing", "x"),
    ]
)


@given(st.lists(EVENTS, max_size=30), st.sampled_from([None, CALLER]))
def test_the_call_leaves_once_and_a_promise_is_kept(events: list[Event], caller: Personal | None) -> None:
    talk = Talk(caller)
    talk.tell(*events, FaultOccurred("hearing", "x"), TimerExpired("leaving"))
    ways_out = [effect for effect in talk.all if isinstance(effect, Transfer | HangUp)]
    assert talk.state.phase == "ended"
    assert len(ways_out) == (0 if CallerHungUp() in events and not ways_out else 1)
    promised = HangUp("callback") in ways_out
    assert not promised or (any(isinstance(effect, CallBackend) for effect in talk.all) and STORED in events)


@given(st.lists(st.sampled_from([YES, NO, IntentNotRecognised(), KeysEntered()]), min_size=15, max_size=15))
def test_nobody_is_kept_talking_for_ever(events: list[Event]) -> None:
    """Every number given is refused or not understood; that ends within a handful of answers."""
    talk = Talk(CALLER)
    for event in events:
        talk.tell(event)
        if talk.state.phase == "waiting":
            talk.tell(BackendFailed(talk.state.requests, "error"))
    assert talk.state.phase == "leaving"


def test_outside_opening_hours_nobody_is_put_through() -> None:
    talk = Talk(closed=True, bot=WEBSHOP)
    assert said(talk.tell(IntentRecognised("human", 1.0))) == [WEBSHOP.prompts.handoff["closed"]]
    assert only(talk.last_words_spoken(), Transfer).reason == "asked_for_human"


def test_a_bot_without_words_for_that_says_what_it_always_says() -> None:
    texts = {name: text for name, text in WEBSHOP.prompts.handoff.items() if name != "closed"}
    prompts = WEBSHOP.prompts.model_copy(update={"handoff": texts})
    talk = Talk(closed=True, bot=WEBSHOP.model_copy(update={"prompts": prompts}))
    assert said(talk.tell(IntentRecognised("human", 1.0))) == [texts["asked_for_human"]]


@pytest.mark.parametrize("name", shipped_bots())
def test_every_bot_takes_call_backs_in_its_own_name(name: str) -> None:
    bot = load_bot(name)
    leg = callback_bot(bot)
    assert bot.company in leg.prompts.disclosure
    assert "computer" in leg.prompts.disclosure
    assert leg.prompts.disclosure in leg.static_prompts()
    assert bot.callback.done in leg.static_prompts()
    assert (leg.voice, leg.respell, leg.limits, leg.queue) == (bot.voice, bot.respell, bot.limits, bot.queue)
    assert [step.call for flow in leg.flows.values() for step in flow if isinstance(step, CallSpec)] == [
        "store_callback"
    ]
