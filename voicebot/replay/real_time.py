"""A recorded caller on a real line: both directions at 20 ms on the wall clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

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
        self._waiting = bytearray()

    def push(self, samples: bytes) -> None:
        """Take what arrived: int16 little-endian mono 8 kHz."""
        self._waiting += samples
        del self._waiting[: max(0, len(self._waiting) - _MOST_UNHEARD)]

    def next_frame(self) -> bytes:
        """Return 20 ms; silence when nothing has arrived."""
        if len(self._waiting) < FRAME_BYTES:
            return SILENCE
        frame = bytes(self._waiting[:FRAME_BYTES])
        del self._waiting[:FRAME_BYTES]
        return frame


async def talk(
    end: CallerEnd,
    part: BotPart,
    heard: Heard,
    send: Callable[[Doing], None],
    gone: asyncio.Event,
    delay_ms: int = 0,
) -> None:
    """Be the caller, on an absolute clock, until they hang up, the line is `gone` or the bot's part is over.

    What is done reaches the line after `delay_ms`. Raises TelephonyError when the bot is not reached.
    """
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            await part.begun.wait()
    except TimeoutError:
        raise TelephonyError(f"the call did not reach the bot within {ANSWERED_WITHIN_S:.0f} s") from None
    loop = asyncio.get_running_loop()
    start = loop.time()
    for tick in count(1):
        await asyncio.sleep(start + tick * FRAME_MS / 1000 - loop.time())
        if gone.is_set() or part.ended.done():
            return
        doing = end.tick(heard.next_frame(), part.now_ms() + delay_ms)
        if doing.hangs_up:
            await asyncio.sleep(delay_ms / 1000)
            return
        send(doing)
