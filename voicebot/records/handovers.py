"""Why callers were handed over, with the evidence; and which of that was a false alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from voicebot.errors import RecordsError
from voicebot.events import CallStarted, Transfer
from voicebot.records.database import Database
from voicebot.records.tables import entries, false_alarms


@dataclass(frozen=True, slots=True)
class Handover:
    """One caller who was handed over."""

    call_id: str
    started_at: str
    """When the call began, ISO 8601 with zone; empty when that is not known."""
    reason: str
    intent: str
    """What the caller came for; empty when not known."""
    evidence: tuple[str, ...]
    """What led to it, oldest first, in Dutch."""
    false_alarm: bool
    """Whether somebody has marked it as one."""


class Handovers:
    """The hand-overs in the database at `url`; blocking, every method raises RecordsError on failure."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, (entries, false_alarms))

    @classmethod
    def in_folder(cls, data: Path) -> Handovers:
        """Return those of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}")

    def last(self, limit: int) -> list[Handover]:
        """Return the last `limit` hand-overs, the newest first."""
        started = entries.alias()
        query = (
            sa.select(entries.c.call_id, entries.c.body, started.c.body, false_alarms.c.marked_at)
            .select_from(entries)
            .outerjoin(
                started, (started.c.call_id == entries.c.call_id) & (started.c.type == CallStarted.__name__)
            )
            .outerjoin(false_alarms, false_alarms.c.call_id == entries.c.call_id)
            .where(entries.c.type == Transfer.__name__)
        )
        with self._database.reading() as connection:
            found = [_handover(*row) for row in connection.execute(query).all()]
        return sorted(found, key=lambda one: one.started_at, reverse=True)[:limit]

    def mark(self, call_id: str, marked_at: str | None) -> None:
        """Note that a hand-over was a false alarm; with None for the moment, that it was none after all."""
        of_call = entries.c.call_id == call_id
        with self._database.writing() as connection:
            known = sa.select(entries.c.seq).where(of_call, entries.c.type == Transfer.__name__)
            if connection.scalar(known) is None:
                raise RecordsError(f"no hand-over of a call {call_id}; `voicebot handovers list` shows them")
            connection.execute(sa.delete(false_alarms).where(false_alarms.c.call_id == call_id))
            if marked_at is not None:
                connection.execute(sa.insert(false_alarms), {"call_id": call_id, "marked_at": marked_at})

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def counted(handovers: Sequence[Handover]) -> Mapping[str, tuple[int, int]]:
    """Return for each reason how many there are, and how many of them were false alarms; most first."""
    reasons = [one.reason for one in handovers]
    false = [one.reason for one in handovers if one.false_alarm]
    ordered = sorted(set(reasons), key=reasons.count, reverse=True)
    return {reason: (reasons.count(reason), false.count(reason)) for reason in ordered}


def _handover(
    call_id: str, transfer: Mapping[str, object], started: Mapping[str, object] | None, marked: str | None
) -> Handover:
    evidence = transfer.get("evidence", ())
    return Handover(
        call_id,
        str((started or {}).get("started_at", "")),
        str(transfer["reason"]),
        str(transfer["intent"]),
        tuple(map(str, evidence)) if isinstance(evidence, list) else (),
        marked is not None,
    )
