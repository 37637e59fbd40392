"""What a caller did in a logged call: turn by turn, with when they did it and what was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from voicebot.events import (
    CallEnded,
    CallerHungUp,
    Entry,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    UtteranceEnded,
)
from voicebot.values import Value

BREATH_MS = 400
"""The bot pauses up to so long inside what it says; a caller who waited less is given this."""
EDGES_MS = 80
"""Silence at the end of a prompt and the begin of a rendered voice (`voicebot.speaking`); not in the log."""
_ANSWER_KEYS = {"yes": "1", "no": "2"}
KEY_PAUSE_MS = 2900
"""A number that ended sooner than `voicebot.hearing.keys` waits was ended with ``#``."""


@dataclass(slots=True)
class TurnTaken:
    """One thing the caller did."""

    start_ms: int
    end_ms: int
    text: str = ""
    """What was recognised, redacted."""
    keys: str = ""
    """Keys that stand by themselves, and ``d`` for each digit of a number."""
    hangs_up: bool = False
    intent: str | None = None
    """What was understood; ``no-match`` when nothing was."""
    slots: Mapping[str, Value] = field(default_factory=dict)
    wait: tuple[str, int] = ("at", 0)
    """``after`` or ``at``, and milliseconds, as fixtures have it."""


def turns_taken(entries: Sequence[Entry]) -> list[TurnTaken]:
    """Return the caller's turns of a finished call; sounds without words are left out."""
    turns = _turns(entries)
    speech = _bot_speech(entries)
    since = 0
    for turn in turns:
        turn.wait = _wait(turn.start_ms, since, speech)
        since = turn.end_ms
    return turns


def _turns(entries: Sequence[Entry]) -> list[TurnTaken]:
    left = any(isinstance(e.message, CallEnded) and e.message.outcome == "abandoned" for e in entries)
    turns: list[TurnTaken] = []
    for entry in entries:
        last = turns[-1] if turns else None
        match entry.message:
            case UtteranceEnded(text=text, started_ms=start, ended_ms=end) if text:
                turns.append(TurnTaken(start, end, text))
            case SpeechContinued() if last and last.text:
                turns.pop()  # it comes again, whole
            case IntentRecognised(intent=intent, slots=slots) if last:
                last.intent, last.slots = intent, slots
            case IntentNotRecognised() if last:
                last.intent = "no-match"
            case KeyPressed(key=key):
                if last is None or not last.keys or _spoke_between(entries, last.end_ms, entry.at_ms):
                    turns.append(last := TurnTaken(entry.at_ms, entry.at_ms))
                last.keys += "d" if key == "digit" else key
                last.end_ms = entry.at_ms
            case KeysEntered(slots=slots, intent=intent) if last and last.keys:
                last.slots = slots
                if intent in _ANSWER_KEYS:
                    last.keys = last.keys.removesuffix("d") + _ANSWER_KEYS[intent]
                    continue
                last.keys += "#" if 0 < entry.at_ms - last.end_ms < KEY_PAUSE_MS else ""
            case CallerHungUp() if left:
                turns.append(TurnTaken(entry.at_ms, entry.at_ms, hangs_up=True))
    return turns


def _spoke_between(entries: Sequence[Entry], start: int, end: int) -> bool:
    return any(isinstance(e.message, PromptStarted) and start <= e.at_ms <= end for e in entries)


def _bot_speech(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Return (start, end) of each prompt that sounded, in ms."""
    begun: dict[int, int] = {}
    speech = []
    for entry in entries:
        match entry.message:
            case PromptStarted(prompt=prompt):
                begun[prompt] = entry.at_ms
            case PromptFinished(prompt=prompt) | PromptInterrupted(prompt=prompt) if prompt in begun:
                speech.append((begun.pop(prompt), entry.at_ms))
    last = entries[-1].at_ms
    return sorted([*speech, *((start, last) for start in begun.values())])


def _wait(start_ms: int, since: int, speech: Sequence[tuple[int, int]]) -> tuple[str, int]:
    """Return when a turn came, as a `VirtualCaller` counts it whose last turn ended at `since`.

    ``after`` the bot had been quiet so long, where that is clear; ``at`` so long since it began to speak when
    the caller broke in, or let the bot speak and fall silent several times. ``at`` 0 for a caller who did not
    let it speak at all.
    """
    heard = [(max(begin, since), end) for begin, end in speech if end > since and begin < start_ms]
    if not heard:
        return "at", 0
    quiet = start_ms - heard[-1][1]
    if quiet <= 0:
        return "at", start_ms - heard[0][0]
    pauses = [later[0] - earlier[1] for earlier, later in pairwise(heard)]
    if quiet <= max(pauses, default=0) > BREATH_MS:
        return "at", start_ms - heard[0][0]
    return "after", max(quiet + EDGES_MS, BREATH_MS)
