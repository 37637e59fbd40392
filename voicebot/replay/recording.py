"""A finished call becomes a fixture: the same caller again, with invented values for what was redacted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from voicebot.errors import UsageError
from voicebot.events import CallEnded, CallStarted, Entry, Transfer
from voicebot.expectation import Expectation
from voicebot.replay.seeding import seed
from voicebot.replay.substitutes import NUMBER, TOKEN, Substitutes
from voicebot.replay.turns_taken import TurnTaken, turns_taken
from voicebot.values import Personal

_HEAD: Final = """\
# Made from a finished call by `voicebot fixtures record`: the caller's words from the redacted log, spoken by
# a synthetic voice; order numbers, postcodes, names and the like are invented.
# Read the texts through before you keep this: redaction may have missed something.
"""
_LONGEST_WAIT_MS: Final = 120_000
_VOICE: Final = "nl+f2"
"""Not the bot's own."""
_PLAIN: Final = re.compile(r"(?!(?:true|false|null|yes|no|on|off)$)[a-z][a-zA-Z0-9_+-]*|\d+(\.\d+)?(ms|s)")
"""Text that YAML reads as text without quotes."""


def record_call(entries: Sequence[Entry], bot: str, slots: Mapping[str, Expectation]) -> str:
    """Return the fixture (YAML) in which the caller of a stored, redacted call does the same again.

    `bot` is its name or folder, as a fixture names it; `slots` is how each of its slots is spoken. Raises
    UsageError for a call that is not over, or not whole.
    """
    started = next((e.message for e in entries if isinstance(e.message, CallStarted)), None)
    ended = next((e.message for e in entries if isinstance(e.message, CallEnded)), None)
    if started is None or ended is None:
        raise UsageError("this call is not over yet, or its log is not whole; record one that is")
    turns = turns_taken(entries)
    substitutes = Substitutes(slots)
    numbers = _numbers_said(turns, slots)
    clock = datetime.fromisoformat(started.started_at)
    backend, notes = seed(entries, substitutes, clock.date())
    keys: dict[str, Any] = {"call": _title(turns, started), "bot": bot, "clock": clock}
    if started.caller is not None:
        keys["caller_number"] = substitutes.value(started.caller.value)
    if started.purpose:
        keys["purpose"] = started.purpose
    lines = [f"{key}: {_flow(value)}" for key, value in keys.items()]
    lines += [*_backend_lines(backend), "turns:"]
    for turn in turns:
        lines += _turn_lines(turn, substitutes, numbers)
    if not turns:
        lines.append("  - expect: {event: CallEnded}")
    lines.append(f"after: {_flow(_after(ended, entries))}")
    return _HEAD + "\n".join([*(f"# {note}" for note in notes), *lines, ""])


def _title(turns: Sequence[TurnTaken], started: CallStarted) -> str:
    intents = dict.fromkeys(turn.intent for turn in turns if turn.intent)
    topics = [started.topics[intent] for intent in intents if intent in started.topics]
    return f"Nagespeeld gesprek over {', '.join(topics) or 'niets bekends'}"


def _backend_lines(backend: Mapping[str, Any]) -> Iterator[str]:
    if backend:
        yield "backend:"
    for key, value in backend.items():
        if key == "orders":
            yield "  orders:"
            yield from (f"    - {_flow(order)}" for order in value)
        else:
            yield f"  {key}: {_flow(value)}"


def _after(ended: CallEnded, entries: Sequence[Entry]) -> dict[str, str]:
    transfer = next((e.message for e in entries if isinstance(e.message, Transfer)), None)
    expected = {
        "outcome": ended.outcome,
        "reason": ended.reason,
        "intent": transfer.intent if transfer else "",
    }
    return {key: value for key, value in expected.items() if value}


# --------------------------------------------------------------------------- what was said


def _numbers_said(
    turns: Sequence[TurnTaken], slots: Mapping[str, Expectation]
) -> Mapping[str, Sequence[str]]:
    """Return which slots' tokens each number in the caller's words stands for.

    The log has a number that is spoken (``<number:1>``) and the value that was understood
    (``<order_number:1>``) as two tokens; what was understood right after tells that they belong together.
    """
    meant: dict[str, list[str]] = {}
    for turn in turns:
        said = [token[0] for token in TOKEN.finditer(turn.text) if token[1] == NUMBER]
        values = [value.value for value in _in_order(turn, slots)]
        left = [value for value in values if not any(value in meant.get(token, ()) for token in said)]
        free = [token for token in said if token not in meant]
        while free and left:
            token = free.pop()
            meant[token], left = ([left[-1]], left[:-1]) if free else (left, [])
    return meant


def _in_order(turn: TurnTaken, slots: Mapping[str, Expectation]) -> list[Personal]:
    """Return the values a turn gave as they were probably said: a postcode last, unless announced first."""
    values = [value for value in turn.slots.values() if isinstance(value, Personal)]
    first = "postcode" in turn.text.partition("<")[0]
    return sorted(values, key=lambda value: (_type(value, slots) == "postcode") != first)


def _type(value: Personal, slots: Mapping[str, Expectation]) -> str | None:
    return slots.get(value.kind, Expectation()).slot_type


# --------------------------------------------------------------------------- turns


def _turn_lines(
    turn: TurnTaken, substitutes: Substitutes, numbers: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    caller: dict[str, Any] = {}
    given: set[str] = set()
    if turn.text:

        def say(token: re.Match[str]) -> str:
            tokens = numbers.get(token[0], [token[0]])
            given.update(tokens)
            return " en ".join(map(substitutes.spoken, tokens))

        caller = {"text": TOKEN.sub(say, turn.text), "voice": _VOICE}
    elif turn.keys:
        caller = {"keys": _keys(turn, substitutes)}
        given = {value.value for value in turn.slots.values() if isinstance(value, Personal)}
    else:
        caller = {"hangs_up": True}
    kind, ms = turn.wait
    caller[kind] = _seconds(min(ms, _LONGEST_WAIT_MS))
    yield f"  - caller: {_flow(caller)}"
    if expect := _expect(turn, substitutes, given):
        yield f"    expect: {_flow(expect)}"


def _keys(turn: TurnTaken, substitutes: Substitutes) -> str:
    """Return the keys: for the digits of a number its invented value, of any number the same one."""
    values = [substitutes.value(v.value) for v in turn.slots.values() if isinstance(v, Personal)]
    count = turn.keys.count("d")
    digits = iter(next((value for value in values if len(value) == count), "1" * count))
    return "".join(next(digits) if key == "d" else key for key in turn.keys)


def _expect(turn: TurnTaken, substitutes: Substitutes, given: set[str]) -> dict[str, Any]:
    """Return what was understood of a turn, as far as the invented values were said in it."""
    slots = {}
    for name, value in turn.slots.items():
        if not isinstance(value, Personal):
            slots[name] = str(value)
        elif value.value in given:
            slots[name] = substitutes.value(value.value)
    return ({"intent": turn.intent} if turn.intent else {}) | ({"slots": slots} if slots else {})


def _seconds(ms: int) -> str:
    ms = round(ms, -1)
    return f"{ms}ms" if ms < 1000 else f"{ms / 1000:g}s"


def _flow(value: Any) -> str:
    """Return `value` as YAML on one line."""
    match value:
        case datetime():
            return value.isoformat()
        case bool():
            return str(value).lower()
        case str():
            return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case _:
            return str(value)
