"""The state of Asterisk's queues, from Manager events and QueueStatus lists. Pure: plain mappings in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """What commands know them by."""
    call_id: str = ""
    """The call that they are in, as the bot numbered it; empty without one."""
    since_s: int | None = None
    """How long they have had this status; None when that is not known."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller who waits in a queue."""

    call_id: str
    """As the bot numbered the call; empty for one that the bot did not have."""
    position: int
    """From 1."""
    wait_s: int
    priority: int = 0
    reason: str = ""
    """Why a human is needed: the code in `Transfer.reason`; empty when not known."""


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """One queue at one moment."""

    name: str
    label: str
    """The name for people."""
    waiting: tuple[Waiting, ...]
    """In the order of their turn."""
    longest_wait_s: int
    agents: tuple[Agent, ...]

    @property
    def len(self) -> int:
        """How many callers wait."""
        return len(self.waiting)


@dataclass(slots=True)
class _Queue:
    waits: dict[str, int] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)


class QueueState:
    """Follows the queues; a QueueStatus list, applied in order, sets everything right."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    def apply(self, event: str, fields: Mapping[str, str]) -> None:
        """Take one event or list item; others than those about queues are ignored."""
        name = fields.get("Queue")
        if name is None:
            return
        queue = self._queues.setdefault(name, _Queue())
        caller, member = fields.get("Uniqueid", ""), fields.get("Interface", fields.get("Location", ""))
        match event:
            case "QueueParams":  # the head of a list: what follows is all there is
                self._queues[name] = _Queue()
            case "QueueEntry":
                queue.waits[caller] = _seconds(fields.get("Wait", ""))
            case "QueueCallerJoin":
                queue.waits[caller] = 0
            case "QueueCallerLeave":
                queue.waits.pop(caller, None)
            case "QueueMember" | "QueueMemberAdded" | "QueueMemberStatus" | "QueueMemberPause":
                queue.agents[member] = _agent(fields)
            case "QueueMemberRemoved":
                queue.agents.pop(member, None)

    def snapshot(self) -> tuple[QueueSnapshot, ...]:
        """Return all queues; waits are as old as the last QueueStatus list."""
        return tuple(
            QueueSnapshot(
                name,
                name.capitalize(),
                tuple(Waiting("", place, wait) for place, wait in enumerate(queue.waits.values(), start=1)),
                max(queue.waits.values(), default=0),
                tuple(queue.agents.values()),
            )
            for name, queue in self._queues.items()
        )


def _agent(fields: Mapping[str, str]) -> Agent:
    name = fields.get("MemberName") or fields.get("Name") or "onbekend"
    if fields.get("Paused") == "1":
        return Agent(name, "pauze")
    return Agent(name, _STATUS.get(fields.get("Status", ""), _UNREACHABLE))


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
