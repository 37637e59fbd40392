"""The bot's end of a real line: the server that answers Asterisk, in this process, on the wall clock."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Self

from voicebot.call import Call
from voicebot.clock import PinnedClock
from voicebot.events import CallEnded, Entry
from voicebot.house import House
from voicebot.replay.caller_end import CallerEnd
from voicebot.replay.fixture import Fixture
from voicebot.replay.fixture_backend import FixtureBackend
from voicebot.replay.replayed import Replayed
from voicebot.telephony import AudioSocketServer, CallControl, CallTransport, listen

HOST = "127.0.0.1"


class BotPart:
    """The bot's part in one call; made before it, and answered by a `BotEnd`."""

    def __init__(self, fixture: Fixture, house: House, control: CallControl) -> None:
        self.entries: list[Entry] = []
        """The event log so far."""
        self.call_id = ""
        self.begun = asyncio.Event()
        self.ended: asyncio.Future[CallEnded] = asyncio.get_running_loop().create_future()
        self._began = 0.0
        self._over = threading.Event()
        self._backend = FixtureBackend(fixture, self._over.wait)  # a slow one does not outlive the call
        self._held_before = self._backend.state()
        self._house = replace(
            house,
            backend=self._backend,
            control=control,
            clock=PinnedClock(fixture.clock),
            note=self.entries.append,
        )

    def now_ms(self) -> int:
        """Return how long the call lasts now."""
        return round(1000 * (asyncio.get_running_loop().time() - self._began))

    def replayed(self, end: CallerEnd, context: dict[str, str]) -> Replayed:
        """Return what the call leaves behind, which `end` was the other side of."""
        return Replayed(
            self.entries, end.turns, *end.both(), context, self._held_before, self._backend.state()
        )

    async def serve(self, line: CallTransport) -> None:
        """Have the call; what it ends with, or raises, is in `ended`."""
        self.call_id, self._began = line.call_id, asyncio.get_running_loop().time()
        self.begun.set()
        try:
            ended = await Call(line, self._house).run()
        except Exception as error:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(ended)
        finally:
            self._over.set()


class BotEnd:
    """Answers AudioSocket at `HOST`, `port`; each connection is the part that is expected then."""

    def __init__(self) -> None:
        listening = listen(HOST, 0)
        self.port: int = listening.getsockname()[1]
        self._expected: BotPart | None = None
        self._server = AudioSocketServer(listening, self._answer, max_calls=2)

    async def __aenter__(self) -> Self:
        self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def expect(self, part: BotPart) -> None:
        """Let `part` be the next call."""
        self._expected = part

    async def _answer(self, line: CallTransport) -> None:
        part, self._expected = self._expected, None
        if part is not None:
            await part.serve(line)
