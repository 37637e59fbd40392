"""What every back-end looks like to a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from voicebot.errors import BackendError
from voicebot.values import Personal, Value


@dataclass(frozen=True, slots=True)
class Reply:
    """What an action answered."""

    outcome: str
    """One of the action's outcomes, such as ``not_found``."""
    facts: Mapping[str, Value] = field(default_factory=dict)
    """Fit to be spoken in a prompt."""


State: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""What a company system holds: kind of record -> its key -> field -> value."""


class Backend(Protocol):
    """One of the company's systems."""

    @property
    def actions(self) -> frozenset[str]:
        """The names that `do` knows."""
        ...

    def do(self, action: str, arguments: Mapping[str, str]) -> Reply:
        """Do `action` and return its answer. Blocking, from any thread; raises BackendError."""
        ...


def checked(reply: object) -> Reply:
    """Return what a back-end answered, when that is what it must be.

    Company systems lie: raises BackendError for anything but a `Reply` of the kinds that it promises, as
    nothing after this expects another.
    """
    match reply:
        case Reply(outcome=str(), facts=Mapping() as facts) if all(map(_is_fact, facts.items())):
            return reply
    raise BackendError(f"a back-end answered with something else than a Reply: {type(reply).__name__}")


def _is_fact(item: tuple[object, object]) -> bool:
    name, value = item
    return isinstance(name, str) and isinstance(value, Personal | bool | int | str)
