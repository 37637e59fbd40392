"""What is made ready while a caller goes to a human: page, briefing, webhook, event.

Nothing of it holds the caller up. Each part is made beside the transfer and on its own, so that what fails
leaves the rest; and the agent gets the caller whatever fails.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog

from voicebot.audio import Samples, write_audio
from voicebot.clock import Run
from voicebot.errors import VoicebotError
from voicebot.handoff import ContextPackage

MOST_AT_ONCE = 200
"""Hand-overs whose parts are being made; of one more only the telephone tells."""
_KEPT_S = 5.0
"""Longest wait, at the end, for what is being made."""

log = structlog.get_logger(__name__)


class Keeper(Protocol):
    """Where the agent's page finds a package (`voicebot.records.Contexts`); blocking, raises RecordsError."""

    def add(self, call_id: str, token: str, body: str, at: str) -> None:
        """Keep it, encrypted."""
        ...


class Sender(Protocol):
    """Where webhooks wait until they are delivered (`voicebot.records.Outbox`); as `Keeper`."""

    def add(self, call_id: str, body: str, at: str) -> str:
        """Keep it, encrypted; return its idempotency key."""
        ...


@dataclass(slots=True)
class HandoverDesk:
    """Makes ready what a human gets to see and hear."""

    pages: str
    """Address of the site, such as ``http://10.0.0.5:8080``."""
    briefings: Path
    """Folder for sounds that Asterisk plays to agents."""
    keeper: Keeper
    sender: Sender | None
    """None without a webhook."""
    speak: Callable[[str], Samples]
    """The bot's voice: written Dutch -> int16 mono 8 kHz, shape (n,); blocking."""
    announce: Callable[[Mapping[str, str]], Awaitable[object]]
    """Tells others by an event of the Manager."""
    run: Run
    now: Callable[[], datetime]
    _making: set[asyncio.Task[None]] = field(default_factory=set)

    def prepare(self, package: ContextPackage) -> Mapping[str, str]:
        """Begin, and return the channel variables that lead the agent to it; never blocks."""
        if len(self._making) >= MOST_AT_ONCE:
            log.error("hand-over without page and briefing", call=package.call_id, cause="too many at once")
            return {}
        token = secrets.token_urlsafe(16)
        page = f"{self.pages}/h/{token}"
        task = asyncio.create_task(self._make(package, token, page))
        self._making.add(task)
        task.add_done_callback(self._making.discard)
        return {"VB_PAGE": page, "VB_BRIEFING": str(self.briefings / package.call_id)}

    async def close(self) -> None:
        """Finish what is being made."""
        if self._making:
            await asyncio.wait(self._making, timeout=_KEPT_S)

    async def _make(self, package: ContextPackage, token: str, page: str) -> None:
        at = self.now().isoformat(timespec="milliseconds")
        body = package.to_json()
        await asyncio.gather(
            self._part("briefing", package, lambda: self._brief(package)),
            self._part("page", package, lambda: self.keeper.add(package.call_id, token, body, at)),
            self._part("webhook", package, lambda: self._send(package, body, at)),
        )
        await self._announce(package, page)

    async def _part(self, name: str, package: ContextPackage, make: Callable[[], None]) -> None:
        try:
            await self.run(make)
        except Exception as error:  # the agent gets the caller all the same
            log.error("part of a hand-over failed", part=name, call=package.call_id, error=str(error))

    def _brief(self, package: ContextPackage) -> None:
        """Write the sounds; the second one is for when nobody answers and the caller is called back."""
        self.briefings.mkdir(mode=0o750, parents=True, exist_ok=True)
        for name, text in ("", package.briefing), ("-callback", package.callback_briefing):
            file = self.briefings / f"{package.call_id}{name}.wav"
            aside = file.with_name(f"{file.stem}.new.wav")
            write_audio(aside, self.speak(text))
            aside.chmod(0o640)
            aside.rename(file)  # Asterisk plays all of it, or none

    def _send(self, package: ContextPackage, body: str, at: str) -> None:
        if self.sender is not None:
            self.sender.add(package.call_id, body, at)

    async def _announce(self, package: ContextPackage, page: str) -> None:
        fields = {
            "CallUUID": package.call_id,
            "Bot": package.bot,
            "Reason": package.reason,
            "Intent": package.intent,
            "Queue": package.queue,
            "Skill": package.skill,
            "Priority": str(package.priority),
            "Identification": package.identification,
            "Summary": package.summary,
            "Page": page,
        }
        try:
            await self.announce(fields)
        except VoicebotError as error:
            log.warning("hand-over not announced", call=package.call_id, error=str(error))
