"""What a fixture expects, turn by turn, and whether it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from voicebot.replay.expected import After, Expect
from voicebot.replay.fixture import CallerSpec, Fixture
from voicebot.replay.judge import Failure, listed
from voicebot.replay.replayed import Began

_AS_JUDGED: Final[Mapping[str, str]] = {
    "within_ms": "an answer within {} ms",
    "ends_within": "an end within {} s",
    "backend.unchanged": "all as it was",
    "record.redacted": "no personal value in the stored log",
}
"""Expectations that are told in more words than their value."""


class State(StrEnum):
    """What became of an expectation."""

    MET = "met"
    BROKEN = "broken"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Mark:
    """One expectation."""

    what: str
    """The key of the fixture: ``intent``, ``says``, ..."""
    expected: str
    state: State
    got: str = ""
    """What came instead, when it is broken."""


@dataclass(frozen=True, slots=True)
class TurnMarks:
    """What is expected of a turn, or after the call."""

    title: str
    """``Turn 2``, ``After the call``, or ``The call`` when it broke."""
    caller: str
    """What the caller does."""
    at_ms: int | None
    """When the caller begins, since the call started; None for no caller, or one who never came to it."""
    marks: Sequence[Mark]

    @property
    def state(self) -> State | None:
        """The worst of the marks; None without any."""
        states = {mark.state for mark in self.marks}
        return next(
            (state for state in (State.BROKEN, State.NOT_REACHED, State.MET) if state in states), None
        )


def marks(fixture: Fixture, begun: Sequence[Began], failures: Sequence[Failure]) -> list[TurnMarks]:
    """Return the expectations of `fixture`: its turns, then what should hold after the call.

    Before them stands the call itself, when it broke.
    """
    turns = {f"turn {number}" for number in range(1, len(fixture.turns) + 1)}
    lost = [failure for failure in failures if failure.where not in turns | {"after"}]
    marked = [TurnMarks("The call", "", None, [_broken(failure) for failure in lost])] if lost else []
    waiting = [turn.start_ms for turn in begun]
    over = bool(lost)
    for number, spec in enumerate(fixture.turns, start=1):
        over = over or (spec.caller is not None and not waiting)
        at_ms = waiting.pop(0) if spec.caller is not None and waiting else None
        own = [failure for failure in failures if failure.where == f"turn {number}"]
        turn_marks = list(_marks(spec.expect, own, State.NOT_REACHED if over else State.MET))
        marked.append(TurnMarks(f"Turn {number}", _caller(spec.caller), at_ms, turn_marks))
    own = [failure for failure in failures if failure.where == "after"]
    after = list(_marks(fixture.after, own, State.NOT_REACHED if lost else State.MET))
    return [*marked, TurnMarks("After the call", "", None, after)]


def _marks(wanted: Expect | After, failures: Sequence[Failure], otherwise: State) -> Iterator[Mark]:
    wishes = list(_wanted(wanted))
    yield from (_broken(one) for one in failures if not any(_is_about(one, *wish) for wish in wishes))
    for what, expected in wishes:
        failure = next((one for one in failures if _is_about(one, what, expected)), None)
        yield Mark(what, expected, otherwise) if failure is None else _broken(failure)


def _broken(failure: Failure) -> Mark:
    return Mark(failure.what, failure.expected, State.BROKEN, failure.got)


def _is_about(failure: Failure, what: str, expected: str) -> bool:
    """Tell whether a failure is of this expectation; only sentences may be several under one key."""
    return failure.what == what and (not what.startswith("says") or expected in failure.expected)


def _wanted(wanted: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Give (key, value) of everything a fixture asks here; what it leaves out is None, empty or false."""
    inside = f"{key}." if key else ""
    match wanted:
        case BaseModel():
            for name, value in wanted:
                yield from _wanted(value, inside + name)
        case Mapping():
            for name, value in wanted.items():
                yield from _wanted(value, inside + name)
        case tuple() if key.startswith("says"):
            yield from ((key, f'"{text}"') for text in wanted)
        case None | False | ():
            pass
        case _:
            yield key, _AS_JUDGED.get(key, "{}").format(listed(wanted))


def _caller(spec: CallerSpec | None) -> str:
    match spec:
        case None:
            return "the bot by itself"
        case CallerSpec(wav=tuple(names)):
            return f"caller plays {', '.join(names)}"
        case CallerSpec(text=str(text)):
            return f'caller says "{text}"'
        case CallerSpec(keys=str(keys)):
            return f"caller presses {keys}"
        case CallerSpec(silent=float(seconds)):
            return f"caller is silent for {seconds:g} s"
        case _:
            return "caller hangs up"
