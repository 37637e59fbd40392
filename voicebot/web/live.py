"""The calls of this moment, as the live feed tells them."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Message,
    PromptInterrupted,
    PromptStarted,
    UtteranceEnded,
    Value,
    fill,
)
from voicebot.handoff import REASON_SENTENCES

SHOWN_S = 300
"""How long a call stays in view after its last entry; a call whose worker died has no `CallEnded`."""
MOST_CALLS = 500
MOST_LINES = 100
"""Per call; older ones are dropped."""

_TOKEN = re.compile(r"<(\w+?)(?::\d+)?>")
_KINDS = {
    "order_number": "bestelnummer",
    "number": "nummer",
    "name": "naam",
    "email": "e-mailadres",
    "phone_number": "telefoonnummer",
}
_NO_TOPICS = frozenset(["human", "yes", "no", "goodbye", "thanks", "inform"])
"""Intents that every bot understands, and that say nothing of what a call is about."""
_OUTCOMES = {
    "contained": "Geholpen door de bot",
    "transferred": "Doorverbonden",
    "abandoned": "Beller heeft opgehangen",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said."""

    number: int
    """From 1, within the call."""
    speaker: Literal["beller", "bot"]
    text: str
    prompt: int | None = None
    interrupted: bool = False


@dataclass(slots=True)
class LiveCall:
    """One call in progress, or just ended."""

    call_id: str
    bot: str = ""
    started_at: str = ""
    """ISO 8601; empty when its start was missed."""
    intent: str = ""
    """What the caller came for last."""
    topic: str = ""
    """The same in Dutch."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """The bot's intents in Dutch."""
    outcome: str = ""
    """Empty while the call lasts."""
    result: str = ""
    """How it ended, in Dutch."""
    lines: list[Line] = field(default_factory=list)
    lines_so_far: int = 0


class LiveCalls:
    """Keeps up with all calls; bounded. `now` gives seconds that only go forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._calls: OrderedDict[str, tuple[LiveCall, float]] = OrderedDict()

    def apply(self, entry: Entry) -> None:
        """Take one redacted entry."""
        call, _ = self._calls.pop(entry.call_id, (LiveCall(entry.call_id), 0.0))
        _follow(call, entry.message)
        self._calls[entry.call_id] = call, self._now()
        if len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)

    def calls(self) -> list[LiveCall]:
        """Return the calls in view: those in progress first, then those that ended; the newest first."""
        oldest = self._now() - SHOWN_S
        while self._calls and next(iter(self._calls.values()))[1] < oldest:
            self._calls.popitem(last=False)
        newest_first = sorted((call for call, _ in self._calls.values()), key=_start, reverse=True)
        return sorted(newest_first, key=lambda call: bool(call.outcome))


def _start(call: LiveCall) -> tuple[str, str]:
    return call.started_at, call.call_id


def _follow(call: LiveCall, message: Message) -> None:
    match message:
        case CallStarted(bot=bot, started_at=started_at, topics=topics):
            call.bot, call.started_at, call.topics = bot, started_at, topics
        case UtteranceEnded(text=text):
            _add(call, "beller", _readable(text) or "(niet verstaan)")
        case KeyPressed(key=key) if key != "digit":
            _add(call, "beller", f"(toets {key})")
        case KeysEntered():
            _add(call, "beller", "(nummer ingetoetst)")
        case PromptStarted(prompt=prompt, template=template, values=values):
            _add(call, "bot", _readable(_filled(template, values)), prompt)
        case PromptInterrupted(prompt=prompt):
            call.lines = [
                replace(line, interrupted=True) if line.prompt == prompt else line for line in call.lines
            ]
        case IntentRecognised(intent=intent) if intent not in _NO_TOPICS:
            call.intent, call.topic = intent, call.topics.get(intent, intent)
        case CallEnded(outcome=outcome, reason=reason):
            sentences = [f"{_OUTCOMES.get(outcome, outcome)}.", REASON_SENTENCES.get(reason, "")]
            call.outcome, call.result = outcome, " ".join(filter(None, sentences))


def _add(call: LiveCall, speaker: Literal["beller", "bot"], text: str, prompt: int | None = None) -> None:
    call.lines_so_far += 1
    call.lines = [*call.lines, Line(call.lines_so_far, speaker, text, prompt)][-MOST_LINES:]


def _filled(template: str, values: Mapping[str, Value]) -> str:
    try:
        return fill(template, values, reveal=False)
    except KeyError:  # from a worker with other events
        return template


def _readable(text: str) -> str:
    """Turn tokens into Dutch: "<order_number:1>" becomes "[bestelnummer]"."""
    return _TOKEN.sub(lambda token: f"[{_KINDS.get(token[1], token[1])}]", text)
