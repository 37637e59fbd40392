"""What a worker tells with each beat of its heart."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from voicebot.heartbeat import MARK, line_of


@dataclass(frozen=True, slots=True)
class Beat:
    """How a worker is. Counts are since its start."""

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

    def told(self) -> dict[str, int]:
        """Return it as `voicebot.heartbeat.beat` takes it."""
        return asdict(self)

    def encode(self) -> str:
        """Return the line, without its end."""
        return line_of(self.told())

    @staticmethod
    def decode(line: str) -> Beat | None:
        """Return the beat that a line is; None when it is something else.

        What this version does not know is left out: after a reload, workers may be newer than their parent.
        """
        if not line.startswith(MARK):
            return None
        try:
            told = json.loads(line.removeprefix(MARK))
            return Beat(**{field.name: int(told[field.name]) for field in fields(Beat) if field.name in told})
        except (ValueError, TypeError):
            return None
