"""AudioSocket: Asterisk connects here and brings the sound of one call.

The first frame names the call, then comes audio at the pace of the line. The
bot keeps its own pace: one frame per 20 ms goes back. Sources: Asterisk's ``res_audiosocket.c`` and
``app_audiosocket.c``, and what they did when measured.
"""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self, cast

import structlog

from voicebot.errors import ProtocolError
from voicebot.telephony.audiosocket_frames import AUDIO, HANG_UP, KEY, UUID, Frame, FrameParser
from voicebot.telephony.transport import (
    FRAME_BYTES,
    RATE,
    AudioReceived,
    CallTransport,
    KeyReceived,
    LineClosed,
    Received,
)

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
FAREWELL_S = 1.0
"""After 0x00 the peer has this long to leave, so that it reads the 0x00 before the socket goes."""
CLOSE_GRACE_S = 1.0
"""Calls whose line was closed under them have this long to end by themselves."""

log = structlog.get_logger(__name__)


class AudioSocketLine(asyncio.Protocol):
    """One connection from Asterisk: a `CallTransport`.

    Reading never stops: what is not received in time is dropped, oldest first, and counted.
    """

    def __init__(
        self, on_open: Callable[[AudioSocketLine], None], on_broken: Callable[[ProtocolError], None]
    ) -> None:
        self._on_open = on_open
        self._on_broken = on_broken
        self._transport: asyncio.Transport
        self._parser = FrameParser()
        self._call_id = ""
        self._introduced = asyncio.Event()
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

    async def introduced(self) -> bool:
        """Wait for the call's UUID; return False when the peer left or broke the protocol instead."""
        try:
            async with asyncio.timeout(INTRODUCTION_S):
                await self._introduced.wait()
        except TimeoutError:
            self._break(ProtocolError(f"AudioSocket: no UUID within {INTRODUCTION_S:g} s of connecting"))
        return self._call_id != ""

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
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        # asyncio does so only for sockets made with an explicit IPPROTO_TCP
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        """Take what came, for asyncio."""
        try:
            for frame in self._parser.feed(data):
                self._take(frame)
        except ProtocolError as error:
            self._break(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, for asyncio: the peer is gone."""
        self._end()

    # ----------------------------------------------------------------- inside

    def _take(self, frame: Frame) -> None:
        if self._ended.is_set():
            return
        if frame.kind == AUDIO:
            if frame.payload:
                self._put(AudioReceived(frame.payload))
        elif frame.kind == KEY:
            self._put(KeyReceived(frame.payload.decode("ascii")))
        elif frame.kind == UUID:
            self._call_id = str(uuid.UUID(bytes=frame.payload))
            self._introduced.set()
        else:
            self.close()

    def _put(self, received: AudioReceived | KeyReceived) -> None:
        if len(self._unread) >= MAX_UNREAD:
            raise ProtocolError(f"AudioSocket: over {MAX_UNREAD} frames that nobody took")
        self._unread.append(received)
        self._arrived.set()
        if isinstance(received, AudioReceived):
            self._unread_audio += len(received.samples)
            while self._unread_audio > MAX_UNREAD_AUDIO:
                self._drop_oldest_audio()

    def _drop_oldest_audio(self) -> None:
        oldest = next(item for item in self._unread if isinstance(item, AudioReceived))
        self._unread.remove(oldest)
        self._unread_audio -= len(oldest.samples)
        self.frames_overrun += 1

    def _break(self, error: ProtocolError) -> None:
        if not self._ended.is_set():
            self.close()
            self._on_broken(error)

    def _end(self) -> None:
        if not self._ended.is_set():
            self._ended.set()
            self._unread.append(LineClosed())
            self._arrived.set()
            self._introduced.set()


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket for `AudioSocketServer`; workers may inherit it. Raises OSError."""
    return socket.create_server((host, port), backlog=128)


FULL_PAUSE_S = 0.2
"""How long a full worker leaves a new call to the others that listen on the same socket."""


class AudioSocketServer:
    """Answers Asterisk: one `on_call` task per connection, as many as `max_calls`.

    Closes this process's copy of the listening socket when it stops answering. Whatever goes wrong with a
    call closes its connection only; its dialplan then goes on to a human.
    """

    def __init__(
        self,
        listening: socket.socket,
        on_call: Callable[[CallTransport], Awaitable[None]],
        *,
        max_calls: int,
    ) -> None:
        self._listening = listening
        self._on_call = on_call
        self._max_calls = max_calls
        self._accepting: asyncio.Task[None] | None = None
        self._lines: dict[asyncio.Task[None], AudioSocketLine] = {}
        self.calls_refused = 0
        """Connections over `max_calls`."""
        self.lines_broken = 0
        """Connections that broke the protocol."""

    @property
    def active(self) -> int:
        """Connections now being served."""
        return len(self._lines)

    async def start(self) -> None:
        """Start answering."""
        self._listening.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())

    async def drain(self, within_s: float) -> None:
        """Stop answering; wait until the calls under way are over, at most `within_s`."""
        self._stop_answering()
        if self._lines:
            await asyncio.wait(self._lines, timeout=within_s)

    async def close(self) -> None:
        """Stop answering and close every line; a call that does not end by itself is cancelled."""
        self._stop_answering()
        for line in self._lines.values():
            line.close()
        await self.drain(CLOSE_GRACE_S)
        tasks = list(self._lines)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        """Start answering."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every line."""
        await self.close()

    def _stop_answering(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
        self._listening.close()

    async def _accept(self) -> None:
        """Take connections; when full, only those that no other worker took, to refuse them."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                if self.active < self._max_calls:
                    connection, _ = await loop.sock_accept(self._listening)
                else:
                    await asyncio.sleep(FULL_PAUSE_S)
                    connection, _ = self._listening.accept()
            except BlockingIOError:
                continue
            except OSError as error:  # out of files: try again when some are closed
                log.error("accept_failed", error=error.strerror)
                await asyncio.sleep(FULL_PAUSE_S)
                continue
            connection.setblocking(False)
            await loop.connect_accepted_socket(
                lambda: AudioSocketLine(self._opened, self._broken), connection
            )

    def _opened(self, line: AudioSocketLine) -> None:
        if self.active >= self._max_calls:
            self.calls_refused += 1
            log.warning("call_refused", active=self.active, max_calls=self._max_calls)
            line.hang_up()
            line.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(line))
        self._lines[task] = line
        task.add_done_callback(self._lines.pop)

    def _broken(self, error: ProtocolError) -> None:
        self.lines_broken += 1
        log.warning("line_broken", error=str(error))

    async def _serve(self, line: AudioSocketLine) -> None:
        try:
            if await line.introduced():
                await self._on_call(line)
                await line.farewell()
        except Exception as error:
            log.error("call_crashed", call_id=line.call_id, error=type(error).__name__)
        finally:
            line.close()
            if line.frames_refused or line.frames_overrun:
                log.warning(
                    "frames_dropped",
                    call_id=line.call_id,
                    refused=line.frames_refused,
                    overrun=line.frames_overrun,
                )
