"""A call's log for people: who said what when, and what was decided why."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from voicebot.events import (
    CallEnded,
    CallerHungUp,
    Effect,
    Entry,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Message,
    MoodScored,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    Transfer,
    UtteranceEnded,
)
from voicebot.values import Personal, TimedWord, fill

_TOLD_ELSEWHERE = frozenset({"topics", "call_id", "words"})
"""Fields that would only repeat themselves on a page about one call."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said or done."""

    start_ms: int
    """Since the call started."""
    end_ms: int
    who: str
    """``bot``, ``caller``, or ``call`` for what became of it."""
    text: str
    note: str = ""
    """How it was understood, or that it was interrupted."""
    words: Sequence[TimedWord] = ()
    """The text in words, where it is known when each was said."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message of the log, ready to read."""

    at_ms: int
    name: str
    facts: str


@dataclass(frozen=True, slots=True)
class Decision:
    """An event, and what the bot did because of it."""

    event: Told
    effects: Sequence[Told]


def transcript(entries: Sequence[Entry]) -> list[Line]:
    """Return who said what, by the time they began; personal values are shown."""
    lines = [line for number, entry in enumerate(entries) for line in _lines(entry, entries[number + 1 :])]
    return sorted(lines, key=lambda line: line.start_ms)


def decisions(entries: Sequence[Entry]) -> list[Decision]:
    """Return each event with the effects that answered it; personal values are shown."""
    answered: list[tuple[Told, list[Told]]] = []
    for entry in entries:
        told = Told(entry.at_ms, type(entry.message).__name__, _facts(entry.message))
        if isinstance(entry.message, Effect) and answered:
            answered[-1][1].append(told)
        else:
            answered.append((told, []))
    return [Decision(event, effects) for event, effects in answered]


def _lines(entry: Entry, later: Sequence[Entry]) -> Iterator[Line]:
    at_ms = entry.at_ms
    match entry.message:
        case PromptStarted() as prompt:
            end = _end_of(prompt, later)
            note = "interrupted" if end is not None and isinstance(end.message, PromptInterrupted) else ""
            text = fill(prompt.template, prompt.values, reveal=True)
            yield Line(at_ms, end.at_ms if end else at_ms, "bot", text, note)
        case UtteranceEnded(text=text, started_ms=start, ended_ms=end_ms, words=words):
            note = "went on" if _went_on(later) else _meaning(text, later)
            note = "; ".join(filter(None, (note, _sound(start, later))))
            yield Line(start, end_ms, "caller", text or "(no words recognised)", note, words)
        case KeysEntered(slots=slots, intent=intent):
            yield Line(at_ms, at_ms, "caller", "(keys)", _slots(slots) or intent or "no complete value")
        case KeyPressed(key=key) if key != "digit":
            yield Line(at_ms, at_ms, "caller", f"(key {key})")
        case CallerHungUp():
            yield Line(at_ms, at_ms, "caller", "(hangs up)")
        case Transfer(queue=queue, reason=reason, evidence=evidence):
            yield Line(at_ms, at_ms, "call", f"Handed over to {queue}: {reason}", ", ".join(evidence))
        case HangUp():
            yield Line(at_ms, at_ms, "call", "The bot hangs up")
        case FaultOccurred(part=part, error=error):
            yield Line(at_ms, at_ms, "call", f"Something broke in {part}: {error}")
        case CallEnded(outcome=outcome):
            yield Line(at_ms, at_ms, "call", f"Over: {outcome}")
        case _:
            pass


def _end_of(prompt: PromptStarted, later: Sequence[Entry]) -> Entry | None:
    ends = (PromptFinished, PromptInterrupted)
    return next((e for e in later if isinstance(e.message, ends) and e.message.prompt == prompt.prompt), None)


def _went_on(later: Sequence[Entry]) -> bool:
    """Return whether the caller went on: the next utterance has this one too."""
    kinds = (SpeechContinued, UtteranceEnded)
    after = next((entry.message for entry in later if isinstance(entry.message, kinds)), None)
    return isinstance(after, SpeechContinued)


def _sound(started_ms: int, later: Sequence[Entry]) -> str:
    """Return how frustrated the utterance that began then sounded, when that was scored."""
    moods = (entry.message for entry in later if isinstance(entry.message, MoodScored))
    mood = next((mood for mood in moods if mood.started_ms == started_ms), None)
    return f"sounds {mood.score:.2f} frustrated: {', '.join(mood.reasons)}".rstrip(": ") if mood else ""


def _meaning(text: str, later: Sequence[Entry]) -> str:
    kinds = (IntentRecognised, IntentNotRecognised)
    meaning = next((e.message for e in later if isinstance(e.message, kinds)), None) if text else None
    match meaning:
        case IntentRecognised(intent=intent, slots=slots):
            return ", ".join(filter(None, [f"understood as {intent}", _slots(slots)]))
        case IntentNotRecognised():
            return "not understood"
        case _:
            return ""


def _slots(slots: Mapping[str, object]) -> str:
    return ", ".join(f"{name}: {_plain(value)}" for name, value in slots.items())


def _facts(message: Message) -> str:
    """Return what a message tells, without what is empty or as it is by default."""
    fields = [field for field in dataclasses.fields(message) if field.name not in _TOLD_ELSEWHERE]
    told = [field.name for field in fields if getattr(message, field.name) != field.default]
    facts = {name: _plain(getattr(message, name)) for name in told}
    return _slots({name: fact for name, fact in facts.items() if fact not in ("", "()")})


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case Personal(value=text):
            return text
        case Mapping():
            return f"({_slots(value)})"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.2f}"
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return f"({_facts(value)})"  # type: ignore[arg-type]
        case _:
            return str(value)
