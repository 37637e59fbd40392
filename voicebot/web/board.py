"""What the supervisor's page tells of the last 24 hours, apart from the calls of this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from voicebot.errors import RecordsError
from voicebot.web.pages import lasting

POLL_S = 5.0


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A caller who was given to a human."""

    call_id: str
    at: str
    """When, ISO 8601 with zone."""
    topic: str
    """What the caller came for, in Dutch; empty when not known."""
    reason: str
    """The code in `Transfer.reason`."""
    evidence: tuple[str, ...] = ()
    """What led to it, oldest first, in Dutch."""
    frustration: float = 0.0
    """0 calm .. 1 frustrated, at the end with the bot."""
    ending: str = ""
    """How the wait ended: ``answered``, ``abandoned`` or ``fallback``; empty: it lasts, or is not known."""
    waited_s: int | None = None
    """Until it ended; None when that is not known."""
    agent: str = ""
    """Who answered; empty when nobody did, or it is not known."""

    @property
    def told(self) -> str:
        """How it ended, as a sentence of Dutch."""
        after = "" if self.waited_s is None else f" na {lasting(self.waited_s)}"
        match self.ending:
            case "answered":
                return f"Gesproken{after}{f' met {self.agent}' if self.agent else ''}."
            case "abandoned":
                return f"Opgehangen{after} wachten." if after else "Opgehangen tijdens het wachten."
            case "fallback":
                return f"Geen medewerker gekregen{after}."
        return "Nog niet opgenomen."


@dataclass(frozen=True, slots=True)
class HungUpAngry:
    """A caller who was dissatisfied and hung up before anybody helped."""

    call_id: str
    at: str
    """When the call began, ISO 8601 with zone."""
    topic: str
    """What the caller came for, in Dutch; empty when not known."""
    in_queue: bool
    """Whether that was in the queue, and not with the bot."""
    evidence: tuple[str, ...] = ()
    """What shows it, oldest first, in Dutch."""


@dataclass(frozen=True, slots=True)
class ToCallBack:
    """A caller who is to be called back, or could not be reached; without the number."""

    id: int
    requested_at: str
    """ISO 8601 with zone."""
    topic: str
    """What the caller came for, in Dutch or as the bot names it; empty when not known."""
    status: str
    """``open``, ``calling``, ``failed`` or ``expired``."""
    tries: int = 0
    next_try: str = ""
    """ISO 8601 with zone; empty: as soon as an agent is free."""


@dataclass(frozen=True, slots=True)
class Board:
    """All of it, at one moment."""

    handovers: tuple[HandedOver, ...] = ()
    """The newest first."""
    angry: tuple[HungUpAngry, ...] = ()
    """The newest first."""
    callbacks: tuple[ToCallBack, ...] = ()
    """The oldest first."""
    letters_waiting: int = 0
    """Webhooks that are still to be delivered."""
    letters_given_up: int = 0
    """Webhooks that could not be delivered."""


class BoardWatch:
    """Keeps the board up to date; `run` does the blocking `read` elsewhere, as `Clock.run` does."""

    def __init__(
        self, read: Callable[[], Board], run: Callable[[Callable[[], Board]], Awaitable[Board]]
    ) -> None:
        self._read = read
        self._run = run
        self._board: Board | None = None

    def board(self) -> Board | None:
        """Return what was last read; None when it cannot be."""
        return self._board

    async def run(self) -> None:
        """Read every five seconds, until cancelled."""
        while True:
            try:
                self._board = await self._run(self._read)
            except RecordsError:
                self._board = None
            await asyncio.sleep(POLL_S)
