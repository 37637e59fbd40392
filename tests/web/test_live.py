from collections.abc import Iterator

import pytest

from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Message,
    NoteFrustration,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    Transfer,
    UtteranceEnded,
)
from voicebot.values import Personal
from voicebot.web import LiveCall, LiveCalls

pytestmark = pytest.mark.unit

WORKER = 4711

TOPICS = {
    "order_status": "de status van een bestelling",
    "opening_hours": "de openingstijden",
    "complaint": "een klacht",
}


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Iterator[Seconds]:
    yield Seconds()


def started(call_id: str, at: str = "10:15:00") -> Message:
    return CallStarted(call_id, "webshop", "b1", "0.1", f"2026-11-20T{at}+01:00", topics=TOPICS)


def follow(*messages: Message) -> LiveCall:
    live = LiveCalls()
    for seq, message in enumerate(messages):
        live.apply(Entry("c1", seq, seq, message), WORKER)
    return live.calls()[0]


def test_both_sides_are_written_down() -> None:
    number = Personal("order_number", "<order_number:1>")
    call = follow(
        started("c1"),
        PromptStarted(1, "opening", "Waarmee kan ik u helpen?"),
        UtteranceEnded("goedemorgen met <name:1>", 0, 1),
        PromptStarted(2, "status", "Bestelling {number} komt {day}.", {"number": number, "day": "morgen"}),
        PromptInterrupted(2, 300),
        UtteranceEnded("", 0, 1),
        KeysEntered({"order_number": number}),
        KeyPressed("digit"),
        KeyPressed("0"),
    )
    assert (call.bot, call.started_at) == ("webshop", "2026-11-20T10:15:00+01:00")
    assert [(line.number, line.speaker, line.text, line.interrupted) for line in call.lines] == [
        (1, "bot", "Waarmee kan ik u helpen?", False),
        (2, "beller", "goedemorgen met [naam]", False),
        (3, "bot", "Bestelling [bestelnummer] komt morgen.", True),
        (4, "beller", "(niet verstaan)", False),
        (5, "beller", "(nummer ingetoetst)", False),
        (6, "beller", "(toets 0)", False),
    ]


def test_a_line_that_goes_on_is_replaced_by_all_of_it() -> None:
    call = follow(
        started("c1"),
        UtteranceEnded("waar is mijn pakket", 0, 1),
        PromptStarted(2, "ask", "Wat is uw nummer?"),
        SpeechContinued(2),
        UtteranceEnded("waar is mijn pakket nummer een", 0, 2),
    )
    assert [line.text for line in call.lines] == ["Wat is uw nummer?", "waar is mijn pakket nummer een"]


def test_the_topic_is_what_the_caller_came_for() -> None:
    wishes = (IntentRecognised(intent, 0.9) for intent in ("yes", "order_status", "inform", "human"))
    call = follow(started("c1"), *wishes)
    assert (call.intent, call.topic) == ("order_status", "de status van een bestelling")


@pytest.mark.parametrize(
    ("level", "mood"), [(0.0, "rustig"), (0.24, "rustig"), (0.25, "gespannen"), (0.5, "ontevreden")]
)
def test_the_mood_is_a_word_with_what_shows_it(level: float, mood: str) -> None:
    call = follow(started("c1"), NoteFrustration(level, ("schold",)))
    assert (call.mood, call.frustration, call.evidence) == (mood, level, ("schold",))


def test_a_hand_over_tells_all_that_led_to_it() -> None:
    evidence = ("schold", "werd 2 keer achter elkaar niet begrepen")
    call = follow(
        started("c1"), NoteFrustration(0.4, ("schold",)), Transfer("q", "not_understood", evidence=evidence)
    )
    assert call.evidence == evidence


@pytest.mark.parametrize(
    ("ended", "result"),
    [
        (CallEnded("contained"), "Geholpen door de bot."),
        (CallEnded("transferred", "asked_for_human"), "Doorverbonden. De beller vroeg om een medewerker."),
        (CallEnded("abandoned"), "Beller heeft opgehangen."),
    ],
)
def test_the_end_is_told_in_dutch(ended: CallEnded, result: str) -> None:
    call = follow(started("c1"), ended)
    assert (call.outcome, call.result) == (ended.outcome, result)


def test_a_call_whose_start_was_missed_is_shown_all_the_same() -> None:
    assert [line.text for line in follow(UtteranceEnded("hallo", 0, 1)).lines] == ["hallo"]


def test_a_prompt_from_another_version_does_no_harm() -> None:
    assert follow(PromptStarted(1, "x", "Hallo {nobody}.")).lines[0].text == "Hallo {nobody}."


def test_calls_in_progress_come_first_then_the_newest() -> None:
    live = LiveCalls()
    for call_id, at in (("a", "10:00:00"), ("b", "10:01:00"), ("c", "10:02:00"), ("d", "10:03:00")):
        live.apply(Entry(call_id, 1, 0, started(call_id, at)), WORKER)
    for call_id in "bd":
        live.apply(Entry(call_id, 2, 9, CallEnded("contained")), WORKER)
    assert [call.call_id for call in live.calls()] == ["c", "a", "d", "b"]


def test_a_call_leaves_five_minutes_after_its_last_entry(seconds: Seconds) -> None:
    live = LiveCalls(seconds)
    live.apply(Entry("quiet", 1, 0, started("quiet")), WORKER)
    live.apply(Entry("talking", 1, 0, started("talking")), WORKER)
    seconds.now = 200
    live.apply(Entry("talking", 2, 200_000, KeyPressed("0")), WORKER)
    seconds.now = 300
    assert len(live.calls()) == 2
    seconds.now = 301
    assert [call.call_id for call in live.calls()] == ["talking"]


def test_calls_and_lines_are_bounded() -> None:
    live = LiveCalls()
    for number in range(600):
        live.apply(Entry(str(number), 1, 0, KeyPressed("0")), WORKER)
    for number in range(150):
        live.apply(Entry("599", number + 2, 0, UtteranceEnded(f"zin {number}", 0, 1)), WORKER)
    calls = {call.call_id: call for call in live.calls()}
    assert len(calls) == 500
    assert "99" not in calls
    assert len(calls["599"].lines) == 100
    assert calls["599"].lines[-1].number == 151
    live.apply(Entry("599", 999, 0, UtteranceEnded("x" * 50_000, 0, 1)), WORKER)
    assert len(live.calls()[0].lines[-1].text) == 1000


def test_a_call_whose_worker_is_gone_is_lost_and_others_are_not() -> None:
    live = LiveCalls()
    live.apply(Entry("ended", 1, 0, started("ended")), WORKER)
    live.apply(Entry("ended", 2, 9, CallEnded("contained")), WORKER)
    live.apply(Entry("broken off", 1, 0, started("broken off", "10:16:00")), WORKER)
    live.apply(Entry("elsewhere", 1, 0, started("elsewhere")), 4712)

    def outcomes() -> dict[str, str]:
        return {call.call_id: call.outcome for call in live.calls()}

    assert outcomes() == {"broken off": "", "elsewhere": "", "ended": "contained"}
    live.know_workers([4712, 4713])
    assert outcomes() == {"elsewhere": "", "broken off": "lost", "ended": "contained"}
    assert live.calls()[1].result == "De bot viel uit. De beller gaat naar een medewerker."
