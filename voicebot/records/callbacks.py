"""Callers who are to be called back: written down before they are told so, their number encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import sqlalchemy as sa

from voicebot.errors import RecordsError, UnreadableError
from voicebot.events import Transfer
from voicebot.records.database import Database
from voicebot.records.moments import utc
from voicebot.records.secret_key import Seal
from voicebot.records.tables import callbacks, entries

Outcome: TypeAlias = Literal["open", "done", "failed"]
"""What becomes of a call-back that was tried: it is to be tried again, it was made, it is given up."""
LONGEST_RESULT = 100
"""Characters kept of what came of a try."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One caller to call back."""

    id: int
    call_id: str
    """The call in which no human could be had."""
    requested_at: str
    """ISO 8601 with zone: when they asked, for the first time if they did so more than once."""
    reason: str
    """Why a human was wanted, as in `Transfer`; empty when not known."""
    intent: str
    """What the caller came for; empty when not known."""
    number: str | None = field(repr=False)
    """None once the caller was called back, or asked again."""
    status: str
    """``open``, ``calling``, ``done``, ``failed`` (in vain), ``expired`` or ``merged`` (asked again)."""
    done_at: str | None = None
    """When it became done, failed, expired or merged, ISO 8601 with zone."""
    queue: str = ""
    """Where their call was going; empty when not known."""
    priority: int = 0
    """Who comes first: 0 as everybody, higher sooner."""
    tries: int = 0
    """How often it was tried in vain."""
    not_before: str | None = None
    """ISO 8601 in UTC; None: as soon as can be."""
    expires_at: str | None = None
    """ISO 8601 in UTC; None: never."""
    last_result: str = ""
    """What came of the last try; empty before the first."""


class CallbackDesk(Protocol):
    """Where a caller to call back is written down: `Callbacks`, or `MemoryCallbacks`."""

    def add(self, call_id: str, number: str, requested_at: str) -> None:
        """Write down that the caller of `call_id` is to be called back; raises RecordsError."""
        ...


