"""A caller's line that is one AudioSocket, held as Asterisk holds it."""

from __future__ import annotations

import asyncio
import struct
import uuid
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from voicebot.errors import TelephonyError
from voicebot.replay.caller_end import Doing
from voicebot.replay.real_time import Heard

_HANG_UP: Final = 0x00
_UUID: Final = 0x01
_KEY: Final = 0x03
_AUDIO: Final = 0x10
_HEADER: Final = struct.Struct("!BH")


class SocketLine:
    """A `CallerLine`: Asterisk's side of one AudioSocket."""

    lead_ms = 0
    packets = None

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = Heard()
        self.gone = asyncio.Event()
        self.handed_back = False
        """Whether the bot gave the caller back to the dialplan."""
        self._reader, self._writer = reader, writer
        self._left_at = array("d")

    @property
    def lost(self) -> bool:
        """Whether the bot closed the line without handing the caller back."""
        return self.gone.is_set() and not self.handed_back

    def put(self, kind: int, payload: bytes = b"") -> None:
        """Send one frame of the protocol, in one piece."""
        self._writer.write(_HEADER.pack(kind, len(payload)) + payload)

    def send(self, doing: Doing) -> bool:
        """Do the next 20 ms; return whether there is sound in it."""
        self._left_at.append(asyncio.get_running_loop().time())
        if doing.key:
            self.put(_KEY, doing.key.encode())
        if doing.frame:
            self.put(_AUDIO, doing.frame)
        return doing.frame is not None

    def left_at(self, number: int) -> float | None:
        """Return when the nth `send` was; None when it has not been."""
        return self._left_at[number] if number < len(self._left_at) else None

    async def read(self) -> None:
        """Hear the bot until it hands the caller back."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not self.handed_back:
                kind, length = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
                payload = await self._reader.readexactly(length)
                if kind == _AUDIO:
                    self.heard.push(payload)
                elif kind == _HANG_UP:
                    self.handed_back = True
        self.gone.set()
        self._writer.close()


@asynccontextmanager
async def socket_line(host: str, port: int, call_id: str) -> AsyncIterator[SocketLine]:
    """Connect as Asterisk does; hang up at the end. Raises TelephonyError when nobody listens there."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise TelephonyError(f"no call to {host}:{port}: {reason}; does voicebot run there?") from None
    line = SocketLine(reader, writer)
    line.put(_UUID, uuid.UUID(call_id).bytes)
    reading = asyncio.create_task(line.read())
    try:
        yield line
        if not line.gone.is_set():
            line.put(_HANG_UP)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
