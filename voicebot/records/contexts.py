"""What agents get to see of callers who were handed over: encrypted, as it may hold their real values."""

from __future__ import annotations

import hashlib
from pathlib import Path

import sqlalchemy as sa

from voicebot.records.database import Database
from voicebot.records.moments import utc
from voicebot.records.secret_key import Seal
from voicebot.records.tables import contexts


class Contexts:
    """Each call's context for the agent, in the database at `url`, encrypted with the key in `key_file`.

    Blocking, from any thread. Moments are ISO 8601 with zone, kept in UTC. Every method raises RecordsError
    on failure.
    """

    def __init__(self, url: str, key_file: Path) -> None:
        self._seal = Seal(key_file)
        self._database = Database(url, (contexts,))

    @classmethod
    def in_folder(cls, data: Path) -> Contexts:
        """Return those of the voicebot whose data folder this is."""
        return cls(f"sqlite:///{data / 'calls.db'}", data / "secret.key")

    def add(self, call_id: str, token: str, body: str, at: str) -> None:
        """Keep a call's context, which the bearer of `token` may open once; replaces an earlier one."""
        row = {"token": _hashed(token), "body": self._seal.close(body), "at": utc(at), "claimed_at": None}
        insert = self._database.insert(contexts).values(call_id=call_id, **row)
        with self._database.writing() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["call_id"], set_=row))

    def claim(self, token: str, at: str) -> str | None:
        """Return the call that `token` opens; None when it opens none, or was used before."""
        its = contexts.c.token == _hashed(token)
        use = sa.update(contexts).where(its, contexts.c.claimed_at.is_(None)).values(claimed_at=utc(at))
        with self._database.writing() as connection:
            if not connection.execute(use).rowcount:
                return None
            return connection.scalar(sa.select(contexts.c.call_id).where(its))

    def find(self, token: str) -> str | None:
        """Return the call that `token` is or was for, whoever has opened it; None for another token."""
        its = sa.select(contexts.c.call_id).where(contexts.c.token == _hashed(token))
        with self._database.reading() as connection:
            return connection.scalar(its)

    def get(self, call_id: str) -> str | None:
        """Return a call's context; None when there is none."""
        with self._database.reading() as connection:
            sealed = connection.scalar(sa.select(contexts.c.body).where(contexts.c.call_id == call_id))
        return None if sealed is None else self._seal.open(sealed)

    def forget(self, before: str) -> int:
        """Erase those that were added before a moment; returns how many."""
        with self._database.writing() as connection:
            return connection.execute(sa.delete(contexts).where(contexts.c.at < utc(before))).rowcount

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
