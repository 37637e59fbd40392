"""A recorded caller on a real line: both directions at 20 ms on the wall clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from voicebot.audio import FRAME_BYTES, FRAME_MS
from voicebot.errors import TelephonyError
from voicebot.replay.bot_end import BotPart
from voicebot.replay.caller_end import SILENCE, CallerEnd, Doing

ANSWERED_WITHIN_S = 5.0
"""How soon after it is placed a call must reach the bot."""
_MOST_UNHEARD = 10 * FRAME_BYTES
"""Of a burst only the last 200 ms is heard."""


class Heard:
    """What arrived from the bot, in whatever pieces and at whatever moments; given out in frames."""

    def __init__(self) -> None:
        self.on_arrival: Callable[[bytes], None] | None = None
        """Called with what arrives, as it arrives: int16 little-endian mono 8 kHz."""
        self._waiting = bytearray()

    def push(self, samples: bytes) -> None:
        """Take what arrived."""
        if self.on_arrival is not None:
            self.on_arrival(samples)
        self._waiting += samples
        del self._waiting[: max(0, len(self._waiting) - _MOST_UNHEARD)]

    def next_frame(self) -> bytes:
        """Return 20 ms; silence when nothing has arrived."""
        if len(self._waiting) < FRAME_BYTES:
            return SILENCE
        frame = bytes(self._waiting[:FRAME_BYTES])
        del self._waiting[:FRAME_BYTES]
        return frame


class CallerLine(Protocol):
    """The caller's side of a real line."""

    @property
    def heard(self) -> Heard:
        """What the bot says."""

    @property
    def gone(self) -> asyncio.Event:
        """Set when the other side has ended the call, or the line is lost."""

    @property
    def lost(self) -> bool:
        """Whether it ended without a word."""

    @property
    def lead_ms(self) -> int:
        """How long what is done waits before it leaves."""

    @property
    def packets(self) -> tuple[int, int] | None:
        """Return how many packets were heard, and lost, so far; None where none can be lost."""

    def send(self, doing: Doing) -> bool:
        """Do the next 20 ms; return whether there is sound in it."""

    def left_at(self, number: int) -> float | None:
        """Return at which loop.time() the sound of the nth `send` left, from 0; None when it has not."""


class Metronome:
    """Beats every 20 ms, on an absolute clock: what comes late does not make the next one late."""

    def __init__(self) -> None:
        self._due = asyncio.get_running_loop().time()

    async def beat(self) -> float:
        """Wait for the next beat; return how late it is, in seconds."""
        loop = asyncio.get_running_loop()
        self._due += FRAME_MS / 1000
        await asyncio.sleep(self._due - loop.time())
        return loop.time() - self._due


async def talk(end: CallerEnd, part: BotPart, line: CallerLine) -> None:
    """Be the caller until they hang up, the line is gone or the bot's part is over.

    Raises TelephonyError when the bot is not reached.
    """
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            await part.begun.wait()
    except TimeoutError:
        raise TelephonyError(f"the call did not reach the bot within {ANSWERED_WITHIN_S:.0f} s") from None
    metronome = Metronome()
    while True:
        await metronome.beat()
        if line.gone.is_set() or part.ended.done():
            return
        doing = end.tick(line.heard.next_frame(), part.now_ms() + line.lead_ms)
        if doing.hangs_up:
            await asyncio.sleep(line.lead_ms / 1000)
            return
        line.send(doing)