class Callbacks:
    """The callers to call back, in the database at `url`; numbers are encrypted with the key in `key_file`.

    Blocking, from any thread. Moments are ISO 8601 with zone. Every method raises RecordsError on failure.
    """

    def __init__(self, url: str, key_file: Path, lives: timedelta | None = None) -> None:
        """`lives` is how long after the wish a caller is still called; None: for ever."""
        self._seal = Seal(key_file)
        self._lives = lives
        self._database = Database(url, (entries, callbacks), durable=True)

    @classmethod
    def in_folder(cls, data: Path, lives: timedelta | None = None) -> Callbacks:
        """Return those of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}", data / "secret.key", lives)

    def add(self, call_id: str, number: str, requested_at: str) -> None:
        """Write down that the caller of `call_id` is to be called back; returns when the disk has it.

        A number that is to be called back already gets no second call: this wish takes the place of that one,
        which is `merged`, in the line.
        """
        row = {
            "call_id": call_id,
            "requested_at": requested_at,
            "place": utc(requested_at),
            "status": "open",
            "expires_at": self._expiry(requested_at),
            "number": self._seal.close(number),
            "fingerprint": self._seal.fingerprint(number),
        }
        with self._database.writing(alone=callbacks) as connection:
            row |= _wish(connection, call_id)
            row |= _merge(connection, row)
            connection.execute(sa.insert(callbacks), row)

    def requests(self, *, done: bool = False) -> list[Callback]:
        """Return those still to be called back, the first caller first; with `done` the others too."""
        query = _COLUMNS.order_by(_PLACE, callbacks.c.id)
        return self._read(query if done else query.where(_IS_WANTED))

    def due(self, at: str, limit: int) -> list[Callback]:
        """Return at most `limit` to call now: those with priority first, then who asked first.

        Whose number was encrypted with another key has failed: for people, once that key is back.
        """
        now = utc(at)
        may = callbacks.c.not_before.is_(None) | (callbacks.c.not_before <= now)
        lives = callbacks.c.expires_at.is_(None) | (callbacks.c.expires_at > now)
        order = (callbacks.c.priority.desc(), _PLACE, callbacks.c.id)
        query = _COLUMNS.where(_IS_OPEN, may, lives).order_by(*order).limit(limit)
        wanted = []
        for row in self._rows(query):
            try:
                wanted.append(self._opened(row))
            except UnreadableError:
                failed = {"status": "failed", "done_at": at, "last_result": "unreadable_number"}
                self._change(row["id"], _IS_OPEN, **failed)
        return wanted

    def stuck(self, before: str) -> list[Callback]:
        """Return those that are being called since before a moment, as after a crash."""
        since = callbacks.c.claimed_at < utc(before)
        return self._read(_COLUMNS.where(_IS_CALLED, since).order_by(callbacks.c.claimed_at))

    def count_open(self) -> int:
        """Return how many are still to be called back; needs no key."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(callbacks).where(_IS_WANTED)) or 0

    def claim(self, id: int, at: str) -> Callback | None:
        """Take an open one to call it now; None when it is not open (any more)."""
        if not self._change(id, _IS_OPEN, status="calling", claimed_at=utc(at)):
            return None
        return next(iter(self._read(_COLUMNS.where(callbacks.c.id == id))), None)

    def result(
        self,
        id: int,
        outcome: str,
        at: str,
        *,
        status: Outcome,
        not_before: str | None = None,
        tried: bool = True,
    ) -> None:
        """Note what came of a try: `outcome` in a word, such as ``no_answer``, and the status that follows.

        ``open``: it was in vain and is tried again, from `not_before` on. ``failed``: in vain for the last
        time; the number stays, for people. ``done``: they were called back; the number is erased. Not
        `tried`: their telephone never rang, and it does not count. Ignored when it is not being called (any
        more): the caller may have asked anew meanwhile.
        """
        change: dict[str, Any] = {
            "status": status,
            "last_result": outcome[:LONGEST_RESULT],
            "claimed_at": None,
        }
        if status == "done":
            change |= _over(status, at)
        elif tried:
            change |= {"tries": callbacks.c.tries + 1}
        if status == "open":
            change |= {"not_before": utc(not_before) if not_before else None}
        if status == "failed":
            change |= {"done_at": at}
        self._change(id, _IS_CALLED, **change)

    def helped(self, number: str, at: str) -> None:
        """Note that whoever has this number has got a human by calling again: nobody need call them back."""
        theirs = callbacks.c.fingerprint == self._seal.fingerprint(number)
        asked_before = sa.update(callbacks).where(theirs, _IS_UNMADE, utc(at) >= _PLACE)
        with self._database.writing() as connection:
            connection.execute(asked_before.values(**_over("done", at), last_result="called_again"))

    def expire(self, at: str) -> int:
        """Take open ones off whose time is over; returns how many. Their numbers stay, for people."""
        over = sa.update(callbacks).where(_IS_OPEN, callbacks.c.expires_at <= utc(at))
        with self._database.writing() as connection:
            return connection.execute(over.values(status="expired", done_at=at)).rowcount

    def finish(self, id: int, done_at: str) -> None:
        """Note that somebody called a caller back, and forget the number; not while voicebot does it."""
        if not self._change(id, _IS_UNMADE, **_over("done", done_at)):
            raise RecordsError(
                f"no call-back {id} is open, or it is being made now; `voicebot callbacks list` shows them"
            )

    def reopen(self, id: int) -> None:
        """Have one that failed or expired tried anew, for as long as it takes."""
        given_up = callbacks.c.status.in_(("failed", "expired")) & ~_IS_TWIN
        anew = {"status": "open", "done_at": None, "tries": 0, "not_before": None, "expires_at": None}
        if not self._change(id, given_up, **anew):
            raise RecordsError(
                f"no call-back {id} has failed or expired, or its number is to be called back already; "
                "`voicebot callbacks list --all` shows them"
            )

    def forget(self, before: str) -> int:
        """Erase those that were asked before a moment and are over, with their numbers; returns how many."""
        over = sa.delete(callbacks).where(~_IS_WANTED, utc(before) > _PLACE)
        with self._database.writing() as connection:
            return connection.execute(over).rowcount

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _expiry(self, requested_at: str) -> str | None:
        if self._lives is None:
            return None
        return utc((datetime.fromisoformat(utc(requested_at)) + self._lives).isoformat())

    def _change(self, id: int, which: sa.ColumnElement[bool], **values: Any) -> bool:
        """Change one if it is so; return whether it was."""
        change = sa.update(callbacks).where(callbacks.c.id == id, which).values(**values)
        with self._database.writing() as connection:
            return bool(connection.execute(change).rowcount)

    def _read(self, query: sa.Select[Any]) -> list[Callback]:
        return [self._opened(row) for row in self._rows(query)]

    def _rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _opened(self, row: Mapping[str, Any]) -> Callback:
        return Callback(**{**row, "number": row["number"] and self._seal.open(row["number"])})


