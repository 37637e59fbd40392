"""A fixture's call over a real AudioSocket, in real time, without an Asterisk."""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from voicebot.house import House
from voicebot.replay.bot_end import HOST, BotEnd, BotPart
from voicebot.replay.caller import Turn
from voicebot.replay.caller_end import CallerEnd, Doing
from voicebot.replay.fixture import Fixture
from voicebot.replay.limits import bounded
from voicebot.replay.line import line_of
from voicebot.replay.perform import call_id_of
from voicebot.replay.real_time import Heard, talk
from voicebot.replay.replayed import Replayed
from voicebot.telephony import MemoryControl

_HANG_UP: Final = 0x00
_UUID: Final = 0x01
_KEY: Final = 0x03
_AUDIO: Final = 0x10
_HEADER: Final = struct.Struct("!BH")


def replay_over_audiosocket(fixture: Fixture, turns: Sequence[Turn], house: House, beside: Path) -> Replayed:
    """Have the fixture's call with our AudioSocket server, in this process; see `replay_direct`."""
    return asyncio.run(_call(fixture, house, CallerEnd(turns, line_of(fixture, turns, beside))))


async def _call(fixture: Fixture, house: House, end: CallerEnd) -> Replayed:
    control = MemoryControl(fixture.caller_number)
    part = BotPart(fixture, house, control)
    async with bounded(), BotEnd() as bot:
        bot.expect(part)
        async with _connected(bot.port, call_id_of(fixture)) as line:
            await talk(end, part, line.heard, line.send, gone=line.closed)
        await part.ended
    return Replayed(part.entries, end.turns, *end.both(), control.context.get(part.call_id, {}))


class _Line:
    """Asterisk's side of one AudioSocket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = Heard()
        self.closed = asyncio.Event()
        """The bot handed the caller back, or is gone."""
        self._reader, self._writer = reader, writer

    def put(self, kind: int, payload: bytes = b"") -> None:
        """Send one frame, in one piece."""
        self._writer.write(_HEADER.pack(kind, len(payload)) + payload)

    def send(self, doing: Doing) -> None:
        """Send what the caller does."""
        if doing.key:
            self.put(_KEY, doing.key.encode())
        if doing.frame:
            self.put(_AUDIO, doing.frame)

    async def read(self) -> None:
        """Hear the bot until it hands the caller back."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind, length = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
                payload = await self._reader.readexactly(length)
                if kind == _AUDIO:
                    self.heard.push(payload)
                elif kind == _HANG_UP:
                    break
        self.closed.set()
        self._writer.close()


@asynccontextmanager
async def _connected(port: int, call_id: str) -> AsyncIterator[_Line]:
    """Connect as Asterisk does; hang up at the end."""
    reader, writer = await asyncio.open_connection(HOST, port)
    line = _Line(reader, writer)
    line.put(_UUID, uuid.UUID(call_id).bytes)
    reading = asyncio.create_task(line.read())
    try:
        yield line
        if not line.closed.is_set():
            line.put(_HANG_UP)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
