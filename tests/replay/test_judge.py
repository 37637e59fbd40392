"""What is held against a call when it is over."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest
from replayed_call import fixture, result

from voicebot.backends import Order
from voicebot.events import CallEnded, Entry, IntentRecognised, Message
from voicebot.replay import judge
from voicebot.replay.orders import OrderFields, OrderSeed

pytestmark = pytest.mark.unit

SHOP = {
    "orders": {
        "12345": {"status": "onderweg", "items": ("een helm", "een slot"), "delivery_in_days": 0},
        "20417": {"status": "besteld", "items": ("een bel",), "delivery_in_days": 3},
    }
}
CHANGED = {"orders": {"12345": SHOP["orders"]["12345"] | {"status": "geannuleerd"}}}


def failures(after: Mapping[str, Any], left: Mapping[str, Any] = SHOP) -> list[str]:
    """Judge the call of `replayed_call`, which found `SHOP` and left that."""
    spec = fixture({"caller": {"keys": "1"}}, after={"record": {"redacted": False}, **after})
    call = result(spec).replayed
    call = type(call)(call.entries, call.turns, call.said, call.heard, call.context, SHOP, left)
    return [str(failure) for failure in judge(spec, call, str)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"counts": {"PromptStarted": 2, "Transfer": "at most 1", "CallerHungUp": 0}}, []),
        (
            {"counts": {"Transfer": 0, "PromptStarted": "at most 1", "TimerExpired": 1}},
            [
                "after: counts.Transfer: expected exactly 0, got 1",
                "after: counts.PromptStarted: expected at most 1, got 2",
                "after: counts.TimerExpired: expected exactly 1, got 0",
            ],
        ),
        ({"says": {"goedendag": 1, "Komt vandaag": "at most 2", "tot ziens": 0}}, []),
        ({"says": {"bestelling 12345": 2}}, ["after: says.bestelling 12345: expected exactly 2, got 1"]),
        ({"ends_within": "2.9s"}, []),
        ({"ends_within": "2.8s"}, ["after: ends_within: expected an end within 2.8 s, got 2.9 s"]),
    ],
)
def test_how_often_and_how_long(after: Mapping[str, Any], expected: list[str]) -> None:
    assert failures(after) == expected


def test_a_call_that_goes_on_does_not_end_in_time() -> None:
    spec = fixture({"caller": {"keys": "1"}}, after={"ends_within": "30s"})
    call = result(spec).replayed
    (failure,) = judge(spec, type(call)(call.entries[:-1], call.turns, call.said, call.heard, {}), str)
    assert str(failure) == "after: ends_within: expected an end within 30 s, got the call went on"


def test_the_end_state_as_it_should_be() -> None:
    order = {"status": "onderweg", "items": ["een helm", "een slot"], "delivery_in_days": 0}
    assert failures({"backend": {"unchanged": True, "orders": {"12345": order}}}) == []
    assert failures({"backend": {"orders": {"12345": {"status": "geannuleerd"}}}}, CHANGED) == []


def test_the_end_state_as_it_should_not_be() -> None:
    orders = {
        "12345": {"status": "bezorgd", "items": ["een bel"], "delivery_in_days": 1},
        "99999": {"status": "bezorgd"},
    }
    assert failures({"backend": {"orders": orders}}) == [
        "after: backend.orders.12345.status: expected bezorgd, got onderweg",
        "after: backend.orders.12345.delivery_in_days: expected 1, got 0",
        "after: backend.orders.12345.items: expected een bel, got een helm, een slot",
        "after: backend.orders.99999.status: expected bezorgd, got no such order",
    ]


def test_every_change_is_told() -> None:
    assert failures({"backend": {"unchanged": True}}, CHANGED) == [
        "after: backend.unchanged: expected all as it was, got "
        "orders.12345.status: geannuleerd instead of onderweg; "
        "orders.20417.delivery_in_days: gone instead of 3; "
        "orders.20417.items: gone instead of een bel; "
        "orders.20417.status: gone instead of besteld"
    ]


def test_a_fixture_can_say_all_that_an_order_has() -> None:
    there = {field.name for field in fields(Order)}
    assert set(OrderFields.model_fields) == there - {"number"}
    assert set(OrderSeed.model_fields) == there


@pytest.mark.parametrize("wish", [IntentRecognised("human", 1.0), None])
def test_a_denied_human_fails_whatever_was_expected(wish: Message | None) -> None:
    spec = fixture({"caller": {"keys": "1"}}, after={"record": {"redacted": False}})
    call = result(spec).replayed
    heard = [entry.message for entry in call.entries[:-2]]  # without the transfer that it ends with
    told = [*heard, *([wish] if wish else []), CallEnded("contained")]
    entries = [Entry("call", seq, 2900, message) for seq, message in enumerate(told, start=1)]
    failures = judge(spec, type(call)(entries, call.turns, call.said, call.heard, {}), str)
    why = "the caller asked for a human, but the call ended as contained without one"
    assert [failure.got for failure in failures] == [f"a human was denied: {why}"] * bool(wish)
