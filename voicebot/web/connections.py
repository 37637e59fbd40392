"""The HTTP connections of the status page: bounded in number, size and time."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from voicebot.logs import Refusals

MOST_CONNECTIONS = 200
LARGEST_HEAD = 16 * 1024
"""Bytes of a request line and headers."""
REQUEST_S = 10.0
"""Every connection begins a new request at least so often; a page asks every few seconds."""


class Connection(H11Protocol):
    """uvicorn's connection, and what it lacks.

    It kept connections without end that never sent a whole request, had no most of them, logged a line for
    each bad request, and a traceback for a bad one behind a good one.
    """

    def __init__(self, *args: Any, refusals: Refusals, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refusals = refusals
        self._answered: RequestResponseCycle | None = None
        self._check: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse("crowded")
        else:
            self._check = self.loop.call_later(REQUEST_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._check is not None:
            self._check.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        try:
            super().data_received(data)
        except h11.LocalProtocolError:  # it cannot be told so while the answer before it goes out
            self._refuse("bad_request")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refusals.add("bad_request")
        super().send_400_response(msg)

    def _look(self) -> None:
        if self.cycle is self._answered:
            self._refuse("slow")
        else:
            self._answered = self.cycle
            self._check = self.loop.call_later(REQUEST_S, self._look)

    def _refuse(self, cause: str) -> None:
        self._refusals.add(cause)
        self.transport.abort()
