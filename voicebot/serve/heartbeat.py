"""The heartbeat of a worker: a line on its stdout, ten times a second, as long as its event loop turns."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields

BEAT_S = 0.1
_MARK = "beat "


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker tells with each beat. Counts are since its start."""

    room: int = 0
    """Calls that it would still take."""
    calls: int = 0
    """Calls of this moment."""
    answered: int = 0
    refused: int = 0
    """Calls that told who they are when it was full already."""
    lines_broken: int = 0
    """Connections that were no call, or broke the protocol."""
    events_dropped: int = 0
    """Lines of the event log that were lost."""
    stuck: int = 0
    """Threads of this moment that hang in work nobody waits for any more."""

    def encode(self) -> str:
        """Return the line, without its end."""
        return _MARK + json.dumps(asdict(self))

    @staticmethod
    def decode(line: str) -> Beat | None:
        """Return the beat that a line is; None when it is something else.

        What this version does not know is left out: after a reload, workers may be newer than their parent.
        """
        if not line.startswith(_MARK):
            return None
        try:
            told = json.loads(line.removeprefix(_MARK))
            return Beat(**{field.name: int(told[field.name]) for field in fields(Beat) if field.name in told})
        except (ValueError, TypeError):
            return None


async def beat(read: Callable[[], Beat], stdout: int) -> None:
    """Write what `read` gives to a pipe, until cancelled; never waits for who reads it."""
    os.set_blocking(stdout, False)
    while True:
        with suppress(OSError):  # the parent stands still, or is gone: our calls go on
            os.write(stdout, f"{read().encode()}\n".encode())
        await asyncio.sleep(BEAT_S)
