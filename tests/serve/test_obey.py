"""A supervisor's order reaches the call it is about, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from voicebot.clock import WallClock
from voicebot.events import Event, SupervisorAsked
from voicebot.handoff import ORDER
from voicebot.serve.reception import Reception

pytestmark = pytest.mark.unit

CALL, OTHER = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "11111111-2222-4333-8444-555555555555"
NOT_NEEDED: Any = None


class Call:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def tell(self, event: Event) -> None:
        self.told.append(event)


def reception(*calls: tuple[str, Any]) -> Reception:
    one = Reception(NOT_NEEDED, NOT_NEEDED, WallClock(), NOT_NEEDED, NOT_NEEDED, NOT_NEEDED, NOT_NEEDED)
    one.calls.update(calls)
    return one


def order(**fields: str) -> dict[str, str]:
    return {"UserEvent": ORDER, "CallUUID": CALL, "Order": "take_over", "Phone": "PJSIP/sanne"} | fields


def test_an_order_reaches_its_call_only() -> None:
    call, other = Call(), Call()
    one = reception((CALL, call), (OTHER, other))
    one.obey("UserEvent", order())
    one.obey("UserEvent", order(Order="end", Phone=""))
    assert call.told == [SupervisorAsked("take_over", "PJSIP/sanne"), SupervisorAsked("end")]
    assert other.told == []


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("UserEvent", order(CallUUID=OTHER)),
        ("UserEvent", order(CallUUID="")),
        ("UserEvent", order(Order="")),
        ("UserEvent", order(Order="listen")),
        ("UserEvent", order(Order="END")),
        ("UserEvent", order(UserEvent="VoicebotEnd")),
        ("UserEvent", {"UserEvent": ORDER}),
        ("UserEvent", {"UserEvent": ORDER, "CallUUID": CALL}),
        ("UserEvent", {}),
        ("Hangup", order()),
    ],
)
def test_what_is_no_order_for_a_call_of_ours_does_nothing(event: str, fields: dict[str, str]) -> None:
    call = Call()
    reception((CALL, call)).obey(event, fields)
    assert call.told == []


def test_a_call_that_is_over_is_told_nothing() -> None:
    call = Call()
    one = reception((CALL, call))
    del call
    one.obey("UserEvent", order())
    assert dict(one.calls) == {}
