"""A replayed call made by hand, for the tests of what is told about it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    Listen,
    Message,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    Say,
    SpeechStarted,
    Transfer,
    UtteranceEnded,
)
from voicebot.expectation import Expectation
from voicebot.replay import Began, Failure, Fixture, Replayed, Result
from voicebot.values import Personal, TimedWord

NUMBER = {"order_number": Personal("order_number", "12345")}
SAID = 'Bestelling {order_number} <komt> "vandaag" & morgen.'

WORDS = (
    TimedWord("waar", 700, 910),
    TimedWord("blijft", 910, 1150),
    TimedWord("<script>alert(1)</script>", 1200, 1500),
)


def entries(*messages: tuple[int, Message]) -> list[Entry]:
    return [Entry("call", seq, at_ms, message) for seq, (at_ms, message) in enumerate(messages, start=1)]


ENTRIES = entries(
    (0, CallStarted("call", "webshop", "0123abcd", "9.9", "2026-11-20T10:15:00+01:00")),
    (0, Say(1, "opening", "Goedendag.")),
    (0, Listen(Expectation())),
    (20, PromptStarted(1, "opening", "Goedendag.")),
    (800, PromptInterrupted(1, 780)),
    (800, SpeechStarted(1)),
    (1800, UtteranceEnded("waar blijft <script>alert(1)</script>", 700, 1500, WORDS)),
    (1800, IntentRecognised("order_status", 0.875, NUMBER)),
    (1800, Say(2, "status", SAID, NUMBER)),
    (1820, PromptStarted(2, "status", SAID, NUMBER)),
    (2900, PromptFinished(2)),
    (2900, Transfer("klantenservice", "asked_for_human", "order_status", NUMBER)),
    (2900, CallEnded("transferred", "asked_for_human")),
)


def fixture(*turns: dict[str, object], **more: object) -> Fixture:
    return Fixture.model_validate(
        {"call": "Waar <b>blijft</b> het?", "bot": "webshop", "turns": turns, **more}
    )


def result(
    spec: Fixture | None = None,
    failures: Sequence[Failure] = (),
    file: str = "a/fixture.yaml",
    seconds: int = 3,
) -> Result:
    spec = spec or fixture({"caller": {"text": "waar blijft het"}, "expect": {"intent": "order_status"}})
    tone = (6000 * np.sin(np.arange(8000 * seconds) / 3)).astype(np.int16)
    replayed = Replayed(ENTRIES, [Began(700, 1500)], tone, tone // 2, {})
    return Result(Path(file), spec, replayed, failures, elapsed_s=0.1)
