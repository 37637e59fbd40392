"""A fixture's call on the in-memory line, in virtual time: the very code that answers the telephone."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_BYTES, FRAME_MS
from voicebot.call import Call
from voicebot.clock import VirtualClock, run_virtual
from voicebot.events import Entry
from voicebot.house import House, shop
from voicebot.replay.caller import Turn, VirtualCaller
from voicebot.replay.fixture import Fixture
from voicebot.replay.line import LineSimulator, background
from voicebot.replay.world import FixtureBackend
from voicebot.telephony import MemoryControl, MemoryLine

LONGEST_S = 600.0
"""A call that lasts longer (in virtual time) is broken off."""
_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


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
    """The caller's voice as the bot received it: int16 mono 8 kHz, shape (n,)."""
    heard: NDArray[np.int16]
    """The bot's voice, in step with `said`."""
    context: dict[str, str]
    """The channel variables that were set for the agent."""

    @property
    def seconds(self) -> float:
        """How long the call lasted, in virtual time."""
        return len(self.heard) / 8000


def replay_direct(fixture: Fixture, turns: Sequence[Turn], house: House, beside: Path) -> Replayed:
    """Have the fixture's call in virtual time; takes as long as it computes.

    Of `house` the bot, the model, the voice and the understanding are used. Background noise lies `beside`
    the fixture.
    """
    line = LineSimulator(fixture.line, background(fixture.line, turns, beside), seed=fixture.call)
    return run_virtual(_call(fixture, turns, house, line))


async def _call(fixture: Fixture, turns: Sequence[Turn], house: House, simulator: LineSimulator) -> Replayed:
    clock = VirtualClock(fixture.clock)
    control = MemoryControl(fixture.caller_number)
    real = shop(fixture.backend.orders, lambda: fixture.clock.date())
    entries: list[Entry] = []
    own = dataclasses.replace(
        house,
        backend=FixtureBackend(real, fixture.backend, clock.spend),
        control=control,
        clock=clock,
        note=entries.append,
    )
    line = MemoryLine(str(uuid.uuid5(_NAMESPACE, fixture.call)))
    call = asyncio.create_task(Call(line, own).run())
    end = _CallerEnd(line, turns, simulator)
    try:
        async with asyncio.timeout(LONGEST_S):
            await end.until_over()
            await call
    finally:
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    context = control.context.get(line.call_id, {})
    return Replayed(entries, end.turns, *end.both(), context)


class _CallerEnd:
    """The caller's end of the in-memory line: for each frame heard, one is said."""

    def __init__(self, line: MemoryLine, turns: Sequence[Turn], simulator: LineSimulator) -> None:
        self._line = line
        self._caller = VirtualCaller(turns)
        self._simulator = simulator
        self._mouth = bytearray()
        self._keys = ""
        self._said, self._heard = bytearray(), bytearray()
        self.turns: list[Began] = []

    async def until_over(self) -> None:
        """Talk until the line closes."""
        while frame := await self._line.heard():
            self._heard += frame
            if (turn := self._caller.listen(np.frombuffer(frame, "<i2"))) is not None:
                self._begin(turn)
            self._say(frame)

    def both(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Return what the bot received and what it said, in step."""
        return np.frombuffer(bytes(self._said), "<i2"), np.frombuffer(bytes(self._heard), "<i2")

    def _begin(self, turn: Turn) -> None:
        now = len(self._heard) // FRAME_BYTES * FRAME_MS
        self.turns.append(Began(now, now + len(turn.samples) * 1000 // 8000))
        self._mouth += turn.samples.tobytes()
        self._keys += turn.keys
        if turn.hangs_up:
            self._line.caller_hangs_up()

    def _say(self, bot: bytes) -> None:
        """Send the next frame of the caller, or the next key, over the simulated line."""
        if self._keys and not self._mouth:
            self._line.caller_presses(self._keys[0])
            self._keys = self._keys[1:]
        frame = bytes(self._mouth[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
        del self._mouth[:FRAME_BYTES]
        arrived = self._simulator.to_bot(np.frombuffer(frame, "<i2"), np.frombuffer(bot, "<i2"))
        self._said += frame if arrived is None else arrived.tobytes()
        if arrived is not None:
            self._line.caller_says(arrived.tobytes())
