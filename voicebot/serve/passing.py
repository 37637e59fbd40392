"""How callers pass from the bot to a human, as Asterisk tells it: the proof, and what agents key in."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import structlog

from voicebot.clock import Run
from voicebot.errors import RecordsError
from voicebot.handoff import QueueSnapshot
from voicebot.records import Callbacks, Feedback, Passages, Step
from voicebot.telephony import ManagerClient
from voicebot.understanding import phone_number

MOST_CALLS = 2000
MOST_WAITING = 10_000
RETRY_S = 5.0

log = structlog.get_logger(__name__)

Write = Callable[[], object]


class Passing:
    """Follows the Manager's events and notes each step once; what cannot be written waits."""

    def __init__(
        self,
        client: ManagerClient,
        snapshot: Callable[[], tuple[QueueSnapshot, ...] | None],
        passages: Passages,
        feedback: Feedback,
        callbacks: Callbacks,
        run: Run,
        now: Callable[[], datetime],
    ) -> None:
        self._snapshot = snapshot
        self._passages = passages
        self._feedback = feedback
        self._callbacks = callbacks
        self._run = run
        self._now = now
        self._calls: OrderedDict[str, str] = OrderedDict()
        """The unique id of a caller's channel -> the call."""
        self._ours: OrderedDict[str, str] = OrderedDict()
        """The same for calls of our own to agents, in the place of who is called back."""
        self._numbers: OrderedDict[str, str] = OrderedDict()
        """Call that goes on, and has no human yet -> the number it came from, unless that is withheld."""
        self._by_agent: OrderedDict[str, str] = OrderedDict()
        """Telephone of an agent -> the call that they had last."""
        self._writing: asyncio.Queue[Write] = asyncio.Queue(MOST_WAITING)
        client.subscribe(self._hear)

    async def run(self) -> None:
        """Write what was heard, until cancelled."""
        looking = asyncio.create_task(self._look())
        try:
            while True:
                write = await self._writing.get()
                while not await self._written(write):
                    await asyncio.sleep(RETRY_S)
        finally:
            looking.cancel()

    async def _written(self, write: Write) -> bool:
        try:
            await self._run(write)
        except RecordsError as problem:
            log.warning("passage not noted; it waits", error=str(problem), waiting=self._writing.qsize())
            return False
        return True

    async def _look(self) -> None:
        """See who is with an agent: the event may have been missed while the link was down."""
        seen: set[tuple[str, str]] = set()
        while True:
            talking = {
                (agent.call_id, agent.key)
                for queue in self._snapshot() or ()
                for agent in queue.agents
                if agent.call_id
            }
            for call_id, agent in talking - seen:
                self._note(call_id, "answered", agent=agent)
            seen = talking
            await asyncio.sleep(2.0)

    # ----------------------------------------------------------------- events

    def _hear(self, event: str, fields: Mapping[str, str]) -> None:
        match event:
            case "UserEvent":
                self._hear_ours(fields)
            case "AgentCalled":
                self._note_caller(fields, "rang")
            case "AgentConnect":
                self._connect(fields)
            case "QueueCallerAbandon":
                self._note_caller(fields, "abandoned")

    def _hear_ours(self, fields: Mapping[str, str]) -> None:
        call_id, unique = fields.get("CallUUID", ""), fields.get("Uniqueid", "")
        match fields.get("UserEvent"):
            case "VoicebotCall" if number := phone_number(fields.get("VbCaller", "")):
                _remember(self._numbers, call_id, number)
            case "VoicebotQueue":
                _remember(self._calls, unique, call_id)
                self._note(call_id, "queued")
            case "VoicebotCallingBack":  # a call of our own: no step of the caller's yet
                _remember(self._ours, unique, call_id)
            case "VoicebotCallback" if fields.get("Result") == "connected" and call_id:
                self._note(call_id, "answered", agent=self._agent_of(call_id))
            case "VoicebotTakenOver":
                self._note(call_id, "answered", agent=fields.get("Channel", "").rpartition("-")[0])
            case "VoicebotFallback":
                self._note(call_id, "fallback", detail=fields.get("Why", ""))
            case "VoicebotEnd":
                self._numbers.pop(call_id, None)
                if self._calls.pop(unique, None):
                    self._note(call_id, "ended")
            case "VoicebotFeedback":
                agent = fields.get("Agent", "")
                call_id = self._by_agent.get(agent, "")  # of now: by the writing they may have another
                self._put(partial(self._mark, call_id, agent, fields.get("Right", "")))

    def _connect(self, fields: Mapping[str, str]) -> None:
        unique, agent = fields.get("Uniqueid", ""), fields.get("Interface", "")
        call_id = self._calls.get(unique) or self._ours.pop(unique, "")
        if call_id:
            _remember(self._by_agent, agent, call_id)
        self._note_caller(fields, "answered", agent=agent)

    def _agent_of(self, call_id: str) -> str:
        return next((agent for agent, call in self._by_agent.items() if call == call_id), "")

    def _note_caller(self, fields: Mapping[str, str], step: Step, agent: str = "") -> None:
        if call_id := self._calls.get(fields.get("Uniqueid", "")):
            self._note(call_id, step, agent=agent)

    def _note(self, call_id: str, step: Step, *, agent: str = "", detail: str = "") -> None:
        if not call_id:  # nobody could find it
            return
        at = self._now().isoformat(timespec="milliseconds")
        self._put(partial(self._passages.note, call_id, step, at, agent=agent, detail=detail))
        if step == "answered" and (number := self._numbers.pop(call_id, None)):
            self._put(partial(self._help, number, at))

    def _put(self, write: Write) -> None:
        try:
            self._writing.put_nowait(write)
        except asyncio.QueueFull:
            log.error("passage lost: too many wait to be written")

    def _help(self, number: str, at: str) -> None:
        """Take a caller who has got a human off the list; failing that holds up no proof."""
        try:
            self._callbacks.helped(number, at)
        except RecordsError as problem:
            log.warning("may be called back although helped", error=str(problem))

    def _mark(self, call_id: str, agent: str, right: str) -> None:
        """Note that the bot had it wrong in this call; without one, in the last that this agent answered."""
        if not call_id:
            theirs = (one for one in self._passages.latest(MOST_CALLS) if agent and one.agent == agent)
            last = max(theirs, key=lambda one: one.answered_at or "", default=None)
            call_id = last.call_id if last else ""
        if not call_id:
            log.warning("feedback about no call", agent=agent)
            return
        self._feedback.mark(call_id, right, agent, self._now().isoformat())


def _remember(kept: OrderedDict[str, str], key: str, value: str) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST_CALLS:
        kept.popitem(last=False)
