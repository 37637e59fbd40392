"""A telephone line and its control without a telephone, for tests, replay and demos.

They keep the promises of the real forms, on any event loop: nothing here needs
a socket or a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from voicebot.telephony.manager import CALLER_WAIT_S, CONTEXT_WAIT_S
from voicebot.telephony.transport import FRAME_BYTES, AudioReceived, KeyReceived, LineClosed, Received
from voicebot.telephony.values import clean_value

MAX_UNHEARD = 30_000
"""Frames sent that nobody listened to yet: 10 minutes."""


class MemoryLine:
    """A `CallTransport`, and the caller's end of it."""

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self._received: asyncio.Queue[Received] = asyncio.Queue()
        self._sent: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = False
        """Whether the call's sound is over, whoever ended it."""
        self.handed_back = False
        """Whether the bot asked for `hang_up`."""
        self.frames_refused = 0
        """Frames not sent because the caller's end did not listen."""

    # ----------------------------------------------------------------- the bot's end: CallTransport

    @property
    def call_id(self) -> str:
        """The call's id, as given."""
        return self._call_id

    async def receive(self) -> Received:
        """Return the next thing from the caller; once it is `LineClosed`, it always is."""
        if self.closed and self._received.empty():
            return LineClosed()
        return await self._received.get()

    def send(self, frame: bytes) -> None:
        """Let the caller hear `frame` (int16 mono 8 kHz, 20 ms); nothing on a closed line."""
        if self.closed:
            return
        if self._sent.qsize() >= MAX_UNHEARD:
            self.frames_refused += 1
            return
        self._sent.put_nowait(frame)

    def hang_up(self) -> None:
        """Hand the caller back; the line closes, as Asterisk does."""
        if not self.closed:
            self.handed_back = True
            self._end()

    def close(self) -> None:
        """Drop the line."""
        self._end()

    # ----------------------------------------------------------------- the caller's end

    def caller_says(self, samples: bytes) -> None:
        """Let the bot receive `samples` (int16 mono 8 kHz) now, as frames of 20 ms, unpaced."""
        for start in range(0, len(samples), FRAME_BYTES):
            self._put(AudioReceived(samples[start : start + FRAME_BYTES]))

    def caller_presses(self, key: str) -> None:
        """Press one key."""
        self._put(KeyReceived(key))

    def caller_hangs_up(self) -> None:
        """Leave."""
        self._end()

    async def heard(self) -> bytes:
        """Return the next frame that the bot sent; ``b""`` when the line has closed and all was heard."""
        if self.closed and self._sent.empty():
            return b""
        return await self._sent.get()

    # ----------------------------------------------------------------- inside

    def _put(self, received: Received) -> None:
        if not self.closed:
            self._received.put_nowait(received)

    def _end(self) -> None:
        if not self.closed:
            self._received.put_nowait(LineClosed())
            self._sent.put_nowait(b"")
            self.closed = True


class MemoryControl:
    """A `CallControl` that remembers what it was told, and can be told to fail."""

    def __init__(self, caller: str | None = None) -> None:
        self.caller = caller
        """Every caller's number."""
        self.delay_s = 0.0
        """How long each answer takes."""
        self.fails = False
        """Whether nothing is ever confirmed, nor the caller's number told."""
        self.context: dict[str, dict[str, str]] = {}
        """Channel variables, by call id, as Asterisk would hold them."""
        self.finished: set[str] = set()
        """Calls that earned a hang-up."""

    async def caller_number(self, call_id: str) -> str | None:
        """Return `caller`; None when failing or slower than 200 ms."""
        return self.caller if await self._answers_within(CALLER_WAIT_S) else None

    async def set_context(self, call_id: str, variables: Mapping[str, str]) -> bool:
        """Remember `variables`, cleaned; return False instead when failing or slower than 300 ms."""
        if not await self._answers_within(CONTEXT_WAIT_S):
            return False
        cleaned = {name: clean_value(value) for name, value in variables.items()}
        self.context.setdefault(call_id, {}).update(cleaned)
        return True

    async def finish(self, call_id: str) -> bool:
        """Remember that the call is done; return False instead when failing or slower than 300 ms."""
        if not await self._answers_within(CONTEXT_WAIT_S):
            return False
        self.finished.add(call_id)
        return True

    async def _answers_within(self, seconds: float) -> bool:
        await asyncio.sleep(min(self.delay_s, seconds))
        return not self.fails and self.delay_s <= seconds
