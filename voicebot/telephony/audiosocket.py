"""AudioSocket: Asterisk connects here and brings the sound of one call.

The first frame names the call, then comes audio at the pace of the line. The
bot keeps its own pace: one frame per 20 ms goes back. Sources: Asterisk's ``res_audiosocket.c`` and
``app_audiosocket.c``, and what they did when measured.

The protocol knows no password. Who can connect can have the bot's ear, but not more of it than there
are calls: what does not behave as Asterisk does is closed and counted, and never takes a call's place.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Self, TypeAlias

import structlog

from voicebot.errors import ProtocolError
from voicebot.logs import Refusals
from voicebot.telephony.allowance import Allowance
from voicebot.telephony.audiosocket_line import AudioSocketLine
from voicebot.telephony.transport import CallTransport

Network: TypeAlias = IPv4Network | IPv6Network

CLOSE_GRACE_S = 1.0
"""Calls whose line was closed under them have this long to end by themselves."""
AGAIN_S = 0.05
"""Between two looks whether more calls may begin."""
ACCEPT_PAUSE_S = 0.2
"""After the system refused us a connection, as when there are too many files."""
NEW_S = 0.02
"""A connection without UUID counts as a call for this long: Asterisk's UUID comes within 1 ms."""
MAX_STRANGERS = 64
"""Connections that may wait for their UUID; Asterisk sends it at once, so few ever do."""

