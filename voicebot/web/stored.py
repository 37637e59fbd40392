"""What the pages read from and write to the records; the blocking work is done elsewhere by a `Clock`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from voicebot.clock import Clock
from voicebot.errors import RecordsError
from voicebot.handoff import ContextPackage
from voicebot.records import CallOfDay, Contexts, Day, Feedback, Outbox
from voicebot.web.board import Board, HandedOver, HungUpAngry, ToCallBack
from voicebot.web.live import ANGRY

MOST_CALLS = 500
MOST_SHOWN = 100
"""Of each kind, on the page."""
_DAY = timedelta(hours=24)


class _Store(Protocol):
    def close(self) -> None: ...


_S = TypeVar("_S", bound=_Store)
_R = TypeVar("_R")


class StoredDesk:
    """The `Desk` of the voicebot whose data folder this is."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data = data
        self._clock = clock

    async def claim(self, token: str) -> str | None:
        """Return the call that a one-time link is for, once."""
        return await self._with(Contexts.in_folder, lambda store: store.claim(token, _now()))

    async def find(self, token: str) -> str | None:
        """Return the call that a one-time link is or was for."""
        return await self._with(Contexts.in_folder, lambda store: store.find(token))

    async def package(self, call_id: str) -> ContextPackage | None:
        """Return what goes along with a call; None when there is none."""
        text = await self._with(Contexts.in_folder, lambda store: store.get(call_id))
        try:
            return None if text is None else ContextPackage.from_json(text)
        except ValueError as error:
            raise RecordsError(f"the package of call {call_id} cannot be read: {error}") from None

    async def mark(self, call_id: str, right_intent: str, by: str) -> None:
        """Note that the bot was wrong."""
        await self._with(Feedback.in_folder, lambda store: store.mark(call_id, right_intent, by, _now()))

    async def unmark(self, call_id: str) -> None:
        """Note that it was not."""
        await self._with(Feedback.in_folder, lambda store: store.unmark(call_id))

    async def marked(self, call_id: str) -> str | None:
        """Return the right intent that was noted."""
        found = await self._with(Feedback.in_folder, lambda store: store.of(call_id))
        return None if found is None else found.right_intent

    async def _with(self, opened: Callable[[Path], _S], work: Callable[[_S], _R]) -> _R:
        def whole() -> _R:
            store = opened(self._data)
            try:
                return work(store)
            finally:
                store.close()

        return await self._clock.run(whole)


def read_board(data: Path, now: datetime) -> Board:
    """Return what happened in the 24 hours before `now` (with zone); blocking, raises RecordsError."""
    day, outbox = Day.in_folder(data), Outbox.in_folder(data)
    try:
        found = day.calls(now - _DAY, MOST_CALLS)
        return Board(
            tuple(_handed_over(call) for call in found if call.transferred_at)[:MOST_SHOWN],
            tuple(_angry(call) for call in found if _hung_up_angry(call))[:MOST_SHOWN],
            tuple(map(_to_call_back, day.callbacks(now - _DAY, MOST_SHOWN))),
            outbox.waiting(),
            outbox.given_up(),
        )
    finally:
        day.close()
        outbox.close()


def _handed_over(call: CallOfDay) -> HandedOver:
    passage = call.passage
    ending = passage.ended_how if passage else ""
    ended_at = getattr(passage, f"{ending}_at") if ending else None
    began_at = passage.queued_at if passage and passage.queued_at else call.transferred_at
    waited = ended_at and datetime.fromisoformat(ended_at) - datetime.fromisoformat(began_at)
    return HandedOver(
        call.call_id,
        call.transferred_at,
        call.topic,
        call.reason,
        call.evidence,
        call.frustration,
        ending,
        round(waited.total_seconds()) if waited is not None else None,
        passage.agent if passage else "",
    )


def _hung_up_angry(call: CallOfDay) -> bool:
    gave_up = call.passage is not None and call.passage.ended_how == "abandoned"
    return call.frustration >= ANGRY and (gave_up or not call.transferred_at)


def _angry(call: CallOfDay) -> HungUpAngry:
    return HungUpAngry(call.call_id, call.started_at, call.topic, bool(call.transferred_at), call.signs)


def _to_call_back(row: Any) -> ToCallBack:
    return ToCallBack(
        row["id"], row["requested_at"], row["topic"], row["status"], row["tries"], row["not_before"] or ""
    )


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")
