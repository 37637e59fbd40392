"""Calls in virtual time: what is expected and happens, what does not, and what the caller does."""

import time

import pytest
from short_fixtures import GOODBYE, HANG_UP, HUMAN, KEYS, NUMBER_AND_HANG_UP, ORDER_TURNS, Write

from voicebot.call import BACKEND_TIMEOUT_S
from voicebot.events import BackendFailed, BackendReplied, CallBackend, KeyPressed
from voicebot.replay import Rehearsal, Result, gist, summary, timeline

pytestmark = pytest.mark.audio


def at_ms(result: Result, kind: type) -> int:
    return next(entry.at_ms for entry in result.replayed.entries if isinstance(entry.message, kind))


@pytest.mark.parametrize("body", [HUMAN, KEYS, HANG_UP, GOODBYE], ids=["human", "keys", "hang_up", "goodbye"])
def test_a_call_that_goes_as_expected(rehearsal: Rehearsal, write: Write, body: str) -> None:
    result = rehearsal.run(write("goed", body))
    assert result.passed, timeline(result)


def test_each_difference_is_one_readable_line(rehearsal: Rehearsal, write: Write) -> None:
    body = """\
turns:
  - caller: {wav: m1_medewerker.flac, at: 3s}
    expect: {intent: goodbye, says: tot ziens, says_not: verbind, event: BackendFailed, within_ms: 1}
  - caller: {text: "ik kom nooit aan de beurt"}
after: {outcome: contained, context: {VB_REASON: anders}, events: [CallEnded, CallStarted]}
"""
    lines = timeline(rehearsal.run(write("anders", body))).splitlines()
    failures = [line.strip() for line in lines if line.startswith("  ✗ ")]
    assert [line.split(", got")[0] for line in failures] == [
        "✗ turn 1: intent: expected goodbye",
        '✗ turn 1: says: expected "tot ziens"',
        '✗ turn 1: says_not: expected not "verbind"',
        "✗ turn 1: event: expected BackendFailed",
        "✗ turn 1: within_ms: expected an answer within 1 ms",
        "✗ turn 2: caller: expected their turn",
        "✗ after: outcome: expected contained",
        "✗ after: events: expected CallStarted, in the order CallEnded, CallStarted",
        "✗ after: context.VB_REASON: expected anders",
    ]
    assert "got human" in failures[0]
    assert failures[6].endswith("got transferred")
    said = [line for line in lines if " caller  " in line]
    assert len(said) == 1
    assert said[0].endswith("medewerker")


def test_keys_go_one_by_one_and_take_their_time(rehearsal: Rehearsal, write: Write) -> None:
    result = rehearsal.run(
        write("toetsen", 'turns: [{caller: {keys: "12", at: 1s}}, {caller: {hangs_up: true}}]')
    )
    pressed = [entry for entry in result.replayed.entries if isinstance(entry.message, KeyPressed)]
    assert len(pressed) == 2
    assert pressed[1].at_ms - pressed[0].at_ms == 240


def test_a_slow_backend_takes_virtual_time_only(rehearsal: Rehearsal, write: Write) -> None:
    begun = time.perf_counter()
    result = rehearsal.run(write("traag", f"backend: {{delay_ms: 4000}}\n{ORDER_TURNS}"))
    assert time.perf_counter() - begun < result.replayed.seconds / 2
    assert at_ms(result, BackendReplied) - at_ms(result, CallBackend) == 4000


def test_a_backend_that_never_answers_is_given_up(rehearsal: Rehearsal, write: Write) -> None:
    result = rehearsal.run(write("nooit", f"backend: {{delay_ms: 60000}}\n{ORDER_TURNS}"))
    assert at_ms(result, BackendFailed) - at_ms(result, CallBackend) == round(1000 * BACKEND_TIMEOUT_S)


def test_a_broken_backend_brings_a_human(rehearsal: Rehearsal, write: Write) -> None:
    body = f"backend: {{fault: error}}\n{ORDER_TURNS.rsplit('  - ', 1)[0]}after: {{reason: backend_failed}}"
    result = rehearsal.run(write("stuk", body))
    assert result.passed, timeline(result)
    assert gist(result.replayed).outcome == "transferred"


def test_what_the_shop_holds_is_seen_before_and_after(rehearsal: Rehearsal, write: Write) -> None:
    seed = 'backend: {orders: [{number: "12345", postcode: 5611BJ, status: onderweg}]}'
    replayed = rehearsal.run(write("winkel", f"{seed}\n{HANG_UP}")).replayed
    assert replayed.held_before == replayed.held_after
    assert list(replayed.held_after["orders"]) == ["12345"]
    empty = rehearsal.run(write("leeg", f"backend: {{orders: []}}\n{HANG_UP}")).replayed
    assert empty.held_after == {"orders": {}}


def test_both_voices_are_in_step(rehearsal: Rehearsal, write: Write) -> None:
    replayed = rehearsal.run(write("samen", HUMAN)).replayed
    turn = replayed.turns[0]
    assert len(replayed.said) == len(replayed.heard)
    before, during = replayed.said[: turn.start_ms * 8], replayed.said[turn.start_ms * 8 : turn.end_ms * 8]
    assert abs(before).max() < 100 < 1000 < abs(during).max()


def test_a_call_that_breaks_is_one_failure(rehearsal: Rehearsal, write: Write) -> None:
    result = rehearsal.run(write("kapot", 'turns: [{caller: {text: "hallo", voice: "en+f2"}}]'))
    assert [str(failure).split(", got ")[0] for failure in result.failures] == [
        "call: replay: expected a call to its end"
    ]
    assert "there is no Dutch voice 'en+f2'" in timeline(result)
    assert summary([result])["failed"] == 1


def test_a_value_that_is_stored_is_a_failure(
    rehearsal: Rehearsal, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write("nummer", NUMBER_AND_HANG_UP)
    assert rehearsal.run(file).passed
    monkeypatch.setattr("voicebot.records.redaction.Redactor.redact", lambda self, message: message)
    (failure,) = [each for each in rehearsal.run(file).failures if each.what == "record.redacted"]
    assert "stands in it" in failure.got
