"""A fixture's caller made ready, so that a call of theirs reads and renders nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.replay.caller import Turn
from voicebot.replay.caller_end import CallerEnd
from voicebot.replay.fixture import Fixture, load_fixture
from voicebot.replay.line import LineSimulator, background
from voicebot.replay.recordings import Recordings

LEAVES_AFTER_S = 2.0
"""A caller whose turns are done hangs up when the bot has answered and then been quiet so long."""


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """What one caller does, on which line."""

    fixture: Fixture
    turns: Sequence[Turn]
    noise: NDArray[np.float64]
    """Of the line; see `background`."""

    @classmethod
    def of(cls, file: Path, recordings: Recordings) -> Script:
        """Read a fixture and its sound; raises FixtureError or UsageError when one is wrong."""
        fixture = load_fixture(file)
        turns = recordings.turns(fixture, file.parent)
        noise = background(fixture.line, turns, file.parent)
        if not (turns and turns[-1].hangs_up):
            turns.append(Turn(hangs_up=True, after_s=LEAVES_AFTER_S))
        return cls(fixture, turns, noise)

    def caller_end(self) -> CallerEnd:
        """Return a caller who has this call to have."""
        line = self.fixture.line
        return CallerEnd(self.turns, LineSimulator(line, self.noise, seed=self.fixture.call))
