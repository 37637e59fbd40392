"""A TCP relay to Asterisk's Manager, for a network that misbehaves."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Literal, Self

CHUNK = 65536
LATE_S = 1.0

Mood = Literal["passes", "is late", "swallows", "cuts", "is gone"]
"""What it does with answers: pass them on, late, or not at all. ``cuts``: it breaks the link at a Setvar."""


class Relay:
    """Stands at a port of its own before the port `target` of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.mood: Mood = "passes"
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """Where to connect to."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break every link now."""
        for writer in list(self._links):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mood == "is gone":
            writer.transport.abort()
            return
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            self._links |= {writer, back}
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pass_on(reader, back, answers=False))
                    group.create_task(self._pass_on(there, writer, answers=True))
            finally:
                for end in (writer, back):
                    self._links.discard(end)
                    end.transport.abort()

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                if answers and self.mood == "is late":
                    await asyncio.sleep(LATE_S)
                if self.mood == "cuts" and b"Setvar" in data:
                    self.cut()
                if not (answers and self.mood == "swallows"):
                    sink.write(data)
        sink.transport.abort()
