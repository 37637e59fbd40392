"""Each expectation of a fixture gets its mark."""

import pytest
from replayed_call import fixture

from voicebot.replay import Began, Failure
from voicebot.replay.marks import State, marks

pytestmark = pytest.mark.unit

SAYS = {"says": ["twee", "twee uur"], "says_not": "sorry", "slots": {"order_number": "12345"}}
HEARD = [Began(700, 1500)]


def told(turn: object) -> list[tuple[str, str, State]]:
    return [(mark.what, mark.expected, mark.state) for mark in turn.marks]  # type: ignore[attr-defined]


def test_what_did_not_fail_is_met() -> None:
    turn, after = marks(
        fixture({"caller": {"keys": "1"}, "expect": SAYS}, after={"events": ["CallStarted", "CallEnded"]}),
        HEARD,
        [],
    )
    assert told(turn) == [
        ("slots.order_number", "12345", State.MET),
        ("says", '"twee"', State.MET),
        ("says", '"twee uur"', State.MET),
        ("says_not", '"sorry"', State.MET),
    ]
    assert (turn.title, turn.caller, turn.at_ms, turn.state) == ("Turn 1", "caller presses 1", 700, State.MET)
    assert told(after) == [
        ("events", "CallStarted, CallEnded", State.MET),
        ("record.redacted", "no personal value in the stored log", State.MET),
    ]


def test_a_failure_marks_its_own_expectation_only() -> None:
    failures = [
        Failure("turn 1", "says", '"twee uur"', '"drie uur"'),
        Failure("turn 1", "says_not", 'not "sorry"', '"Sorry."'),
        Failure("turn 2", "slots.order_number", "12345", "nothing"),
    ]
    turn, _, _ = marks(fixture({"caller": {"keys": "1"}, "expect": SAYS}, {"expect": SAYS}), HEARD, failures)
    states = {expected: state for _, expected, state in told(turn)}
    assert states == {
        "12345": State.MET,
        '"twee"': State.MET,
        '"twee uur"': State.BROKEN,
        'not "sorry"': State.BROKEN,
    }
    assert [mark.got for mark in turn.marks if mark.state is State.BROKEN] == ['"drie uur"', '"Sorry."']
    assert turn.state is State.BROKEN


def test_what_should_hold_after_the_call_is_marked_one_by_one() -> None:
    expected = {
        "counts": {"Transfer": "at most 1"},
        "says": {"twee uur": 2},
        "ends_within": "30s",
        "context": {"VB_REASON": "no_input"},
        "backend": {"unchanged": True, "orders": {"12345": {"status": "bezorgd", "items": ["een bel"]}}},
        "record": {"redacted": False},
    }
    failures = [
        Failure("after", "says.twee uur", "exactly 2", "1"),
        Failure("after", "backend.orders.12345.status", "bezorgd", "onderweg"),
    ]
    _, after = marks(fixture({"caller": {"keys": "1"}}, after=expected), HEARD, failures)
    assert told(after) == [
        ("counts.Transfer", "at most 1", State.MET),
        ("says.twee uur", "exactly 2", State.BROKEN),
        ("ends_within", "an end within 30 s", State.MET),
        ("context.VB_REASON", "no_input", State.MET),
        ("backend.unchanged", "all as it was", State.MET),
        ("backend.orders.12345.status", "bezorgd", State.BROKEN),
        ("backend.orders.12345.items", "een bel", State.MET),
    ]


def test_turns_that_never_came_are_not_reached() -> None:
    spec = fixture(
        {"expect": {"says": "goedendag"}},
        {"caller": {"wav": ["a.flac", "b.flac"]}, "expect": {"intent": "human"}},
        {"caller": {"hangs_up": True}, "expect": {"event": "CallerHungUp"}},
        {"caller": {"silent": "2s"}},
    )
    over = Failure("turn 3", "caller", "their turn", "the call was over before it")
    first, second, third, fourth, _ = marks(spec, HEARD, [over])
    assert (first.state, second.state, fourth.state) == (State.MET, State.MET, None)
    assert told(third) == [
        ("caller", "their turn", State.BROKEN),
        ("event", "CallerHungUp", State.NOT_REACHED),
    ]
    assert [turn.caller for turn in (first, second, third, fourth)] == [
        "the bot by itself",
        "caller plays a.flac, b.flac",
        "caller hangs up",
        "caller is silent for 2 s",
    ]


def test_a_call_that_broke_reached_nothing() -> None:
    spec = fixture({"expect": {"says": "goedendag"}}, after={"outcome": "contained"})
    call, turn, after = marks(spec, [], [Failure("call", "replay", "a call to its end", "ValueError")])
    assert (call.title, call.state) == ("The call", State.BROKEN)
    assert (turn.state, after.state) == (State.NOT_REACHED, State.NOT_REACHED)
