"""What every back-end looks like to a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from voicebot.events import Value


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
