"""Any call by its id, for the agent whose telephone shows that id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from voicebot.errors import RecordsError
from voicebot.events import Entry
from voicebot.web.live import LiveCall, LiveCalls, lost, retold

ReadLog = Callable[[str], Sequence[Entry]]


class CallFinder:
    """Looks among the calls in view, then in the event log, which is read by `run` (`Clock.run`)."""

    def __init__(
        self,
        live: LiveCalls,
        read: ReadLog,
        run: Callable[[Callable[[], Sequence[Entry]]], Awaitable[Sequence[Entry]]],
    ) -> None:
        self._live = live
        self._read = read
        self._run = run

    async def find(self, call_id: str) -> LiveCall | None:
        """Return the call; None when it is not there, or the event log cannot be read."""
        call = self._live.find(call_id)
        if call is not None and call.started_at:
            return call
        try:
            told = retold(await self._run(partial(self._read, call_id)))
        except RecordsError:
            return call
        if told is None:
            return call
        return told if call or told.outcome else lost(told)
