"""The live feed: redacted entries from the workers to the web process, over a bounded local socket.

One entry is one datagram. A page that is slow or absent costs a call nothing: what does not fit is dropped.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from voicebot.events import Entry, decode, encode

LARGEST = 60_000
"""Bytes in one datagram."""
BACKLOG = 1000
"""Entries that may wait; Linux itself holds only about ten datagrams."""


class FeedSender:
    """Sends entries to the `FeedReceiver` at `path`; belongs to one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._waiting: deque[bytes] = deque()
        self.dropped = 0
        """Entries lost: nobody listened, too many waited, or one was too large."""

    def send(self, entry: Entry) -> None:
        """Send `entry`, now or as soon as the receiver has room; never blocks or raises."""
        fields = {"call_id": entry.call_id, "seq": entry.seq, "at_ms": entry.at_ms}
        datagram = json.dumps({**fields, "message": encode(entry.message)}).encode()
        if len(datagram) > LARGEST or len(self._waiting) >= BACKLOG:
            self.dropped += 1
            return
        self._waiting.append(datagram)
        if len(self._waiting) == 1:
            self._push()

    def close(self) -> None:
        """Let go of the socket; what still waits is dropped."""
        self.dropped += len(self._waiting)
        self._waiting.clear()
        self._disconnect()

    def _push(self) -> None:
        """Send what waits until the receiver is full; then go on when it has room."""
        try:
            connected = self._socket or self._connect()
            while self._waiting:
                connected.send(self._waiting[0])
                self._waiting.popleft()
            asyncio.get_running_loop().remove_writer(connected)
        except BlockingIOError:
            asyncio.get_running_loop().add_writer(connected, self._push)
        except OSError:  # no receiver: a web process that starts again makes a new socket
            self.close()

    def _connect(self) -> socket.socket:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect(str(self._path))
        return self._socket

    def _disconnect(self) -> None:
        if self._socket is not None:
            with suppress(RuntimeError):  # the loop may be gone already
                asyncio.get_running_loop().remove_writer(self._socket)
            self._socket.close()
            self._socket = None


class FeedReceiver(asyncio.DatagramProtocol):
    """Hands each entry that arrives at `path` to `on_entry`."""

    def __init__(self, path: Path, on_entry: Callable[[Entry], None]) -> None:
        self._path = path
        self._on_entry = on_entry
        self._transport: asyncio.DatagramTransport | None = None
        self.bad = 0
        """Datagrams that were no entry."""

    async def start(self) -> None:
        """Listen at `path`, for this user only, in place of an earlier receiver; raises OSError."""
        self._path.unlink(missing_ok=True)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            bound.setblocking(False)
            mask = os.umask(0o177)
            try:
                bound.bind(str(self._path))
            finally:
                os.umask(mask)
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=bound)
        except BaseException:
            bound.close()
            raise

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
            self._path.unlink(missing_ok=True)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take one datagram (asyncio calls this)."""
        try:
            fields = json.loads(data)
            message = decode(fields.pop("message"))
            entry = Entry(str(fields["call_id"]), int(fields["seq"]), int(fields["at_ms"]), message)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.bad += 1
        else:
            self._on_entry(entry)
