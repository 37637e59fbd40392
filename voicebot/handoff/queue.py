"""The state of Asterisk's queues, from Manager events and lists. Pure: plain mappings in.

A queue for a skill (``klantenservice_rustig``) is part of its department here: people wait for a human, not
for a name in Asterisk.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

MOST_CALLS = 2000
CALLBACK = "callback"
"""Reason of who is called back, and waits at home."""
_UNREACHABLE = "niet bereikbaar"
_STATUS = {
    "0": "vrij",  # unknown to Asterisk, which then rings it
    "1": "vrij",
    "2": "in gesprek",
    "3": "in gesprek",
    "6": "wordt gebeld",
    "7": "in gesprek",
    "8": "in gesprek",
}
"""Asterisk's device states (include/asterisk/devicestate.h); the others cannot be reached."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone who answers calls from a queue."""

    name: str
    status: str
    """``vrij``, ``wordt gebeld``, ``in gesprek``, ``pauze`` or ``niet bereikbaar``."""
    key: str = ""
    """The telephone, as the queue knows it: ``PJSIP/anna``."""
    call_id: str = ""
    """The caller whom they speak with now, when that is one of ours."""
    since_s: int | None = None
    """How long the status is as it is; None when it was so already when we came."""
    penalty: int = 0
    """0 is rung first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller who waits for an agent."""

    call_id: str
    """Empty when not one of ours."""
    position: int
    """From 1."""
    wait_s: int
    priority: int = 0
    reason: str = ""
    """Why a human is needed, as in `Transfer`; empty when not known."""
    channel: str = ""
    """As Asterisk calls it."""


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """One queue at one moment."""

    name: str
    label: str
    """The name for people."""
    waiting: tuple[Waiting, ...]
    """In the order in which they are served."""
    longest_wait_s: int
    agents: tuple[Agent, ...]
    part_of: str = ""
    """The department, of a queue for those of its callers who have priority or need a skill."""


@dataclass(slots=True)
class _Queue:
    waiting: dict[str, tuple[Waiting, float]] = field(default_factory=dict)
    """By the channel's unique id: who, and since when."""
    agents: dict[str, Agent] = field(default_factory=dict)


@dataclass(slots=True)
class _Caller:
    """One of our calls, on its way to an agent."""

    call_id: str
    reason: str = ""
    priority: int = 0
    agent: str = ""
    """Who has it now."""


