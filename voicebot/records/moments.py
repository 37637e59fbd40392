"""Moments in the database: ISO 8601 in UTC to the millisecond, so that their texts compare as they do."""

from __future__ import annotations

from datetime import UTC, datetime

from voicebot.errors import RecordsError


def utc(at: str) -> str:
    """Return a moment, ISO 8601 with any zone, as ``2026-11-20T11:00:00.000+00:00``; raises RecordsError."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise RecordsError(f"{at!r} is no moment in ISO 8601") from None
    if moment.tzinfo is None:
        raise RecordsError(f"{at!r} has no zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
