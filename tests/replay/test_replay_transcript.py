"""The log, for people."""

import pytest
from replayed_call import ENTRIES, NUMBER, WORDS, entries

from voicebot.events import (
    BackendReplied,
    CallerHungUp,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    PromptStarted,
    SpeechContinued,
    UtteranceEnded,
)
from voicebot.replay.transcript import Line, decisions, transcript

pytestmark = pytest.mark.unit


def test_both_sides_by_the_time_they_began() -> None:
    assert transcript(ENTRIES) == [
        Line(20, 800, "bot", "Goedendag.", "interrupted"),
        Line(
            700,
            1500,
            "caller",
            "waar blijft <script>alert(1)</script>",
            "understood as order_status, order_number: 12345",
            WORDS,
        ),
        Line(1820, 2900, "bot", 'Bestelling 12345 <komt> "vandaag" & morgen.'),
        Line(2900, 2900, "call", "Handed over to klantenservice: asked_for_human"),
        Line(2900, 2900, "call", "Over: transferred"),
    ]


def test_an_utterance_has_its_own_meaning_only() -> None:
    log = entries(
        (10, UtteranceEnded("", 0, 5)),
        (20, UtteranceEnded("eh", 12, 15)),
        (20, IntentNotRecognised()),
        (30, UtteranceEnded("medewerker", 25, 28)),
        (30, IntentRecognised("human", 1.0)),
    )
    assert [(line.text, line.note) for line in transcript(log)] == [
        ("(no words recognised)", ""),
        ("eh", "not understood"),
        ("medewerker", "understood as human"),
    ]


def test_an_utterance_that_went_on_says_so() -> None:
    log = entries(
        (20, UtteranceEnded("waar is mijn pakket", 0, 15)),
        (20, IntentRecognised("order_status", 1.0)),
        (30, SpeechContinued(2)),
        (50, UtteranceEnded("waar is mijn pakket of nee een medewerker", 0, 45)),
        (50, IntentRecognised("human", 1.0)),
    )
    assert [line.note for line in transcript(log)] == ["went on", "understood as human"]


def test_what_is_done_without_words() -> None:
    log = entries(
        (1, KeyPressed("digit")),
        (2, KeysEntered(NUMBER)),
        (3, KeysEntered()),
        (4, KeyPressed("0")),
        (5, FaultOccurred("backend", "BackendError")),
        (6, PromptStarted(1, "goodbye", "Dag.")),
        (7, CallerHungUp()),
        (8, HangUp("contained")),
    )
    assert [(line.who, line.text, line.note) for line in transcript(log)] == [
        ("caller", "(keys)", "order_number: 12345"),
        ("caller", "(keys)", "no complete value"),
        ("caller", "(key 0)", ""),
        ("call", "Something broke in backend: BackendError", ""),
        ("bot", "Dag.", ""),
        ("caller", "(hangs up)", ""),
        ("call", "The bot hangs up", ""),
    ]


def test_each_event_comes_with_what_was_done_about_it() -> None:
    decided = decisions(ENTRIES)
    assert [(one.event.name, [effect.name for effect in one.effects]) for one in decided] == [
        ("CallStarted", ["Say", "Listen"]),
        ("PromptStarted", []),
        ("PromptInterrupted", []),
        ("SpeechStarted", []),
        ("UtteranceEnded", []),
        ("IntentRecognised", ["Say"]),
        ("PromptStarted", []),
        ("PromptFinished", ["Transfer"]),
        ("CallEnded", []),
    ]
    assert decided[5].event.facts == "intent: order_status, confidence: 0.88, slots: (order_number: 12345)"
    assert decided[0].effects[1].facts == ""
    text = "waar blijft <script>alert(1)</script>"
    assert decided[4].event.facts == f"text: {text}, started_ms: 700, ended_ms: 1500"


def test_facts_that_are_nothing_are_left_out() -> None:
    (decision,) = decisions(entries((5, BackendReplied(1, "found", {"late": True}))))
    assert decision.event.facts == "request: 1, outcome: found, facts: (late: yes)"
