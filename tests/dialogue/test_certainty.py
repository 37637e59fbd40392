"""A value that may have been heard wrong is read back; one that was heard well, or keyed, is not."""

from __future__ import annotations

import pytest
from talk import BOT, NUMBER, STARTED, WISH, only, said

from voicebot.dialogue import Bot, State, decide
from voicebot.dialogue.steps import ConfirmSpec
from voicebot.events import Effect, Event, IntentRecognised, KeysEntered, Listen
from voicebot.values import Personal

pytestmark = pytest.mark.unit

CONFIRM = ConfirmSpec(confirm="order_number", when="unsure", say="Is het {order_number}?")
OTHER = Personal("order_number", "54321")


class CarefulTalk:
    """A call with a bot that reads numbers back where it is unsure."""

    def __init__(self) -> None:
        ask, *rest = BOT.flows["order_status"]
        flows = {**BOT.flows, "order_status": (ask, CONFIRM, *rest)}
        self.bot: Bot = BOT.model_copy(update={"flows": flows})
        self.state = State()
        self.tell(STARTED)

    def tell(self, event: Event) -> list[Effect]:
        self.state, effects = decide(self.bot, self.state, event)
        return list(effects)

    def number(self, value: Personal, certainty: float) -> list[Effect]:
        return self.tell(IntentRecognised("inform", 1.0, {"order_number": value}, certainty))


@pytest.mark.parametrize(
    ("certainty", "next_question"), [(0.49, CONFIRM.say), (0.5, "Postcode?"), (1.0, "Postcode?")]
)
def test_only_what_may_be_wrong_is_read_back(certainty: float, next_question: str) -> None:
    talk = CarefulTalk()
    talk.tell(WISH)
    assert said(talk.number(NUMBER, certainty)) == [next_question]


def test_who_says_yes_is_asked_no_more() -> None:
    talk = CarefulTalk()
    talk.tell(WISH)
    assert only(talk.number(NUMBER, 0.2), Listen).expectation.confirming
    assert said(talk.tell(IntentRecognised("yes", 1.0))) == ["Postcode?"]


@pytest.mark.parametrize(("certainty", "question"), [(0.9, "Postcode?"), (0.3, CONFIRM.say)])
def test_another_value_is_as_sure_as_it_was_heard(certainty: float, question: str) -> None:
    talk = CarefulTalk()
    talk.tell(WISH)
    talk.number(NUMBER, 0.2)
    assert said(talk.number(OTHER, certainty)) == [question]
    assert talk.state.slots["order_number"] == OTHER


def test_keys_are_sure_whatever_was_heard_before() -> None:
    talk = CarefulTalk()
    talk.tell(IntentRecognised("order_status", 1.0, {}, 0.1))
    assert said(talk.tell(KeysEntered({"order_number": NUMBER}))) == ["Postcode?"]
