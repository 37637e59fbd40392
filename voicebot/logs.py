"""Our own logs: on stderr, for people on a terminal and as JSON lines elsewhere. No personal values."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from contextlib import suppress
from typing import TextIO, cast

import structlog

SUMMARY_S = 60.0
"""What happens all the time is told once in so many seconds."""

log = structlog.get_logger(__name__)


def log_to_stderr() -> None:
    """Set logging up for this process; stdout stays free for what a command prints."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing(sys.stderr))),
    )


class _Unfailing:
    """Writes to a file for as long as that works: a full disk may cost a line of the log, but not a call."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # full, or closed
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._file.flush()


class Refusals:
    """Counts what is refused, by cause, and logs it without letting whoever causes it fill the log.

    The first of a cause is told at once; how many more there were, at most once a minute.
    """

    def __init__(self, event: str) -> None:
        self._event = event
        self._told: dict[str, int] = {}
        self.counts: Counter[str] = Counter()
        """Cause -> how often, since the start."""

    def add(self, cause: str, **details: str | int) -> None:
        """Count one, on the event loop; `cause` is one of a small fixed set, `details` not personal."""
        self.counts[cause] += 1
        if cause not in self._told:
            self._tell(cause, **details)

    def _tell(self, cause: str, **details: str | int) -> None:
        log.warning(self._event, cause=cause, **details)
        self._told[cause] = self.counts[cause]
        asyncio.get_running_loop().call_later(SUMMARY_S, self._sum_up, cause)

    def _sum_up(self, cause: str) -> None:
        more = self.counts[cause] - self._told.pop(cause)
        if more:
            self._tell(cause, more=more, total=self.counts[cause])
