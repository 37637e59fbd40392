"""Calls back who could get no human: an agent first, with the briefing, and then the caller.

Asterisk does the calling (``voicebot-callback`` in the dialplan): a call waits in the queue in the caller's
place, a step of priority before who came later, and when an agent has answered it the caller is dialled. What
became of it comes back as user events.

Nobody is called twice: a call-back is claimed before it is dialled, by one process only, and once a caller
has answered, Asterisk's own database says so, whatever became of us meanwhile.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import structlog

from voicebot.clock import Run
from voicebot.errors import ManagerError, RecordsError
from voicebot.handoff.agents import Snapshot
from voicebot.handoff.context import ContextPackage
from voicebot.handoff.queue import QueueSnapshot, department
from voicebot.telephony import URGENT, ManagerClient, clean_value

EVENT = "VoicebotCallback"
LOOK_S = 1.0
MISSED_S = 30
"""What was begun longer ago, and no channel of Asterisk's carries it, is over: nobody told us so."""
AGENT_PAUSE = timedelta(seconds=30)
"""Before a queue is tried again in which no agent could be had."""
RING_MS = "900000"
"""Longer than a call waits in the queue."""
LONG_PAUSE = timedelta(minutes=5)
"""The same when the queue is closed, or no line goes out."""

_ID = re.compile(r"[0-9]{1,18}")
"""What a database takes for a number."""
THERE = ("vrij", "wordt gebeld", "in gesprek")
"""Statuses of agents for whom it is worth waiting."""

log = structlog.get_logger(__name__)


class Wanted(Protocol):
    """A caller to call back."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def call_id(self) -> str: ...  # noqa: D102
    @property
    def number(self) -> str | None: ...  # noqa: D102
    @property
    def queue(self) -> str: ...  # noqa: D102
    @property
    def priority(self) -> int: ...  # noqa: D102
    @property
    def tries(self) -> int: ...  # noqa: D102


class Book(Protocol):
    """Where they are written down (`voicebot.records.Callbacks`); blocking, raises RecordsError."""

    def due(self, at: str, limit: int) -> Sequence[Wanted]:
        """Return whom to call back now, the first caller first."""
        ...

    def claim(self, id: int, at: str) -> Wanted | None:
        """Take one for ourselves; None when another process was first."""
        ...

    def result(
        self,
        id: int,
        outcome: str,
        at: str,
        *,
        status: Literal["open", "failed", "done"],
        not_before: str | None = None,
        tried: bool = True,
    ) -> None:
        """Note what came of a try; `tried` when the caller's own telephone rang."""
        ...

    def stuck(self, before: str) -> Sequence[Wanted]:
        """Return those that were claimed before this moment and never came back."""
        ...

    def expire(self, at: str) -> int:
        """Give up on those who have waited too long; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """How often, and how long."""

    tries: int = 3
    """How often a caller's telephone rings unanswered."""
    pause_minutes: int = 15
    """Between two tries."""


