"""Where calls go that no worker can take."""

from __future__ import annotations

import socket

from voicebot.logs import Refusals
from voicebot.telephony import AudioSocketServer, CallTransport

MOST_AT_ONCE = 100
"""Callers being turned away; each is one for as long as Asterisk takes to leave, a few ms."""


class Gate:
    """Turns calls away, so that their dialplan goes on to a human at once; open as long as none can be taken.

    It listens on the workers' own socket. Full workers leave calls in the queue of that socket; with the gate
    open they do not stay there.
    """

    def __init__(self, listening: socket.socket) -> None:
        self._server = AudioSocketServer(listening, self._turn_away, max_calls=MOST_AT_ONCE)
        self._refusals = Refusals("calls_turned_away")
        self._cause = ""

    @property
    def refused(self) -> int:
        """Calls turned away."""
        return self._refusals.counts.total()

    @property
    def lines_broken(self) -> int:
        """Connections that were no call."""
        return self._server.lines_broken

    def open(self, cause: str) -> None:
        """Turn calls away from now on, because of `cause`: ``full`` or ``no_worker``."""
        self._cause = cause
        self._server.start()

    def shut(self) -> None:
        """Leave calls to the workers."""
        self._server.pause()

    async def close(self) -> None:
        """Let go of the listening socket."""
        await self._server.close()

    async def _turn_away(self, line: CallTransport) -> None:
        self._refusals.add(self._cause)
        line.hang_up()