class QueueState:
    """Follows the queues; a QueueStatus list, applied in order, sets everything right.

    `now` gives seconds that only go forward.
    """

    def __init__(self, now: Callable[[], float], names: Mapping[str, str] = {}) -> None:
        """`names` tells by telephone what people are called, where Asterisk does not know it."""
        self._now = now
        self._names = names
        self._queues: dict[str, _Queue] = {}
        self._callers: OrderedDict[str, _Caller] = OrderedDict()
        """By the channel's unique id."""
        self._since: dict[str, tuple[str, float | None]] = {}
        """Agent -> status, and when that began."""

    def apply(self, event: str, fields: Mapping[str, str]) -> None:
        """Take one event or list item; others than those about queues and our calls are ignored."""
        match event:
            case "UserEvent":
                self._follow(fields)
            case "Status":
                self._know(fields)
            case "AgentConnect" | "AgentComplete":
                if caller := self._callers.get(fields.get("Uniqueid", "")):
                    caller.agent = fields.get("Interface", "") if event == "AgentConnect" else ""
        if "Queue" in fields:
            self._update(event, fields["Queue"], fields)

    def lose(self) -> None:
        """Forget what only events tell: the link was down, and some may have been missed."""
        self._callers.clear()
        self._since.clear()

    def snapshot(self) -> tuple[QueueSnapshot, ...]:
        """Return all queues as they are now, each department before its parts."""
        return tuple(self._picture(name, queue) for name, queue in sorted(self._queues.items()))

    # ----------------------------------------------------------------- our calls

    def _follow(self, fields: Mapping[str, str]) -> None:
        unique, call_id = fields.get("Uniqueid", ""), fields.get("CallUUID", "")
        if fields.get("UserEvent") == "VoicebotQueue" and unique:
            priority = _number(fields.get("Priority", ""))
            self._add(unique, _Caller(call_id, fields.get("Reason", ""), priority))
        elif fields.get("UserEvent") == "VoicebotEnd":
            self._callers.pop(unique, None)

    def _know(self, fields: Mapping[str, str]) -> None:
        """Learn of a channel from a Status list with the variables VB_CALL and VB_REASON."""
        values = dict(line.partition("=")[::2] for line in fields.get("Variable", "").split("\n"))
        unique, call_id = fields.get("Uniqueid", ""), values.get("VB_CALL", "")
        if not (unique and call_id):
            return
        phone = fields.get("Channel", "").rpartition("-")[0]
        if self._is_agent(phone) and fields.get("ChannelStateDesc") != "Up":  # it only rings
            return
        talking = next((one for one in self._callers.values() if one.call_id == call_id), None)
        if self._is_agent(phone):
            if talking is not None:
                talking.agent = phone
            else:
                self._add(unique, _Caller(call_id, values.get("VB_REASON", ""), agent=phone))
        elif talking is None or talking.agent:  # the agent's channel may have come first
            priority = _number(values.get("QUEUE_PRIO", ""))
            agent = talking.agent if talking else ""
            self._add(unique, _Caller(call_id, values.get("VB_REASON", ""), priority, agent))

    def _is_agent(self, phone: str) -> bool:
        return any(phone in queue.agents for queue in self._queues.values())

    def _add(self, unique: str, caller: _Caller) -> None:
        self._callers[unique] = caller
        while len(self._callers) > MOST_CALLS:
            self._callers.popitem(last=False)

    # ----------------------------------------------------------------- queues

    def _update(self, event: str, name: str, fields: Mapping[str, str]) -> None:
        if event == "QueueParams":  # the head of a list: what follows is all there is
            self._queues[name] = _Queue()
        queue = self._queues.setdefault(name, _Queue())
        unique = fields.get("Uniqueid", "")
        match event:
            case "QueueEntry" | "QueueCallerJoin":
                one = Waiting(
                    "",
                    _number(fields.get("Position", "")),
                    0,
                    _number(fields.get("Priority", "")),
                    channel=fields.get("Channel", ""),
                )
                queue.waiting[unique] = one, self._now() - _number(fields.get("Wait", ""))
            case "QueueCallerLeave":
                queue.waiting.pop(unique, None)
            case "QueueMember" | "QueueMemberAdded" | "QueueMemberStatus" | "QueueMemberPause":
                agent = _agent(fields)
                agent = replace(agent, name=self._names.get(agent.key, agent.name))
                queue.agents[agent.key] = agent
                self._notice(agent, known=event != "QueueMember")
            case "QueueMemberRemoved":
                queue.agents.pop(fields.get("Interface", ""), None)

    def _notice(self, agent: Agent, *, known: bool) -> None:
        before = self._since.get(agent.key)
        if before is None:
            self._since[agent.key] = agent.status, self._now() if known else None
        elif before[0] != agent.status:
            self._since[agent.key] = agent.status, self._now()

    def _picture(self, name: str, queue: _Queue) -> QueueSnapshot:
        now = self._now()
        waiting = [self._told(unique, one, now - since) for unique, (one, since) in queue.waiting.items()]
        calls = {caller.agent: caller.call_id for caller in self._callers.values() if caller.agent}
        agents = [
            replace(agent, call_id=calls.get(agent.key, ""), since_s=self._lasts(agent, now))
            for agent in queue.agents.values()
        ]
        longest = max((one.wait_s for one in waiting), default=0)
        label = name.replace("_", " ").capitalize()
        of = department(name, list(self._queues))
        part_of = "" if of == name else of
        return QueueSnapshot(name, label, _in_order(waiting), longest, tuple(agents), part_of)

    def _told(self, unique: str, one: Waiting, wait_s: float) -> Waiting:
        caller = self._callers.get(unique, _Caller("", _reason_of(one.channel)))
        return replace(
            one,
            call_id=caller.call_id,
            reason=caller.reason,
            priority=one.priority or caller.priority,
            wait_s=max(0, int(wait_s)),
        )

    def _lasts(self, agent: Agent, now: float) -> int | None:
        _, since = self._since.get(agent.key, ("", None))
        return None if since is None else int(now - since)


def department(name: str, departments: Sequence[str]) -> str:
    """Return the queue that a queue for a skill belongs to: itself when it is none."""
    found = [one for one in departments if name == one or name.startswith(f"{one}_")]
    return min(found, key=len, default=name)


def _reason_of(channel: str) -> str:
    """Return why a call of our own waits: in the place of somebody who is called back."""
    return CALLBACK if channel.startswith("Local/agent@voicebot-callback") else ""


def _in_order(waiting: Sequence[Waiting]) -> tuple[Waiting, ...]:
    """Give those who wait their places anew: an event tells one place, not how that moves others."""
    ordered = sorted(waiting, key=lambda one: (-one.priority, -one.wait_s, one.position))
    return tuple(replace(one, position=place) for place, one in enumerate(ordered, start=1))


def _agent(fields: Mapping[str, str]) -> Agent:
    name = fields.get("MemberName") or fields.get("Name") or "onbekend"
    key = fields.get("Interface") or fields.get("Location") or fields.get("StateInterface") or name
    penalty = _number(fields.get("Penalty", ""))
    if fields.get("Paused") == "1":
        return Agent(name, "pauze", key, penalty=penalty)
    return Agent(name, _STATUS.get(fields.get("Status", ""), _UNREACHABLE), key, penalty=penalty)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
