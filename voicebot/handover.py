"""What is made ready while a caller goes to a human: page, briefing, webhook, event.

Nothing of it holds the caller up. Each part is made beside the transfer and on its own, so that what fails
leaves the rest; and the agent gets the caller whatever fails.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from voicebot.audio import Samples, write_audio
from voicebot.clock import Run
from voicebot.errors import VoicebotError
from voicebot.events import Message, Transfer
from voicebot.handoff import ContextPackage, build_context
from voicebot.records import Redactor

MOST_AT_ONCE = 200
"""Hand-overs whose parts are being made; of one more only the telephone tells."""
WAITED_ENOUGH = ("fault", "backend_failed")
"""Reasons after which a caller has heard enough silence: the agent gets them without a briefing first."""
_MADE_S = 0.5
"""Longest wait for what the agent is to know: the caller hears nothing meanwhile."""
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


class HandoverContext:
    """What an agent is to know of one call: begun when the hand-over is decided, while the bot still says so.

    Some agents answer at once, and by then it must be there. `prepare` is that of a `HandoverDesk`.
    """

    def __init__(
        self, call_id: str, run: Run, prepare: Callable[[ContextPackage], Mapping[str, str]]
    ) -> None:
        self._call_id = call_id
        self._run = run
        self._prepare = prepare
        self._begun: tuple[Transfer, asyncio.Task[Mapping[str, str]]] | None = None

    def begin(self, transfer: Transfer, messages: Sequence[Message]) -> None:
        """Begin, unless this hand-over was begun already; never blocks."""
        same = replace(transfer, phone="")
        if self._begun is None or self._begun[0] != same:
            self.close()
            self._begun = same, asyncio.create_task(self._make(transfer, tuple(messages)))

    async def variables(self, transfer: Transfer, messages: Sequence[Message]) -> Mapping[str, str]:
        """Return the channel variables for the agent; what cannot be made in time, the agent does without."""
        self.begin(transfer, messages)
        assert self._begun is not None
        made = _bare(transfer).variables
        try:
            async with asyncio.timeout(_MADE_S):
                made = await asyncio.shield(self._begun[1])
        except Exception as error:  # the agent gets the caller all the same
            log.error("no context for a hand-over", call=self._call_id, error=type(error).__name__)
        return {**made, "VB_PHONE": transfer.phone}

    def close(self) -> None:
        """Leave what is not needed any more."""
        if self._begun is not None:
            self._begun[1].cancel()

    async def _make(self, transfer: Transfer, messages: Sequence[Message]) -> Mapping[str, str]:
        build = partial(build_context, self._call_id, transfer, messages, Redactor().redact)
        package = await self._run(build)  # it takes 10 ms and more, which the sound of other calls has not
        return {**package.variables, **self._prepare(package)}


def _bare(transfer: Transfer) -> ContextPackage:
    """Return what the transfer itself tells: enough for the right queue and place in it."""
    return ContextPackage(
        reason=transfer.reason,
        intent=transfer.intent,
        queue=transfer.queue,
        skill=transfer.skill,
        priority=transfer.priority,
    )


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
        briefing = "" if package.reason in WAITED_ENOUGH else str(self.briefings / package.call_id)
        page = f"{self.pages}/h/{token}"
        task = asyncio.create_task(self._make(package, token))
        self._making.add(task)
        task.add_done_callback(self._making.discard)
        return {"VB_PAGE": page, "VB_BRIEFING": briefing}

    async def close(self) -> None:
        """Finish what is being made."""
        if self._making:
            await asyncio.wait(self._making, timeout=_KEPT_S)

    async def _make(self, package: ContextPackage, token: str) -> None:
        at = self.now().isoformat(timespec="milliseconds")
        body = package.to_json()
        await asyncio.gather(
            self._part("briefing", package, lambda: self._brief(package)),
            self._part("page", package, lambda: self.keeper.add(package.call_id, token, body, at)),
            self._part("webhook", package, lambda: self._send(package, body, at)),
        )
        await self._announce(package)

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
            aside = file.with_name(f"{file.stem}.{secrets.token_hex(4)}.new.wav")
            write_audio(aside, self.speak(text))
            aside.chmod(0o640)
            aside.rename(file)  # Asterisk plays all of it, or none

    def _send(self, package: ContextPackage, body: str, at: str) -> None:
        if self.sender is not None:
            self.sender.add(package.call_id, body, at)

    async def _announce(self, package: ContextPackage) -> None:
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
            "Page": f"{self.pages}/handover/{package.call_id}",
        }
        try:
            await self.announce(fields)
        except VoicebotError as error:
            log.warning("hand-over not announced", call=package.call_id, error=str(error))
