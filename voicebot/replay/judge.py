"""Holds a replayed call against what its fixture expects; every difference is one readable failure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from voicebot.events import (
    CallEnded,
    Entry,
    IntentNotRecognised,
    IntentRecognised,
    KeysEntered,
    Message,
    PromptStarted,
    Transfer,
)
from voicebot.house import State, as_stored, human_denied
from voicebot.replay.expected import After, BackendAfter, Expect
from voicebot.replay.fixture import Fixture
from voicebot.replay.replayed import Replayed
from voicebot.values import Personal, Value, fill

Normalise = Callable[[str], str]
"""Written Dutch -> as the voice says it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that was not as expected."""

    where: str
    """``turn 2``, or ``after``."""
    what: str
    """The key of the fixture: ``intent``, ``says``, ..."""
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Gist:
    """What a call came to; the same over every line."""

    intents: tuple[str, ...]
    slots: Mapping[str, str]
    outcome: str


def gist(replayed: Replayed) -> Gist:
    """Return what was understood, in order, and how the call ended."""
    messages = [entry.message for entry in replayed.entries]
    intents = tuple(message.intent for message in messages if isinstance(message, IntentRecognised))
    ended = next((message.outcome for message in messages if isinstance(message, CallEnded)), "")
    return Gist(intents, _slots(messages), ended)


def judge(fixture: Fixture, replayed: Replayed, normalise: Normalise) -> list[Failure]:
    """Return what was not as expected, in order; empty when all was."""
    return [*_judge_turns(fixture, replayed, normalise), *_judge_after(fixture.after, replayed, normalise)]


def listed(value: object) -> str:
    """Return a value of a fixture as people read it."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def spoken(message: PromptStarted, normalise: Normalise) -> str:
    """Return the words of a prompt as the voice says them."""
    return normalise(fill(message.template, message.values, reveal=True))


def _judge_turns(fixture: Fixture, replayed: Replayed, normalise: Normalise) -> Iterator[Failure]:
    starts = [turn.start_ms for turn in replayed.turns]
    done = 0
    for number, spec in enumerate(fixture.turns, start=1):
        where = f"turn {number}"
        end_ms = None
        since = 0
        if spec.caller is not None:
            if done >= len(starts):
                yield Failure(where, "caller", "their turn", "the call was over before it")
                return
            since, end_ms = starts[done], replayed.turns[done].end_ms
            done += 1
        until = starts[done] if done < len(starts) else None
        window = [
            entry
            for entry in replayed.entries
            if entry.at_ms >= since and (until is None or entry.at_ms < until)
        ]
        yield from _judge_turn(where, spec.expect, window, end_ms, normalise)


def _judge_turn(
    where: str, expect: Expect, window: Sequence[Entry], end_ms: int | None, normalise: Normalise
) -> Iterator[Failure]:
    messages = [entry.message for entry in window]
    intents = [_intent(m) for m in messages if isinstance(m, IntentRecognised | IntentNotRecognised)]
    if expect.intent is not None and expect.intent not in intents:
        yield Failure(where, "intent", expect.intent, ", ".join(intents) or "nothing understood")
    slots = _slots(messages)
    for name, value in expect.slots.items():
        if slots.get(name) != value:
            yield Failure(where, f"slots.{name}", value, slots.get(name, "nothing"))
    told = [spoken(m, normalise) for m in messages if isinstance(m, PromptStarted)]
    everything = _words(" ".join(told))
    for text in expect.says:
        if _words(text) not in everything:
            yield Failure(where, "says", f'"{text}"', _quoted(told))
    for text in expect.says_not:
        if _words(text) in everything:
            yield Failure(where, "says_not", f'not "{text}"', _quoted(told))
    if expect.event is not None and expect.event not in (type(m).__name__ for m in messages):
        yield Failure(where, "event", expect.event, "no such event in this turn")
    if expect.within_ms is not None:
        yield from _judge_time(where, expect.within_ms, window, end_ms)
    yield from _judge_end(where, expect.outcome, expect.reason, messages)


def _judge_time(where: str, within_ms: int, window: Sequence[Entry], end_ms: int | None) -> Iterator[Failure]:
    first = next((entry.at_ms for entry in window if isinstance(entry.message, PromptStarted)), None)
    if first is None or end_ms is None:
        yield Failure(where, "within_ms", f"an answer within {within_ms} ms", "no answer")
    elif first - end_ms > within_ms:
        yield Failure(where, "within_ms", f"an answer within {within_ms} ms", f"{first - end_ms} ms")


def _judge_end(
    where: str, outcome: str | None, reason: str | None, messages: Sequence[Message]
) -> Iterator[Failure]:
    ended = next((m for m in messages if isinstance(m, CallEnded)), None)
    for what, expected in (("outcome", outcome), ("reason", reason)):
        got = getattr(ended, what) if ended else "the call went on"
        if expected is not None and got != expected:
            yield Failure(where, what, expected, got or "none")


