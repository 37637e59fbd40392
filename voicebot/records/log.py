"""The event log: takes each message of each call at once, and writes it later."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Protocol

import structlog

from voicebot.errors import RecordsError
from voicebot.events import CallEnded, Entry
from voicebot.records.redaction import Redactor

BATCH = 200
"""Entries per transaction."""
BATCH_S = 0.2
"""Longest wait until an entry is written."""
LONGEST_PAUSE_S = 30.0
"""Between two tries of a failing store."""
MOST_CALLS = 1000
"""Calls whose tokens are kept at once; only ever reached when calls break off without a `CallEnded`."""

log = structlog.get_logger(__name__)


class Store(Protocol):
    """Where entries go: an `EventStore`."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Store `entries`; raises RecordsError."""
        ...


class EventLog:
    """Redacts entries and stores them in batches, away from the audio path. Belongs to one event loop.

    `run` is `Clock.run`; `limit` is how many entries may wait; `on_redacted` are told each entry as it
    will be stored, and must neither block nor raise.
    """

    def __init__(
        self,
        store: Store,
        run: Callable[[Callable[[], None]], Awaitable[None]],
        limit: int = 10_000,
        on_redacted: Sequence[Callable[[Entry], None]] = (),
    ) -> None:
        self._store = store
        self._run = run
        self._limit = limit
        self._on_redacted = on_redacted
        self._redactors: OrderedDict[str, Redactor] = OrderedDict()
        self._waiting: deque[Entry] = deque()
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._writing = asyncio.Lock()
        self.dropped = 0
        """Entries lost because too many were waiting."""
        self.failures = 0
        """Failed tries since the store last worked; 0 when all is well."""

    def note(self, entry: Entry) -> None:
        """Take an entry; never blocks and never waits for the database."""
        entry = self._redact(entry)
        for tell in self._on_redacted:
            tell(entry)
        if len(self._waiting) >= self._limit:
            self.dropped += 1
            return
        self._waiting.append(entry)
        self._arrived.set()
        if len(self._waiting) >= BATCH:
            self._full.set()

    async def run(self) -> None:
        """Write what comes in, until cancelled; a failing store is tried again and again."""
        while True:
            await self._arrived.wait()
            await self._wait_for_batch()
            try:
                await self.flush()
            except RecordsError:
                await asyncio.sleep(min(BATCH_S * 2 ** min(self.failures, 10), LONGEST_PAUSE_S))

    async def flush(self) -> None:
        """Write everything that waits; raises RecordsError when the store fails (nothing is lost then)."""
        async with self._writing:
            while self._waiting:
                batch = list(islice(self._waiting, BATCH))
                try:
                    await self._run(partial(self._store.append, batch))
                except Exception as error:
                    raise self._failed(error) from error
                self.failures = 0
                for _ in batch:
                    self._waiting.popleft()
            self._arrived.clear()
            self._full.clear()

    def _failed(self, error: Exception) -> RecordsError:
        """Count a failed try, and say so the first time."""
        self.failures += 1
        told = error if isinstance(error, RecordsError) else RecordsError(type(error).__name__)
        if self.failures == 1:
            log.error("event log not written; it waits", error=str(told), waiting=len(self._waiting))
        return RecordsError(f"the event log cannot be written: {told}")

    async def _wait_for_batch(self) -> None:
        try:
            async with asyncio.timeout(BATCH_S):
                await self._full.wait()
        except TimeoutError:
            return

    def _redact(self, entry: Entry) -> Entry:
        redactor = self._redactors.pop(entry.call_id, None) or Redactor()
        if not isinstance(entry.message, CallEnded):
            self._redactors[entry.call_id] = redactor
        if len(self._redactors) > MOST_CALLS:
            self._redactors.popitem(last=False)
        return replace(entry, message=redactor.redact(entry.message))
