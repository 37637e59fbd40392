"""How callers passed from the bot to a human: the first moment of each step, as the queue told it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from voicebot.records.database import Database
from voicebot.records.moments import utc
from voicebot.records.tables import passages

Step: TypeAlias = Literal["queued", "rang", "answered", "abandoned", "fallback", "ended"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One caller's way to a human; moments are ISO 8601 in UTC, None for a step that was not told."""

    call_id: str
    queued_at: str | None
    """They came into the queue."""
    rang_at: str | None
    """A telephone of an agent rang for them."""
    answered_at: str | None
    abandoned_at: str | None
    """They left while waiting."""
    fallback_at: str | None
    """No agent could be had: they were offered a call-back, or a message."""
    ended_at: str | None
    agent: str
    """Who answered; empty when nobody did."""
    detail: str
    """Why it fell back; empty when it did not."""

    @property
    def ended_how(self) -> str:
        """``answered``, ``fallback``, ``abandoned``, or empty when that is not known (yet).

        Of who waited too long Asterisk may tell that they abandoned the queue, too: the fallback counts.
        """
        ways = (("answered", self.answered_at), ("fallback", self.fallback_at))
        return next((way for way, at in (*ways, ("abandoned", self.abandoned_at)) if at), "")


class Passages:
    """The passages in the database at `url`; blocking, every method raises RecordsError on failure.

    Moments are ISO 8601 with zone, kept in UTC.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, (passages,))

    @classmethod
    def in_folder(cls, data: Path) -> Passages:
        """Return those of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}")

    def note(self, call_id: str, step: Step, at: str, *, agent: str = "", detail: str = "") -> None:
        """Note a step: its first moment stays.

        `agent` goes with ``answered``, `detail` with ``fallback``.
        """
        column, moment = passages.c[f"{step}_at"], utc(at)
        row = {"call_id": call_id, "at": moment, "agent": "", "detail": ""}
        change = {column.name: moment}
        if step == "answered":
            change["agent"] = agent
        if step == "fallback":
            change["detail"] = detail
        is_first = column.is_(None) | (column > moment)
        with self._database.writing() as connection:
            connection.execute(self._database.insert(passages).values(row).on_conflict_do_nothing())
            its = passages.c.call_id == call_id
            connection.execute(sa.update(passages).where(its, is_first).values(change))

    def of(self, call_id: str) -> Passage | None:
        """Return that of one call; None when nothing was told of it."""
        found = self._passages(PASSAGES.where(passages.c.call_id == call_id))
        return found[0] if found else None

    def latest(self, limit: int) -> list[Passage]:
        """Return the last `limit`, the newest first."""
        return self._passages(PASSAGES.order_by(passages.c.at.desc(), passages.c.call_id).limit(limit))

    def forget(self, before: str) -> int:
        """Erase those that began before a moment; returns how many."""
        with self._database.writing() as connection:
            return connection.execute(sa.delete(passages).where(passages.c.at < utc(before))).rowcount

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _passages(self, query: sa.Select[Any]) -> list[Passage]:
        with self._database.reading() as connection:
            return [Passage(**row) for row in connection.execute(query).mappings()]


PASSAGES: sa.Select[Any] = sa.select(*(column for column in passages.c if column.name != "at"))
"""All of what a `Passage` is made of, in its order."""
