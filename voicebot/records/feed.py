"""The live feed: redacted entries from the workers, and how the service is, to the web process.

It goes over a bounded local socket. One entry is one datagram. A page that is slow or absent costs a call
nothing: what does not fit is dropped.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from voicebot.event_json import decode, encode
from voicebot.events import Entry
from voicebot.logs import Refusals

LARGEST = 60_000
"""Bytes in one datagram."""
MAX_CALL_ID = 64
"""Characters; Asterisk's have 36."""
BACKLOG = 1000
"""Entries that may wait; Linux itself holds only about ten datagrams."""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How the processes of `voicebot serve` are. Counts are since its start."""

    workers: tuple[int, ...] = ()
    """Process ids of the workers that are there, whatever they do."""
    ready: int = 0
    """Workers that take calls."""
    draining: int = 0
    """Workers that only finish the calls they have."""
    calls: int = 0
    """Calls of this moment."""
    answered: int = 0
    refused: int = 0
    """Calls that went straight to a human, as no worker had room."""
    lines_broken: int = 0
    """Connections that were no call, or broke the protocol."""
    events_dropped: int = 0
    """Lines of the event log that were lost."""
    restarts: int = 0
    """Processes that ended by themselves, and were started again."""
    kills: Mapping[str, int] = field(default_factory=dict)
    """Why a worker was killed -> how often."""


_STATUS = TypeAdapter(ServiceStatus)


class FeedSender:
    """Sends entries and statuses to the `FeedReceiver` at `path`; belongs to one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._waiting: deque[bytes] = deque()
        self.dropped = 0
        """Datagrams lost: nobody listened, too many waited, or one was too large."""

    def send(self, entry: Entry) -> None:
        """Send `entry`, now or as soon as the receiver has room; never blocks or raises."""
        fields = {"worker": os.getpid(), "call_id": entry.call_id, "seq": entry.seq, "at_ms": entry.at_ms}
        self._send({**fields, "message": encode(entry.message)})

    def tell(self, status: ServiceStatus) -> None:
        """Send how the service is, in the same way."""
        self._send({"status": _STATUS.dump_python(status, mode="json")})

    def _send(self, fields: Mapping[str, Any]) -> None:
        datagram = json.dumps(fields).encode()
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
    """Hands what arrives at `path` on: each entry with the process id of its worker, and each status."""

    def __init__(
        self,
        path: Path,
        on_entry: Callable[[Entry, int], None],
        on_status: Callable[[ServiceStatus], None],
    ) -> None:
        self._path = path
        self._on_entry = on_entry
        self._on_status = on_status
        self._transport: asyncio.DatagramTransport | None = None
        self._refusals = Refusals("feed_refused")

    @property
    def bad(self) -> int:
        """Datagrams that were neither."""
        return self._refusals.counts.total()

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
            told = _read(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            self._refusals.add("no_entry", error=type(error).__name__)
            return
        if isinstance(told, ServiceStatus):
            self._on_status(told)
        else:
            self._on_entry(*told)


def _read(fields: Mapping[str, Any]) -> ServiceStatus | tuple[Entry, int]:
    json.dumps(fields, ensure_ascii=False).encode()  # half a character would break a page that shows it
    if "status" in fields:
        return _STATUS.validate_python(fields["status"])
    message = decode(fields["message"])
    entry = Entry(str(fields["call_id"])[:MAX_CALL_ID], int(fields["seq"]), int(fields["at_ms"]), message)
    return entry, int(fields["worker"])
