"""When a caller acted, as a virtual caller counts it."""

import pytest

from voicebot.events import (
    CallEnded,
    CallerHungUp,
    Entry,
    Event,
    KeyPressed,
    KeysEntered,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    UtteranceEnded,
)
from voicebot.replay.turns_taken import EDGES_MS, turns_taken

pytestmark = pytest.mark.unit


def waits(*log: tuple[int, Event]) -> list[tuple[str, int]]:
    return [turn.wait for turn in turns_taken(entries(*log))]


def entries(*log: tuple[int, Event]) -> list[Entry]:
    return [Entry("id", seq, at, message) for seq, (at, message) in enumerate(log, 1)]


def prompt(number: int, start: int, end: int) -> list[tuple[int, Event]]:
    return [(start, PromptStarted(number, "p", "Hallo.")), (end, PromptFinished(number))]


def said(start: int, end: int) -> tuple[int, Event]:
    return end + 700, UtteranceEnded("ja", start, end)


def test_a_patient_caller_speaks_after_the_bot() -> None:
    assert waits(*prompt(1, 0, 2000), *prompt(2, 2200, 4000), said(5000, 5500)) == [
        ("after", 1000 + EDGES_MS)
    ]


def test_a_caller_who_breaks_in() -> None:
    log = [(100, PromptStarted(1, "p", "Hallo.")), (1300, PromptInterrupted(1, 1200)), said(1150, 2000)]
    assert waits(*log) == [("at", 1050)]


def test_breaking_in_counts_from_the_end_of_the_last_turn() -> None:
    log = [(0, PromptStarted(1, "p", "Hallo.")), said(500, 1000), said(3000, 4000), (9000, PromptFinished(1))]
    assert waits(*log) == [("at", 500), ("at", 2000)]


def test_a_caller_who_let_the_bot_ask_twice() -> None:
    assert waits(*prompt(1, 0, 2000), *prompt(2, 8000, 9000), said(10_000, 10_500)) == [("at", 10_000)]


def test_a_very_quick_caller_does_not_start_in_a_pause_of_the_bot() -> None:
    assert waits(*prompt(1, 0, 2000), said(2100, 2500)) == [("after", 400)]


def test_a_caller_who_goes_on_before_the_bot_could_speak() -> None:
    log = [*prompt(1, 0, 1000), said(2000, 3000), said(4000, 5000)]
    assert waits(*log) == [("after", 1000 + EDGES_MS), ("at", 0)]


def test_sounds_without_words_are_left_out() -> None:
    assert waits(*prompt(1, 0, 1000), (3000, UtteranceEnded("", 2000, 2300))) == []


def test_a_turn_that_went_on_is_one_turn() -> None:
    on = (1900, SpeechContinued(None))
    (turn,) = turns_taken(entries(*prompt(1, 0, 500), said(1000, 1500), on, said(1000, 3000)))
    assert (turn.start_ms, turn.end_ms) == (1000, 3000)


def test_keys_are_one_turn_until_the_bot_speaks() -> None:
    log = [
        *prompt(1, 0, 1000),
        *((2000 + at, KeyPressed("digit")) for at in (0, 500, 900)),
        (5900, KeysEntered()),
        *prompt(2, 6000, 7000),
        (8000, KeyPressed("*")),
    ]
    assert [turn.keys for turn in turns_taken(entries(*log))] == ["ddd", "*"]


@pytest.mark.parametrize(("after_ms", "keys"), [(0, "dd"), (800, "dd#"), (3000, "dd")])
def test_a_number_was_ended_by_a_hash_its_length_or_a_pause(after_ms: int, keys: str) -> None:
    log = [
        *prompt(1, 0, 1000),
        *((2000, KeyPressed("digit")) for _ in range(2)),
        (2000 + after_ms, KeysEntered()),
    ]
    assert [turn.keys for turn in turns_taken(entries(*log))] == [keys]


def test_a_caller_who_leaves_while_the_bot_speaks() -> None:
    log = [(0, PromptStarted(1, "p", "Hallo.")), (4000, CallerHungUp()), (4000, CallEnded("abandoned"))]
    assert waits(*log) == [("at", 4000)]


@pytest.mark.parametrize(("intent", "key"), [("yes", "1"), ("no", "2")])
def test_a_yes_or_a_no_by_key_is_that_key_again(intent: str, key: str) -> None:
    log = [*prompt(1, 0, 2000), (3000, KeyPressed("digit")), (3000, KeysEntered({}, intent))]
    (turn,) = turns_taken(entries(*log))
    assert turn.keys == key
