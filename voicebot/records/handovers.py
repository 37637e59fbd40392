"""Why callers were handed over, and the proof that they came to a human; and which of it was for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from voicebot.errors import RecordsError
from voicebot.event_json import decode
from voicebot.events import CallStarted, PromptFinished, PromptStarted, Transfer
from voicebot.records.database import Database
from voicebot.records.denied import TELLING, human_denied
from voicebot.records.moments import utc
from voicebot.records.passages import PASSAGES, Passage
from voicebot.records.tables import calls, corrections, entries, false_alarms, passages


@dataclass(frozen=True, slots=True)
class Handover:
    """One caller who was handed over."""

    call_id: str
    started_at: str
    """When the call began, ISO 8601 with zone; when that is not known, the queue; empty when neither is."""
    reason: str
    """Empty for a caller who came into the queue though no hand-over was noted: the bot was not there."""
    intent: str
    """What the caller came for; empty when not known."""
    evidence: tuple[str, ...]
    """What led to it, oldest first, in Dutch."""
    false_alarm: bool
    """Whether somebody has marked it as one."""
    disclosed: bool = False
    """Whether the caller heard to its end that a machine spoke."""
    seconds_to_human: float | None = None
    """From the hand-over until a human answered; None when none did, or it is not known."""
    ended_how: str = ""
    """``answered``, ``abandoned``, ``fallback``, or empty when not known (yet)."""
    agent: str = ""
    """Who answered."""
    bot_was_wrong: str | None = None
    """The right intent, empty when it was not told; None when nobody says that the bot had it wrong."""


@dataclass(frozen=True, slots=True)
class Denied:
    """One caller who was denied a human."""

    call_id: str
    started_at: str
    """ISO 8601 with zone."""
    why: str
    """As `human_denied` tells it."""


class Handovers:
    """The hand-overs in the database at `url`; blocking, every method raises RecordsError on failure."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, (calls, entries, false_alarms, passages, corrections))

    @classmethod
    def in_folder(cls, data: Path) -> Handovers:
        """Return those of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}")

    def last(self, limit: int, *, wrong: bool = False) -> list[Handover]:
        """Return the last `limit` hand-overs, the newest first; with `wrong` those that the bot had wrong."""
        marked = sa.select(corrections.c.call_id)
        transferred = _TRANSFERRED.where(entries.c.call_id.in_(marked)) if wrong else _TRANSFERRED
        queued = _QUEUED_ONLY.where(passages.c.call_id.in_(marked)) if wrong else _QUEUED_ONLY
        with self._database.reading() as connection:
            found = [row for query in (transferred, queued) for row in connection.execute(query.limit(limit))]
            newest = sorted(found, key=lambda row: utc(row.at) if row.at else "", reverse=True)[:limit]
            return _proven(connection, {row.call_id: row.at for row in newest})

    def denied(self, limit: int) -> list[Denied]:
        """Return who of the last `limit` calls were denied a human, the newest first."""
        last = sa.select(calls).order_by(calls.c.started_at.desc()).limit(limit).subquery()
        telling = entries.c.type.in_([kind.__name__ for kind in TELLING])
        query = (
            sa.select(last.c.call_id, last.c.started_at, entries.c.body)
            .join_from(last, entries, last.c.call_id == entries.c.call_id)
            .where(telling)
            .order_by(last.c.started_at.desc(), last.c.call_id, entries.c.seq)
        )
        with self._database.reading() as connection:
            by_call = groupby(connection.execute(query), key=lambda row: (row.call_id, row.started_at))
            judged = [
                Denied(*call, human_denied([decode(row.body) for row in rows])) for call, rows in by_call
            ]
        return [one for one in judged if one.why]

    def mark(self, call_id: str, marked_at: str | None) -> None:
        """Note that a hand-over was a false alarm; with None for the moment, that it was none after all."""
        self.check(call_id)
        with self._database.writing() as connection:
            connection.execute(sa.delete(false_alarms).where(false_alarms.c.call_id == call_id))
            if marked_at is not None:
                connection.execute(sa.insert(false_alarms), {"call_id": call_id, "marked_at": marked_at})

    def check(self, call_id: str) -> None:
        """Raise RecordsError when no caller of such a call was handed over."""
        transferred = (entries.c.call_id == call_id) & (entries.c.type == Transfer.__name__)
        queued = sa.select(passages.c.call_id).where(passages.c.call_id == call_id)
        known = sa.select(entries.c.call_id).where(transferred).union(queued)
        with self._database.reading() as connection:
            if connection.scalar(known) is None:
                raise RecordsError(f"no hand-over of a call {call_id}; `voicebot handovers list` shows them")

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def counted(handovers: Sequence[Handover]) -> Mapping[str, tuple[int, int]]:
    """Return for each reason how many there are, and how many of them were false alarms; most first."""
    reasons = [one.reason for one in handovers]
    false = [one.reason for one in handovers if one.false_alarm]
    ordered = sorted(set(reasons), key=reasons.count, reverse=True)
    return {reason: (reasons.count(reason), false.count(reason)) for reason in ordered}


_IS_TRANSFER = entries.c.type == Transfer.__name__
_AT = sa.func.coalesce(calls.c.started_at, "")
_TRANSFERRED = (
    sa.select(entries.c.call_id, _AT.label("at"))
    .distinct()
    .outerjoin_from(entries, calls, calls.c.call_id == entries.c.call_id)
    .where(_IS_TRANSFER)
    .order_by(sa.desc("at"))
)
_QUEUED_ONLY = (
    sa.select(passages.c.call_id, passages.c.at)
    .where(passages.c.call_id.not_in(sa.select(entries.c.call_id).where(_IS_TRANSFER)))
    .order_by(passages.c.at.desc())
)
_PROOF = (CallStarted, PromptStarted, PromptFinished, Transfer)


def _proven(connection: sa.Connection, began: Mapping[str, str]) -> list[Handover]:
    """Return the hand-overs of these calls, which began at these moments, with all that proves them."""

    def of_these(query: sa.Select[Any], table: sa.Table) -> Sequence[Any]:
        return connection.execute(query.where(table.c.call_id.in_(list(began)))).all()

    telling = entries.c.type.in_([kind.__name__ for kind in _PROOF])
    query = (
        sa.select(entries.c.call_id, entries.c.at_ms, entries.c.body).where(telling).order_by(entries.c.seq)
    )
    logs: dict[str, list[tuple[int, Mapping[str, Any]]]] = {call_id: [] for call_id in began}
    for call_id, at_ms, body in of_these(query, entries):
        logs[call_id].append((at_ms, body))
    ways = {row.call_id: Passage(*row) for row in of_these(PASSAGES, passages)}
    false = {row.call_id for row in of_these(sa.select(false_alarms), false_alarms)}
    wrong = {row.call_id: row.right_intent for row in of_these(sa.select(corrections), corrections)}
    return [
        _handover(call_id, at, logs[call_id], ways.get(call_id), call_id in false, wrong.get(call_id))
        for call_id, at in began.items()
    ]


def _handover(
    call_id: str,
    began: str,
    log: Sequence[tuple[int, Mapping[str, Any]]],
    way: Passage | None,
    false_alarm: bool,
    bot_was_wrong: str | None,
) -> Handover:
    started = next((body["started_at"] for _, body in log if body["type"] == CallStarted.__name__), "")
    after_ms, transfer = next(((ms, body) for ms, body in log if body["type"] == Transfer.__name__), (0, {}))
    since = way.queued_at if way else None
    if started and transfer:
        since = (datetime.fromisoformat(started) + timedelta(milliseconds=after_ms)).isoformat()
    return Handover(
        call_id,
        started or began,
        transfer.get("reason", ""),
        transfer.get("intent", ""),
        tuple(transfer.get("evidence", ())),
        false_alarm,
        disclosed=_is_disclosed(body for _, body in log),
        seconds_to_human=_seconds(since, way.answered_at) if way else None,
        ended_how=way.ended_how if way else "",
        agent=way.agent if way else "",
        bot_was_wrong=bot_was_wrong,
    )


def _is_disclosed(log: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether the disclosure was spoken to its end: it is never interrupted, but callers hang up."""
    disclosures = set()
    for body in log:
        if body["type"] == PromptStarted.__name__ and body["name"] == "disclosure":
            disclosures.add(body["prompt"])
        elif body["type"] == PromptFinished.__name__ and body["prompt"] in disclosures:
            return True
    return False


def _seconds(since: str | None, until: str | None) -> float | None:
    if since is None or until is None:
        return None
    passed = datetime.fromisoformat(until) - datetime.fromisoformat(since)
    return round(max(0.0, passed.total_seconds()), 1)  # two machines' clocks may differ a little
