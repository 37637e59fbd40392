"""What every back-end looks like to a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from voicebot.events import Value


@dataclass(frozen=True, slots=True)
class Reply:
    """What an action answered."""

    outcome: str
    """One of the action's outcomes, such as ``not_found``."""
    facts: Mapping[str, Value] = field(default_factory=dict)
    """Fit to be spoken in a prompt."""


class Backend(Protocol):
    """One of the company's systems."""

    @property
    def actions(self) -> frozenset[str]:
        """The names that `do` knows."""
        ...

    def do(self, action: str, arguments: Mapping[str, str]) -> Reply:
        """Do `action` and return its answer. Blocking, from any thread; raises BackendError."""
        ...