class MemoryCallbacks:
    """Remembers callers to call back as long as it lives: for replay and tests."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}
        """Call id -> number."""

    def add(self, call_id: str, number: str, requested_at: str) -> None:
        """Remember a caller."""
        self.numbers[call_id] = number


_IS_OPEN = callbacks.c.status == "open"
_IS_CALLED = callbacks.c.status == "calling"
_IS_WANTED = _IS_OPEN | _IS_CALLED
_IS_UNMADE = callbacks.c.status.in_(("open", "failed", "expired"))
_PLACE = sa.func.coalesce(callbacks.c.place, callbacks.c.requested_at)
_OTHER = callbacks.alias()
_IS_TWIN = sa.exists().where(
    _OTHER.c.fingerprint == callbacks.c.fingerprint, _OTHER.c.status.in_(("open", "calling"))
)
"""Its number is to be called back already."""
_COLUMNS = sa.select(*(callbacks.c[name] for name in Callback.__dataclass_fields__))


def _over(status: str, at: str) -> dict[str, Any]:
    """Return what one becomes for which nobody is to be called any more: its number is erased."""
    return {"status": status, "done_at": at, "number": None, "fingerprint": None}


def _wish(connection: sa.Connection, call_id: str) -> Mapping[str, str]:
    """Return what the call's log says of the human who was wanted: why, what for, and where in line."""
    handed_over = (entries.c.call_id == call_id) & (entries.c.type == Transfer.__name__)
    query = sa.select(entries.c.body).where(handed_over).order_by(entries.c.seq.desc()).limit(1)
    body = connection.scalar(query) or {}
    queue = "_".join(filter(None, (body.get("queue", ""), body.get("skill", ""))))
    return {
        "reason": body.get("reason", ""),
        "intent": body.get("intent", ""),
        "queue": queue,
        "priority": body.get("priority", 0),
    }


def _merge(connection: sa.Connection, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take an older wish for the number of `row` off the line; return what the new one takes over of it.

    While they are being called for the older one, the new one is `merged` instead: one call is enough.
    """
    same = (callbacks.c.fingerprint == row["fingerprint"]) & _IS_WANTED
    kept = (callbacks.c.requested_at, callbacks.c.place, callbacks.c.priority, callbacks.c.status)
    older = connection.execute(sa.select(*kept).where(same)).mappings().first()
    if older is None:
        return {}
    merged = _over("merged", row["requested_at"])
    if older["status"] == "calling":
        return merged
    connection.execute(sa.update(callbacks).where(same).values(**merged))
    priority = {"priority": max(older["priority"], row["priority"])}
    return {**older, **priority} if older["place"] < row["place"] else priority
