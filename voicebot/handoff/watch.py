"""Keeps an eye on the queues of Asterisk: events as they come, and a list every two seconds."""

from __future__ import annotations

import asyncio

from voicebot.errors import ManagerError
from voicebot.handoff.queue import QueueSnapshot, QueueState
from voicebot.telephony import ManagerClient

POLL_S = 2.0
RETRY_S = 0.2
"""Without a link: how soon it is looked at again."""


class QueueWatch:
    """Knows the queues as long as `run` runs; right again at once after Asterisk or the link was away."""

    def __init__(self, manager: ManagerClient, state: QueueState) -> None:
        self._manager = manager
        self._state = state
        self._session = 0
        """The one of which all is known; 0: none."""
        manager.subscribe(state.apply)

    def snapshot(self) -> tuple[QueueSnapshot, ...] | None:
        """Return the queues; None when the telephone exchange does not answer."""
        return self._state.snapshot() if self._current else None

    @property
    def _current(self) -> bool:
        return self._manager.connected and self._session == self._manager.sessions

    async def run(self) -> None:
        """Ask for the queues every two seconds, until cancelled."""
        while True:
            try:
                await self._look()
            except ManagerError:
                self._session = 0
            await asyncio.sleep(POLL_S if self._current else RETRY_S)

    async def _look(self) -> None:
        session = self._manager.sessions
        items = await self._manager.action_list("QueueStatus", "QueueStatusComplete")
        if not self._current:  # events may have been missed: who is who is asked as well
            self._state.lose()
            items += await self._manager.action_list(
                "Status", "StatusComplete", Variables="VB_CALL,VB_REASON,QUEUE_PRIO"
            )
        for event, fields in items:
            self._state.apply(event, fields)
        self._session = session
