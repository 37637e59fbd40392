"""One call of a load test: a caller, real time, a real line, and how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, TypeAlias

import numpy as np

from voicebot.audio import FRAME_MS, FRAME_SAMPLES, RATE
from voicebot.errors import TelephonyError
from voicebot.replay.call_times import CallTimes, Span, call_times, voiced_edges
from voicebot.replay.caller import Turn
from voicebot.replay.caller_end import CallerEnd
from voicebot.replay.dial import Dial
from voicebot.replay.real_time import CallerLine, Metronome
from voicebot.replay.script import Script

GREETED_WITHIN_S = 10.0
"""A bot that has said nothing by then does not answer."""
LONGEST_S = 180.0
"""A call that lasts longer does not end."""
LATE_S = FRAME_MS / 1000
"""A frame that leaves so much after its moment is late: the next one was due by then."""

Outcome: TypeAlias = Literal["completed", "refused", "unanswered", "lost", "endless"]
"""The caller or the bot ended it; it was not put through, or ended before any sound; the bot never spoke; the
line was closed without being handed back; it did not end."""


@dataclass(frozen=True, slots=True)
class LoadCall:
    """How a call went, at the caller's end."""

    outcome: Outcome
    seconds: float = 0.0
    """From answered to over."""
    times: CallTimes = field(default_factory=CallTimes)
    frames: int = 0
    """Of 20 ms, in which the caller did something or was silent."""
    frames_late: int = 0
    """Of those, that left over `LATE_S` after their moment, because the caller's process was too busy."""
    frames_withheld: int = 0
    """Of those, in which nothing was sent on purpose: a key was down, or the line lost it."""
    packets: tuple[int, int] | None = None
    """Heard and lost on the way; None on a line that loses none."""


async def load_call(dial: Dial, script: Script) -> LoadCall:
    """Have one call."""
    line: CallerLine | None = None
    try:
        async with dial.line() as line:
            return await _Caller(line, script).call()
    except TelephonyError:
        return LoadCall("refused" if line is None else "lost")


class _Caller:
    """Has the call, and times it."""

    def __init__(self, line: CallerLine, script: Script) -> None:
        self._line = line
        self._turns = script.turns
        self._end = script.caller_end()
        self._answered_at = asyncio.get_running_loop().time()
        self._heard: list[Span] = []
        self._anything_heard = False
        self._frames = self._late = self._withheld = 0
        line.heard.on_arrival = self._hear

    async def call(self) -> LoadCall:
        outcome = await self._talk()
        now = asyncio.get_running_loop().time()
        said = said_spans(self._turns, self._end, self._line)
        return LoadCall(
            outcome=outcome,
            seconds=now - self._answered_at,
            times=call_times(self._answered_at, said, self._heard),
            frames=self._frames,
            frames_late=self._late,
            frames_withheld=self._withheld,
            packets=self._line.packets,
        )

    async def _talk(self) -> Outcome:
        """Be the caller until the call is over."""
        line, metronome = self._line, Metronome()
        for tick in count():
            self._late += await metronome.beat() > LATE_S
            if line.gone.is_set():
                return self._how_it_ended()
            if not self._heard and tick * FRAME_MS > 1000 * GREETED_WITHIN_S:
                return "unanswered"
            if tick * FRAME_MS > 1000 * LONGEST_S:
                return "endless"
            self._frames += 1
            doing = self._end.tick(line.heard.next_frame(), tick * FRAME_MS)
            if doing.hangs_up:
                await asyncio.sleep(line.lead_ms / 1000)
                return "completed"
            self._withheld += not line.send(doing)
        raise AssertionError("a call without end")

    def _how_it_ended(self) -> Outcome:
        """Return how the other side ended the call."""
        if not self._anything_heard:
            return "refused"
        return "lost" if self._line.lost else "completed"

    def _hear(self, sound: bytes) -> None:
        """Note where it is voiced: a sample is heard when its packet arrives, plus its place in it."""
        self._anything_heard = True
        if edges := voiced_edges(np.frombuffer(sound, "<i2")):
            at = asyncio.get_running_loop().time()
            self._heard.append((at + edges[0] / RATE, at + (edges[1] + 1) / RATE))


def said_spans(turns: Sequence[Turn], end: CallerEnd, line: CallerLine) -> list[Span]:
    """Return from when to when each turn was voiced that was spoken, and sent, to its end.

    A sample is spoken when its packet leaves, less the 20 ms of that packet, plus its place in it.
    """
    spans = []
    for turn, began in zip(turns, end.turns, strict=False):
        edges = voiced_edges(turn.samples)
        if edges is None:
            continue
        moments = [
            None if left is None else left + (sample % FRAME_SAMPLES + 1) / RATE - FRAME_MS / 1000
            for sample in edges
            for left in [line.left_at(began.start_ms // FRAME_MS + sample // FRAME_SAMPLES)]
        ]
        if moments[0] is not None and moments[1] is not None:
            spans.append((moments[0], moments[1]))
    return spans
