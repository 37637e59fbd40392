"""The caller's end of a line: a recorded caller behind a simulated line, 20 ms at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_BYTES, FRAME_MS
from voicebot.replay.caller import KEY_MS, Turn, VirtualCaller
from voicebot.replay.line import LineSimulator
from voicebot.replay.replayed import Began

SILENCE = bytes(FRAME_BYTES)


@dataclass(frozen=True, slots=True)
class Doing:
    """What the caller does in 20 ms."""

    frame: bytes | None = None
    """Sound that arrives at the bot; None when it was lost, and while a key is pressed."""
    key: str = ""
    """A key that goes down now; it and its pause take `KEY_MS`, in which no sound is sent."""
    pressing: bool = False
    """Whether a key is down."""
    hangs_up: bool = False


class CallerEnd:
    """For each frame heard, says one; the same on any line and any clock."""

    def __init__(self, turns: Sequence[Turn], simulator: LineSimulator) -> None:
        self._caller = VirtualCaller(turns)
        self._simulator = simulator
        self._mouth = bytearray()
        self._keys: deque[str] = deque()
        self._key_ms = 0
        self._said, self._heard = bytearray(), bytearray()
        self.turns: list[Began] = []
        """Those that began so far."""

    def tick(self, heard: bytes, now_ms: int) -> Doing:
        """Hear 20 ms of the bot; return what is done in the next, which begins `now_ms` into the call."""
        self._heard += heard
        bot = np.frombuffer(heard, "<i2")
        if (turn := self._caller.listen(bot)) is not None:
            self.turns.append(Began(now_ms, now_ms + turn.ms))
            self._mouth += turn.samples.tobytes()
            self._keys += turn.keys
            if turn.hangs_up:
                self._said += SILENCE
                return Doing(hangs_up=True)
        frame = bytes(self._mouth[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
        arrived = self._simulator.to_bot(np.frombuffer(frame, "<i2"), bot)
        if not self._mouth and (self._keys or self._key_ms > 0):
            self._said += SILENCE
            return self._press()
        del self._mouth[:FRAME_BYTES]
        self._said += frame if arrived is None else arrived.tobytes()
        return Doing(None if arrived is None else arrived.tobytes())

    def both(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Return what was said and what was heard so far, in step: int16 mono 8 kHz, shape (n,) each."""
        return np.frombuffer(bytes(self._said), "<i2"), np.frombuffer(bytes(self._heard), "<i2")

    def _press(self) -> Doing:
        """Hold a key down; Asterisk sends no sound meanwhile."""
        key = ""
        if self._key_ms <= 0:
            key, self._key_ms = self._keys.popleft(), KEY_MS
        self._key_ms -= FRAME_MS
        return Doing(key=key, pressing=True)
