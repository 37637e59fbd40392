"""A caller made of recordings, who waits for the other side to finish before acting."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_MS, RATE, rms_dbfs

VOICED_DBFS = -45.0
"""A frame louder than this is the other side speaking; prompts are levelled at -20 dBFS."""
FRAME_S = FRAME_MS / 1000
KEY_MS = 240
"""One key, pressed and let go."""


def _silence() -> NDArray[np.int16]:
    return np.zeros(0, np.int16)


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """Something the caller does."""

    samples: NDArray[np.int16] = field(default_factory=_silence)
    """What is said: int16 mono 8 kHz, shape (n,)."""
    keys: str = ""
    """Keys pressed, after what is said."""
    hangs_up: bool = False
    after_s: float = 0.7
    """How long the other side must be quiet first."""
    at_s: float | None = None
    """Instead: how long after the other side began to speak, so that it is interrupted."""

    @property
    def ms(self) -> int:
        """How long it takes, keys included."""
        return len(self.samples) * 1000 // RATE + len(self.keys) * KEY_MS


class VirtualCaller:
    """Does its turns one by one, each after the other side has spoken and been quiet for a while.

    Counts line time in the frames it hears, so it works on any line and any clock.
    """

    def __init__(self, turns: Iterable[Turn]) -> None:
        self._turns = deque(turns)
        self._quiet_s = 0.0
        self._heard_s: float | None = None
        """Since the other side began to speak after our last turn."""
        self._speaking_s = 0.0

    @property
    def done(self) -> bool:
        """Whether every turn has been done to its end."""
        return not self._turns and self._speaking_s <= 0

    def listen(self, frame: NDArray[np.int16]) -> Turn | None:
        """Hear 20 ms (int16 mono 8 kHz); return what to do now, if it is time."""
        if self._speaking_s > 0:  # what a caller talks over is no answer to them
            self._speaking_s -= FRAME_S
            return None
        voiced = rms_dbfs(frame) > VOICED_DBFS
        self._quiet_s = 0.0 if voiced else self._quiet_s + FRAME_S
        if self._heard_s is not None:
            self._heard_s += FRAME_S
        elif voiced:
            self._heard_s = FRAME_S
        if not self._turns or self._heard_s is None:
            return None
        turn = self._turns[0]
        waited, wait_s = (self._quiet_s, turn.after_s) if turn.at_s is None else (self._heard_s, turn.at_s)
        if waited + FRAME_S / 2 < wait_s:
            return None
        self._heard_s, self._speaking_s = None, turn.ms / 1000
        return self._turns.popleft()