class Dialler:
    """Looks every second whom to call back, and who is free to do it."""

    def __init__(
        self,
        client: ManagerClient,
        book: Book,
        run: Run,
        now: Callable[[], datetime],
        snapshot: Snapshot,
        context: Callable[[str], tuple[ContextPackage, str] | None],
        briefings: Path,
        queue: str,
        policy: Policy,
    ) -> None:
        """`context` gives a call's package and the address of its page; blocking, run by `run` as `book` is.

        `queue` is where callers go of whom no queue is known.
        """
        self._client = client
        self._book = book
        self._run = run
        self._now = now
        self._snapshot = snapshot
        self._context = context
        self._briefings = briefings
        self._queue = queue
        self._policy = policy
        self._going: dict[int, tuple[Wanted, str]] = {}
        """By id: who is being called, in which queue."""
        self._told: asyncio.Queue[tuple[int, str]] = asyncio.Queue(1000)
        client.subscribe(self._hear)

    async def run(self) -> None:
        """Call back, until cancelled."""
        acting = asyncio.create_task(self._act())
        try:
            while True:
                try:
                    await self.look()
                except (ManagerError, RecordsError) as problem:
                    log.warning("not called back", error=str(problem))
                await asyncio.sleep(LOOK_S)
        finally:
            acting.cancel()

    async def look(self) -> None:
        """Call those whose turn it is."""
        now = self._now()
        await self._run(lambda: self._book.expire(_text(now)))
        await self._find_lost(now)
        queues = self._snapshot()
        if not queues:
            return
        for one in await self._run(lambda: self._book.due(_text(now), 20)):
            queue = self._queue_of(one, queues)
            if queue is not None and self._has_turn(queue):
                await self._call(one, queue.name, now)

    # ----------------------------------------------------------------- whose turn

    def _queue_of(self, one: Wanted, queues: Sequence[QueueSnapshot]) -> QueueSnapshot | None:
        """Return the queue for a caller: for their skill, when somebody is there for it."""
        by_name = {queue.name: queue for queue in queues}
        wanted = one.queue or self._queue
        plain = department(wanted, list(by_name))
        urgent = f"{plain}_{URGENT}" if one.priority else plain
        for name in (urgent if wanted == plain else wanted, urgent, plain, self._queue):
            if (queue := by_name.get(name)) is not None and queue.agents:
                return queue
        return None

    def _has_turn(self, queue: QueueSnapshot) -> bool:
        """Return whether one more may wait there: no more than there are agents, or they wait for long."""
        going = sum(name == queue.name for _, name in self._going.values())
        return going < sum(agent.status in THERE for agent in queue.agents)

    async def _find_lost(self, now: datetime) -> None:
        if self._going:  # somebody else may have settled one
            calling = {one.id for one in await self._run(lambda: self._book.stuck(_text(now)))}
            self._going = {id: going for id, going in self._going.items() if id in calling}
        before = _text(now - timedelta(seconds=MISSED_S))
        long = await self._run(lambda: self._book.stuck(before))
        if not long:
            return
        listed = await self._client.action_list("Status", "StatusComplete", Variables="VB_CALLBACK")
        carried = {line for _, fields in listed for line in fields.get("Variable", "").split("\n")}
        for one in long:
            if f"VB_CALLBACK={one.id}" not in carried:
                await self._settle(one, "lost")

    async def _call(self, one: Wanted, queue: str, now: datetime) -> None:
        claimed = await self._run(lambda: self._book.claim(one.id, _text(now)))
        if claimed is None or claimed.number is None:
            return
        self._going[one.id] = claimed, queue
        variables = await self._run(lambda: self._variables(claimed, queue))
        await self._client.action(  # when it fails it may have been done all the same: see `_find_lost`
            "Originate",
            Channel="Local/agent@voicebot-callback/n",
            Context="voicebot-callback",
            Exten="caller",
            Priority="1",
            Timeout=RING_MS,
            Async="true",
            Variable=",".join(f"{name}={value}" for name, value in variables.items()),
        )

    def _variables(self, one: Wanted, queue: str) -> Mapping[str, str]:
        variables = {
            "__VB_CALLBACK": str(one.id),
            "__VB_CALL": one.call_id,
            "__VB_NUMBER": one.number or "",
            "VB_QUEUE": queue,
            "VB_PRIORITY": str(one.priority + 1),
        }
        briefing = self._briefings / f"{one.call_id}-callback"
        if briefing.with_suffix(".wav").exists():
            variables["VB_BRIEFING"] = str(briefing)
        if found := self._context(one.call_id):
            package, page = found
            told = {"VB_REASON": package.reason, "VB_INTENT": package.intent, "VB_PAGE": page}
            variables |= {f"__{name}": clean_value(value) for name, value in told.items()}
        return variables

    # ----------------------------------------------------------------- what became of it

    def _hear(self, event: str, fields: Mapping[str, str]) -> None:
        if event != "UserEvent" or fields.get("UserEvent") != EVENT:
            return
        if _ID.fullmatch(number := fields.get("CallbackId", "")):
            with suppress(asyncio.QueueFull):  # it stays claimed, and is looked into as stuck
                self._told.put_nowait((int(number), fields.get("Result", "")))

    async def _act(self) -> None:
        while True:
            number, result = await self._told.get()
            try:
                if result == "connected":
                    self._going.pop(number, None)
                    at = _text(self._now())
                    await self._run(partial(self._book.result, number, result, at, status="done"))
                elif number in self._going and result not in ("agent", "over"):
                    await self._settle(self._going[number][0], result)
            except RecordsError as problem:  # it stays claimed, and is looked into as stuck
                log.warning("call-back not noted", error=str(problem))

    async def _settle(self, one: Wanted, result: str) -> None:
        """Note how it ended for a caller who was not reached."""
        self._going.pop(one.id, None)
        now, tried = self._now(), result == "not_reached"
        given_up = tried and one.tries + 1 >= self._policy.tries
        pauses = {
            "not_reached": timedelta(minutes=self._policy.pause_minutes),
            "closed": LONG_PAUSE,
            "no_line": LONG_PAUSE,
        }
        later = _text(now + pauses.get(result, AGENT_PAUSE))
        if result == "no_line":
            log.error("no line goes out to call back; see `voicebot dialplan --outbound`")
        await self._run(
            lambda: self._book.result(
                one.id,
                result,
                _text(now),
                status="failed" if given_up else "open",
                not_before=None if given_up else later,
                tried=tried,
            )
        )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
