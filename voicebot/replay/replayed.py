"""What a replayed call leaves behind, whichever line it went over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import RATE
from voicebot.events import Entry
from voicebot.house import State


@dataclass(frozen=True, slots=True)
class Began:
    """When a turn of the caller began and ended, ms since the call started."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """Everything that happened in a replayed call."""

    entries: Sequence[Entry]
    """The event log, not redacted: fixtures hold no real people."""
    turns: Sequence[Began]
    """One for each turn that the caller came to."""
    said: NDArray[np.int16]
    """The caller's voice as it left the simulated line: int16 mono 8 kHz, shape (n,)."""
    heard: NDArray[np.int16]
    """The bot's voice, in step with `said`."""
    context: dict[str, str]
    """The channel variables that were set for the agent."""
    held_before: State = field(default_factory=dict)
    """What the company's systems held when the call began."""
    held_after: State = field(default_factory=dict)
    """What they held when it was over."""

    @property
    def seconds(self) -> float:
        """How long the call lasted, on its own clock."""
        return len(self.heard) / RATE
