"""A dialler with a pretended Asterisk and book around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from managers import FakeManager
from recordings import NOW

from voicebot.clock import VirtualClock, run_virtual
from voicebot.errors import RecordsError
from voicebot.handoff import Agent, ContextPackage, Dialler, Policy, QueueSnapshot
from voicebot.handoff.dialler import EVENT

FREE = (Agent("Anja", "vrij", "PJSIP/anja"),)
Queues = tuple[QueueSnapshot, ...] | None


def queue(name: str = "klantenservice", agents: tuple[Agent, ...] = FREE) -> QueueSnapshot:
    return QueueSnapshot(name, name, (), 0, agents)


@dataclass(frozen=True)
class Wish:
    """Somebody to call back."""

    id: int = 1
    call_id: str = "c1"
    number: str | None = "+31612345678"
    queue: str = "klantenservice"
    priority: int = 0
    tries: int = 0


@dataclass
class MemoryBook:
    """Remembers what it was told; fails once for each name in `failing`."""

    wishes: list[Wish] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    """Claimed by somebody."""
    results: list[tuple[int, str, str, str | None, bool]] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    """Who was called back."""
    lost: list[Wish] = field(default_factory=list)
    """What `stuck` tells, beside who is being called for so long."""
    calling: dict[int, str] = field(default_factory=dict)
    """Since when."""
    expired: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)

    def _fail(self, name: str) -> None:
        if name in self.failing:
            self.failing.remove(name)
            raise RecordsError("the disk is full")

    def due(self, at: str, limit: int) -> list[Wish]:
        self._fail("due")
        return [wish for wish in self.wishes if wish.id not in self.taken][:limit]

    def claim(self, id: int, at: str) -> Wish | None:
        self._fail("claim")
        if id in self.taken:
            return None
        self.taken.add(id)
        self.calling[id] = at
        return next(wish for wish in self.wishes if wish.id == id)

    def result(
        self,
        id: int,
        outcome: str,
        at: str,
        *,
        status: str,
        not_before: str | None = None,
        tried: bool = True,
    ) -> None:
        self._fail("result")
        self.calling.pop(id, None)
        if status == "done":
            self.finished.append(id)
            return
        self.results.append((id, outcome, status, not_before and not_before[11:19], tried))

    def stuck(self, before: str) -> list[Wish]:
        long = {id for id, since in self.calling.items() if since < before}
        return self.lost + [wish for wish in self.wishes if wish.id in long]

    def expire(self, at: str) -> int:
        self._fail("expire")
        self.expired.append(at)
        return 0


@dataclass
class Office:
    """A dialler with its surroundings."""

    book: MemoryBook
    queues: Queues = (queue(),)
    briefings: Path = Path("/nowhere")
    manager: FakeManager = field(default_factory=FakeManager)
    context: Callable[[str], tuple[ContextPackage, str] | None] = lambda call_id: None

    def dialler(self) -> Dialler:
        clock = VirtualClock(NOW)
        return Dialler(
            self.manager.client,
            self.book,
            clock.run,
            clock.now,
            lambda: self.queues,
            self.context,
            self.briefings,
            "klantenservice",
            Policy(tries=2, pause_minutes=15),
        )

    @property
    def dialled(self) -> list[dict[str, str]]:
        """The variables of each call that was made."""
        calls = [fields for name, fields in self.manager.actions if name == "Originate"]
        return [dict(pair.split("=", 1) for pair in fields["Variable"].split(",")) for fields in calls]

    def told(self, result: str, id: object = 1) -> None:
        self.manager.user_event(EVENT, CallbackId=str(id), Result=result)


def look(office: Office) -> None:
    async def once() -> None:
        await office.dialler().look()

    run_virtual(once())


def working(office: Office, scenario: Callable[[], Awaitable[None]]) -> None:
    """Have the dialler run during a scenario in virtual time."""

    async def main() -> None:
        task = asyncio.create_task(office.dialler().run())
        await scenario()
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(main())
