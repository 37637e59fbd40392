"""The calls of the last hours that did not end well with the bot alone: handed over, or hung up on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from voicebot.event_json import decode
from voicebot.events import CallStarted, IntentRecognised, Message, NoteFrustration, Transfer
from voicebot.records.database import Database
from voicebot.records.passages import PASSAGES, Passage
from voicebot.records.tables import callbacks, calls, entries, passages

_TOLD_IN = [each.__name__ for each in (CallStarted, IntentRecognised, NoteFrustration, Transfer)]


@dataclass(slots=True)
class CallOfDay:
    """One call that was handed over, or in which the caller hung up."""

    call_id: str
    started_at: str
    """ISO 8601 with zone."""
    topic: str = ""
    """What the caller came for, in Dutch; empty when not known."""
    frustration: float = 0.0
    """0 calm .. 1 frustrated, at the end with the bot."""
    signs: tuple[str, ...] = ()
    """What shows it, oldest first, in Dutch."""
    transferred_at: str = ""
    """ISO 8601 with zone; empty for a caller who hung up on the bot."""
    reason: str = ""
    """The code in `Transfer.reason`."""
    evidence: tuple[str, ...] = ()
    """What led to the hand-over, oldest first, in Dutch."""
    passage: Passage | None = None
    """Their way through the queue; None when nothing was told of it."""


class Day:
    """The calls in the database at `url`; blocking, every method raises RecordsError on failure."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, (calls, entries, passages, callbacks))

    @classmethod
    def in_folder(cls, data: Path) -> Day:
        """Return that of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}")

    def calls(self, since: datetime, limit: int) -> list[CallOfDay]:
        """Return at most `limit` that began at `since` (with zone) or later, the newest first."""
        query = sa.select(calls.c.call_id, calls.c.started_at).order_by(calls.c.started_at.desc())
        query = query.where(calls.c.outcome.in_(("transferred", "abandoned"))).limit(limit)
        with self._database.reading() as connection:
            found = {
                row.call_id: CallOfDay(row.call_id, row.started_at)
                for row in connection.execute(query)
                if datetime.fromisoformat(row.started_at) >= since
            }
            told = sa.select(entries.c.call_id, entries.c.at_ms, entries.c.body).order_by(entries.c.seq)
            told = told.where(entries.c.call_id.in_(found), entries.c.type.in_(_TOLD_IN))
            topics: dict[str, Mapping[str, str]] = {}
            for row in connection.execute(told):
                _follow(found[row.call_id], topics, row.at_ms, decode(row.body))
            for passage in map(list[Any], connection.execute(PASSAGES.where(passages.c.call_id.in_(found)))):
                found[passage[0]].passage = Passage(*passage)
        return list(found.values())

    def callbacks(self, since: datetime, limit: int) -> list[Mapping[str, Any]]:
        """Return at most `limit` callers to call back, the first first, and those given up on after `since`.

        Each has the columns of the table and a ``topic``, what they came for in Dutch, but no number.
        """
        shown = [column for column in callbacks.c if column.name not in ("number", "fingerprint")]
        query = sa.select(*shown).order_by(callbacks.c.id.desc()).limit(limit)
        query = query.where(callbacks.c.status.in_(("open", "calling", "failed", "expired")))
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
            of_calls = entries.c.call_id.in_([row["call_id"] for row in rows])
            started = sa.select(entries.c.call_id, entries.c.body)
            started = started.where(of_calls, entries.c.type == CallStarted.__name__)
            topics = {row.call_id: row.body.get("topics", {}) for row in connection.execute(started)}
        return [
            {**row, "topic": topics.get(row["call_id"], {}).get(row["intent"], "")}
            for row in reversed(rows)
            if row["done_at"] is None or datetime.fromisoformat(row["done_at"]) >= since
        ]

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _follow(call: CallOfDay, topics: dict[str, Mapping[str, str]], at_ms: int, message: Message) -> None:
    match message:
        case CallStarted(topics=of_bot):
            topics[call.call_id] = of_bot
        case IntentRecognised(intent=intent):
            call.topic = topics.get(call.call_id, {}).get(intent, call.topic)
        case NoteFrustration(level=level, evidence=evidence):
            call.frustration, call.signs = level, tuple(evidence)
        case Transfer(reason=reason, evidence=evidence):
            at = datetime.fromisoformat(call.started_at) + timedelta(milliseconds=at_ms)
            call.transferred_at = at.isoformat(timespec="seconds")
            call.reason, call.evidence = reason, tuple(evidence)
