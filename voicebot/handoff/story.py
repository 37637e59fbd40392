"""A call's messages as the lines of a transcript: who said what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from voicebot.events import (
    KeyPressed,
    KeysEntered,
    Message,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    UtteranceEnded,
)
from voicebot.handoff.telling import label
from voicebot.values import Value, fill

MOST_LINES = 100
"""Per call; older ones are dropped."""
LONGEST_LINE = 1000
"""Characters; more than anybody says without a pause."""

_TOKEN = re.compile(r"<(\w+?)(?::\d+)?>")
_KEYED = {"yes": "(ja ingetoetst)", "no": "(nee ingetoetst)"}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said."""

    number: int
    """From 1, within the call."""
    speaker: Literal["beller", "bot"]
    text: str
    prompt: int | None = None
    interrupted: bool = False


@dataclass(slots=True, kw_only=True)
class Story:
    """What was said in one call so far; bounded."""

    lines: list[Line] = field(default_factory=list)
    """Oldest first."""
    lines_so_far: int = 0

    def apply(self, message: Message) -> None:
        """Take the call's next message, redacted."""
        match message:
            case UtteranceEnded(text=text):
                self._add("beller", _readable(text) or "(niet verstaan)")
            case SpeechContinued():
                self._take_back()
            case KeyPressed(key=key) if key != "digit":
                self._add("beller", f"(toets {key})")
            case KeysEntered(intent=intent):
                self._add("beller", _KEYED.get(intent, "(nummer ingetoetst)"))
            case PromptStarted(prompt=prompt, template=template, values=values):
                self._add("bot", _readable(_filled(template, values)), prompt)
            case PromptInterrupted(prompt=prompt):
                self.lines = [
                    replace(line, interrupted=True) if line.prompt == prompt else line for line in self.lines
                ]

    def _add(self, speaker: Literal["beller", "bot"], text: str, prompt: int | None = None) -> None:
        self.lines_so_far += 1
        line = Line(self.lines_so_far, speaker, text[:LONGEST_LINE], prompt)
        self.lines = [*self.lines, line][-MOST_LINES:]

    def _take_back(self) -> None:
        """Take the caller's last line away: all of it comes again, with what followed."""
        said = max((line.number for line in self.lines if line.speaker == "beller"), default=None)
        self.lines = [line for line in self.lines if line.number != said]


def _filled(template: str, values: Mapping[str, Value]) -> str:
    try:
        return fill(template, values, reveal=False)
    except KeyError:  # from a worker with other events
        return template


def _readable(text: str) -> str:
    """Turn tokens into Dutch: "<order_number:1>" becomes "[bestelnummer]"."""
    return _TOKEN.sub(lambda token: f"[{label(token[1])}]", text)