log = structlog.get_logger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket for `AudioSocketServer`; workers may inherit it. Raises OSError."""
    return socket.create_server((host, port), backlog=512)


class AudioSocketServer:
    """Answers Asterisk: one `on_call` task per connection, as many as `max_calls`.

    In the long run no more than `calls_per_s` begin: beginning one takes computing that others need.
    When it is full it takes nothing: connections are left to others that listen on the same socket, or wait.
    A connection is a call from its UUID on. Until then it is one of `MAX_STRANGERS`, of which the oldest
    makes way. `allow` says from which networks connections are taken; from anywhere when it is empty.
    Closes this process's copy of the listening socket when it stops answering. Whatever goes wrong with a
    call closes its connection only; its dialplan then goes on to a human.
    """

    def __init__(
        self,
        listening: socket.socket,
        on_call: Callable[[CallTransport], Awaitable[None]],
        *,
        max_calls: int,
        calls_per_s: float = 1000.0,
        allow: Sequence[Network] = (),
    ) -> None:
        self._listening = listening
        self._on_call = on_call
        self._max_calls = max_calls
        self._begins = Allowance(calls_per_s, max_calls, asyncio.get_running_loop().time())
        self._allow = allow
        self._answering = self._closed = False
        self._retry: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._opening: set[asyncio.Task[object]] = set()
        self._new: set[AudioSocketLine] = set()
        self._strangers: dict[AudioSocketLine, None] = {}
        self._lines: dict[asyncio.Task[None], AudioSocketLine] = {}
        self.refusals = Refusals("audiosocket_refused")
        """Every connection that was closed on the peer, by cause."""
        self.calls_answered = 0
        """Calls that were ever served."""

    @property
    def active(self) -> int:
        """Calls now being served."""
        return len(self._lines)

    @property
    def room(self) -> int:
        """Calls that there is still a place for; who is only connected takes none, nor who has left."""
        return self._places() if self._answering else 0

    @property
    def calls_refused(self) -> int:
        """Calls that told their UUID so late that there was no room any more."""
        return self.refusals.counts["full"]

    @property
    def lines_broken(self) -> int:
        """Connections closed because they were no call: they broke the protocol, or were not allowed."""
        return self.refusals.counts.total() - self.calls_refused

    def start(self) -> None:
        """Start answering, or go on with it after a pause."""
        if not self._answering:
            self._listening.setblocking(False)
            self._answering = True
            self._listen()

    def pause(self) -> None:
        """Take no new connections until `start`; what comes waits, or goes to others that listen."""
        for timer in (self._retry, self._again):
            if timer is not None:
                timer.cancel()
        self._retry = self._again = None
        self._answering = False
        self._listen()

    async def drain(self, within_s: float) -> None:
        """Stop answering; wait until the calls under way are over, at most `within_s`."""
        self._stop_answering()
        await asyncio.sleep(NEW_S)  # what was just taken may be a call yet
        self._close_strangers()
        if self._lines:
            await asyncio.wait(self._lines, timeout=within_s)

    async def close(self) -> None:
        """Stop answering and close every line; a call that does not end by itself is cancelled."""
        self._stop_answering()
        self._closed = True
        self._close_strangers()
        for line in self._lines.values():
            line.close()
        await self.drain(CLOSE_GRACE_S)
        tasks = list(self._lines)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        """Start answering."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every line."""
        await self.close()

    def _stop_answering(self) -> None:
        self.pause()
        self._listening.close()

    def _close_strangers(self) -> None:
        for stranger in list(self._strangers):
            stranger.close()

    # ----------------------------------------------------------------- connections

    def _listen(self) -> None:
        """Be told of connections exactly as long as there is a place for each: so no two take one."""
        if self._listening.fileno() < 0:
            return
        loop = asyncio.get_running_loop()
        if self.room > len(self._new):
            loop.add_reader(self._listening, self._accept)
            return
        loop.remove_reader(self._listening)
        if self._answering and self._again is None:
            self._again = loop.call_later(AGAIN_S, self._listen_again)

    def _listen_again(self) -> None:
        self._again = None
        self._listen()

    def _accept(self) -> None:
        """Take one connection; the next one may be for another that listens."""
        try:
            connection, address = self._listening.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:  # out of files: try again when some are closed
            self.refusals.add("accept_failed", error=error.strerror or type(error).__name__)
            self.pause()
            self._retry = asyncio.get_running_loop().call_later(ACCEPT_PAUSE_S, self.start)
            return
        if self._allow and not any(ip_address(address[0]) in network for network in self._allow):
            connection.close()
            self.refusals.add("not_allowed", host=address[0])
            return
        self._welcome(connection)

    def _welcome(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        line = AudioSocketLine(self)
        self._new.add(line)
        loop.call_later(NEW_S, self._settle, line)
        opening = loop.create_task(loop.connect_accepted_socket(lambda: line, connection))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        self._listen()

    def _settle(self, line: AudioSocketLine) -> None:
        """Count a connection for what it is, and no longer for what it may be."""
        self._new.discard(line)
        self._listen()

    def _over(self, call: asyncio.Task[None]) -> None:
        del self._lines[call]
        self._listen()

    # ----------------------------------------------------------------- LineKeeper

    def line_opened(self, line: AudioSocketLine) -> None:
        """Let a stranger in; the one that waits longest makes way when there are too many."""
        if self._closed:  # while the connection was being opened
            line.close()
            return
        self._strangers[line] = None
        if len(self._strangers) > MAX_STRANGERS:
            oldest = next(iter(self._strangers))
            oldest.refuse(ProtocolError(f"AudioSocket: over {MAX_STRANGERS} without UUID", "crowded"))

    def line_introduced(self, line: AudioSocketLine) -> None:
        """Serve the call, when there is room for it."""
        del self._strangers[line]
        self._new.discard(line)
        if not self._places():
            line.hang_up()
            line.close()
            self.refusals.add("full", active=self.active, max_calls=self._max_calls)
        elif any(line.call_id == other.call_id for other in self._lines.values()):
            line.refuse(ProtocolError("AudioSocket: the UUID of a call that is going on", "same_uuid"))
        else:
            loop = asyncio.get_running_loop()
            self._begins.take(1, loop.time())
            task = loop.create_task(self._serve(line))
            self._lines[task] = line
            task.add_done_callback(self._over)
            self.calls_answered += 1

    def line_refused(self, error: ProtocolError) -> None:
        """Count it."""
        self.refusals.add(error.cause, error=str(error))

    def line_ended(self, line: AudioSocketLine) -> None:
        """Forget a stranger; a call is over when its task is."""
        self._strangers.pop(line, None)
        self._settle(line)

    # ----------------------------------------------------------------- calls

    def _places(self) -> int:
        """Return how many more calls may begin; those whose caller has left are soon over."""
        on_the_line = sum(not line.closed for line in self._lines.values())
        begins = int(self._begins.left(asyncio.get_running_loop().time()))
        return max(0, min(self._max_calls - on_the_line, 2 * self._max_calls - self.active, begins))

    async def _serve(self, line: AudioSocketLine) -> None:
        try:
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