def _judge_after(after: After, replayed: Replayed, normalise: Normalise) -> Iterator[Failure]:
    messages = [entry.message for entry in replayed.entries]
    yield from _judge_end("after", after.outcome, after.reason, messages)
    if denied := human_denied(messages):
        yield Failure("after", "human", "a human for who needs one", f"a human was denied: {denied}")
    transfer = next((m for m in messages if isinstance(m, Transfer)), None)
    if after.intent is not None and (transfer is None or transfer.intent != after.intent):
        yield Failure("after", "intent", after.intent, transfer.intent if transfer else "no hand-over")
    evidence = ", ".join(transfer.evidence) if transfer else "no hand-over"
    for part in after.evidence:
        if part not in evidence:
            yield Failure("after", "evidence", part, evidence or "none")
    yield from _judge_order(after.events, messages)
    yield from _judge_counts(after, messages, normalise)
    yield from _judge_length(after.ends_within, replayed.entries)
    for name, value in after.context.items():
        if replayed.context.get(name) != value:
            yield Failure("after", f"context.{name}", value, replayed.context.get(name, "nothing"))
    yield from _judge_backend(after.backend, replayed.held_before, replayed.held_after)
    if after.record.redacted:
        yield from _judge_redaction(messages)


def _judge_order(wanted: Sequence[str], messages: Sequence[Message]) -> Iterator[Failure]:
    names = iter(type(message).__name__ for message in messages)
    for name in wanted:  # each is sought where the one before it was found
        if name not in names:
            yield Failure("after", "events", f"{name}, in the order {', '.join(wanted)}", "not there")
            return


def _judge_counts(after: After, messages: Sequence[Message], normalise: Normalise) -> Iterator[Failure]:
    names = Counter(type(message).__name__ for message in messages)
    for name, times in after.counts.items():
        if names[name] not in times:
            yield Failure("after", f"counts.{name}", str(times), str(names[name]))
    told = " ".join(_words(spoken(m, normalise)) for m in messages if isinstance(m, PromptStarted))
    for text, times in after.says.items():
        count = told.count(_words(text))
        if count not in times:
            yield Failure("after", f"says.{text}", str(times), str(count))


def _judge_length(longest_s: float | None, entries: Sequence[Entry]) -> Iterator[Failure]:
    if longest_s is None:
        return
    end_ms = next((entry.at_ms for entry in entries if isinstance(entry.message, CallEnded)), None)
    if end_ms is None or end_ms > 1000 * longest_s:
        got = "the call went on" if end_ms is None else f"{end_ms / 1000:.1f} s"
        yield Failure("after", "ends_within", f"an end within {longest_s:g} s", got)


def _judge_backend(wanted: BackendAfter, before: State, after: State) -> Iterator[Failure]:
    if wanted.unchanged and before != after:
        yield Failure("after", "backend.unchanged", "all as it was", "; ".join(_changes(before, after)))
    orders = after.get("orders", {})
    for number, fields in wanted.orders.items():
        for name, value in fields.model_dump(exclude_none=True).items():
            got = orders[number][name] if number in orders else "no such order"
            if got != value:
                yield Failure("after", f"backend.orders.{number}.{name}", listed(value), listed(got))


def _changes(before: State, after: State) -> Iterator[str]:
    """Tell every field that is not as it was."""
    was, now = _fields(before), _fields(after)
    for path in sorted(was.keys() | now.keys()):
        if was.get(path) != now.get(path):
            yield f"{path}: {now.get(path, 'gone')} instead of {was.get(path, 'nothing')}"


def _fields(state: State) -> dict[str, str]:
    return {
        f"{kind}.{key}.{name}": listed(value)
        for kind, records in state.items()
        for key, record in records.items()
        for name, value in record.items()
    }


def _judge_redaction(messages: Sequence[Message]) -> Iterator[Failure]:
    """Look for every value that the caller gave in the log as it would be stored."""
    heard = [m for m in messages if isinstance(m, IntentRecognised | KeysEntered)]
    values = {v.value for m in heard for v in m.slots.values() if isinstance(v, Personal)}
    stored = as_stored(messages) if values else ""
    for value in sorted(values):
        if f'"{value}"' in stored or (len(value) > 3 and value in stored):
            yield Failure(
                "after", "record.redacted", "no personal value in the stored log", f"{value} stands in it"
            )


def _intent(message: IntentRecognised | IntentNotRecognised) -> str:
    return message.intent if isinstance(message, IntentRecognised) else "no-match"


def _slots(messages: Sequence[Message]) -> dict[str, str]:
    heard = [m for m in messages if isinstance(m, IntentRecognised | KeysEntered)]
    return {name: _plain(value) for message in heard for name, value in message.slots.items()}


def _plain(value: Value) -> str:
    return value.value if isinstance(value, Personal) else str(value)


def _words(text: str) -> str:
    """Return only the words, so that commas and capitals do not matter."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _quoted(told: Sequence[str]) -> str:
    return " / ".join(f'"{text}"' for text in told) or "silence"
