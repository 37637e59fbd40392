"""One AudioSocket connection: the sound of one call, to and from Asterisk."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections import deque
from contextlib import suppress
from typing import Protocol, cast

from voicebot.errors import ProtocolError
from voicebot.telephony.audiosocket_frames import AUDIO, HANG_UP, KEY, UUID, Frame, FrameParser, Pace
from voicebot.telephony.transport import FRAME_BYTES, RATE, AudioReceived, KeyReceived, LineClosed, Received

MAX_UNREAD_AUDIO = 3 * 2 * RATE
"""Bytes of the caller's sound that wait to be received: 3 s."""
MAX_UNREAD = 2000
"""Frames that wait to be received; more (thousands of keys, or crumbs of sound) is no telephone call."""
MAX_UNSENT = (FRAME_BYTES + 3) * 25
"""Bytes that wait for a peer that does not read: 0.5 s."""
SEND_BUFFER = 16 * 1024
"""Bytes in the kernel; with its default a stalled peer would later get minutes of stale sound."""
INTRODUCTION_S = 2.0
"""A peer has this long to send its UUID."""
FRAME_S = 5.0
"""A frame that has begun must be whole within this time; Asterisk writes each at once."""
FAREWELL_S = 1.0
"""After 0x00 the peer has this long to leave, so that it reads the 0x00 before the socket goes."""


class LineKeeper(Protocol):
    """Who has the lines; told what becomes of each."""

    def line_opened(self, line: AudioSocketLine) -> None:
        """Hear that a peer has connected."""

    def line_introduced(self, line: AudioSocketLine) -> None:
        """Hear that its call's UUID has come."""

    def line_refused(self, error: ProtocolError) -> None:
        """Hear that a line was closed on its peer."""

    def line_ended(self, line: AudioSocketLine) -> None:
        """Hear that a line is closed, whoever did it."""


class AudioSocketLine(asyncio.Protocol):
    """One connection from Asterisk: a `CallTransport`.

    Reading never stops: what is not received in time is dropped, oldest first, and counted.
    """

    def __init__(self, keeper: LineKeeper) -> None:
        self._keeper = keeper
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser = FrameParser()
        self._pace = Pace(self._loop.time())
        self._due: asyncio.TimerHandle | None = None
        self._call_id = ""
        self._unread: deque[Received] = deque()
        self._unread_audio = 0
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self.handed_back = False
        """Whether `hang_up` was asked for."""
        self.frames_refused = 0
        """Frames not sent because the peer did not read."""
        self.frames_overrun = 0
        """Received frames dropped because nobody took them in time."""

    # ----------------------------------------------------------------- CallTransport

    @property
    def call_id(self) -> str:
        """The UUID that Asterisk gave the call; "" until it has come."""
        return self._call_id

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._ended.is_set()

    async def receive(self) -> Received:
        """Return the next thing from the caller; once it is `LineClosed`, it always is."""
        while not self._unread:
            self._arrived.clear()
            await self._arrived.wait()
        received = self._unread[0]
        if isinstance(received, LineClosed):
            return received
        self._unread.popleft()
        if isinstance(received, AudioReceived):
            self._unread_audio -= len(received.samples)
        if self._unread:  # a backlog is not worked off in one go: other calls come in between
            await asyncio.sleep(0)
        return received

    def send(self, frame: bytes) -> None:
        """Send `frame` (int16 mono 8 kHz, 20 ms) at once; drop and count it when the peer does not read."""
        if self._ended.is_set() or self.handed_back:
            return
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self.frames_refused += 1
            return
        self._transport.write(Frame(AUDIO, frame).encode())

    def hang_up(self) -> None:
        """Hand the caller back to the dialplan; nothing more is sent."""
        if self._ended.is_set() or self.handed_back:
            return
        self.handed_back = True
        self._transport.write(Frame(HANG_UP).encode())

    def close(self) -> None:
        """Drop the connection at once, and whatever was still to be sent."""
        self._end()
        self._transport.abort()

    # ----------------------------------------------------------------- for the server

    def refuse(self, error: ProtocolError) -> None:
        """Close the line and tell why; nothing when it is closed already."""
        if not self._ended.is_set():
            self.close()
            self._keeper.line_refused(error)

    async def farewell(self) -> None:
        """After `hang_up`: wait until the peer has left, at most `FAREWELL_S`."""
        if self.handed_back:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._ended.wait()

    # ----------------------------------------------------------------- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, for asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._due = self._loop.call_later(INTRODUCTION_S, self._too_late)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        # asyncio does so only for sockets made with an explicit IPPROTO_TCP
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._keeper.line_opened(self)

    def data_received(self, data: bytes) -> None:
        """Take what came, for asyncio."""
        try:
            for frame in self._parser.feed(data):
                self._stop_waiting()
                self._take(frame)
                if self._ended.is_set():
                    return
        except ProtocolError as error:
            self.refuse(error)
        else:
            if self._parser.unfinished and self._due is None:
                self._due = self._loop.call_later(FRAME_S, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, for asyncio: the peer is gone."""
        self._end()

    # ----------------------------------------------------------------- inside

    def _take(self, frame: Frame) -> None:
        if frame.kind == UUID:
            self._call_id = str(uuid.UUID(bytes=frame.payload))
            self._keeper.line_introduced(self)
            return
        self._pace.take(frame, self._loop.time())
        if frame.kind == KEY:
            self._put(KeyReceived(frame.payload.decode("ascii")))
        elif frame.kind != AUDIO:
            self.close()
        elif frame.payload:
            self._hear(frame.payload)

    def _hear(self, samples: bytes) -> None:
        last = self._unread[-1] if self._unread else None
        if isinstance(last, AudioReceived) and len(last.samples) < FRAME_BYTES:  # crumbs become a frame
            self._unread[-1] = AudioReceived(last.samples + samples)
        else:
            self._put(AudioReceived(samples))
        self._unread_audio += len(samples)
        while self._unread_audio > MAX_UNREAD_AUDIO:
            self._drop_oldest_audio()

    def _put(self, received: AudioReceived | KeyReceived) -> None:
        if len(self._unread) >= MAX_UNREAD:
            raise ProtocolError(f"AudioSocket: over {MAX_UNREAD} frames that nobody took", "unread")
        self._unread.append(received)
        self._arrived.set()

    def _drop_oldest_audio(self) -> None:
        oldest = next(item for item in self._unread if isinstance(item, AudioReceived))
        self._unread.remove(oldest)
        self._unread_audio -= len(oldest.samples)
        self.frames_overrun += 1

    def _too_late(self) -> None:
        if self._call_id:
            late = ProtocolError(f"AudioSocket: a frame not whole within {FRAME_S:g} s", "unfinished_frame")
        else:
            late = ProtocolError(f"AudioSocket: no UUID within {INTRODUCTION_S:g} s of connecting", "no_uuid")
        self.refuse(late)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end(self) -> None:
        if not self._ended.is_set():
            self._stop_waiting()
            self._ended.set()
            self._unread.append(LineClosed())
            self._arrived.set()
            self._keeper.line_ended(self)
