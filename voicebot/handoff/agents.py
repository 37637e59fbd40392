"""Agents in and out of the queue, by the Manager; by telephone the dialplan does the same (AgentCodes)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from voicebot.errors import ManagerError
from voicebot.handoff.queue import QueueSnapshot
from voicebot.telephony import ManagerClient, penalties

Snapshot = Callable[[], tuple[QueueSnapshot, ...] | None]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a telephone."""

    phone: str
    """As Asterisk dials it: ``PJSIP/anna``."""
    name: str
    is_agent: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works here, as the operator wrote it down; all empty: whoever is in a queue."""

    agents: Mapping[str, str]
    """Telephone -> name."""
    queues: Mapping[str, tuple[str, ...]]
    """Telephone -> the queues that they answer; none: all."""
    skills: Mapping[str, tuple[str, ...]]
    supervisors: Mapping[str, str]
    """Telephone -> name."""


class AgentDesk:
    """Logs agents in and out, and pauses them. Raises ManagerError, in Dutch where an agent can mend it."""

    def __init__(self, client: ManagerClient, roster: Roster, snapshot: Snapshot) -> None:
        self._client = client
        self._roster = roster
        self._snapshot = snapshot

    def people(self) -> list[Person]:
        """Return everybody whose telephone may ring: those written down, and members of the queues."""
        found = {phone: Person(phone, name, False) for phone, name in self._roster.supervisors.items()}
        found |= {phone: Person(phone, name, True) for phone, name in self._roster.agents.items()}
        for queue in self._snapshot() or ():
            for agent in queue.agents:
                found.setdefault(agent.key, Person(agent.key, agent.name, True))
        return sorted(found.values(), key=lambda one: one.name.casefold())

    async def log_in(self, agent: str) -> None:
        """Put an agent in their queues, off pause."""
        person = self._person(agent)
        queues = self._queues()
        for queue, penalty in _places(self._roster, agent, [queue.name for queue in queues]):
            if any(queue == one.name and agent in _keys(one) for one in queues):
                continue
            await self._client.action(
                "QueueAdd", Queue=queue, Interface=agent, Penalty=str(penalty), MemberName=person.name
            )
        await self._pause(agent, "false")

    async def pause(self, agent: str) -> None:
        """Give an agent no calls for now."""
        self._person(agent)
        await self._pause(agent, "true")

    async def resume(self, agent: str) -> None:
        """Give an agent calls again."""
        self._person(agent)
        await self._pause(agent, "false")

    async def log_out(self, agent: str) -> None:
        """Take an agent out of all queues; who is in one by Asterisk's own files is paused instead."""
        self._person(agent)
        theirs = [queue.name for queue in self._queues() if agent in _keys(queue)]
        stays = not theirs
        for queue in theirs:
            try:
                await self._client.action("QueueRemove", Queue=queue, Interface=agent)
            except ManagerError:
                stays = True
        if stays:
            await self._pause(agent, "true")

    async def _pause(self, agent: str, paused: str) -> None:
        try:
            await self._client.action("QueuePause", Interface=agent, Paused=paused)
        except ManagerError as refused:
            if not self._client.connected:
                raise
            raise ManagerError("Deze medewerker is niet aangemeld.") from refused

    def _person(self, agent: str) -> Person:
        for one in self.people():
            if one.phone == agent and one.is_agent:
                return one
        raise ManagerError("Deze medewerker is niet bekend.")

    def _queues(self) -> tuple[QueueSnapshot, ...]:
        queues = self._snapshot()
        if queues is None:
            raise ManagerError("Er is geen verbinding met de telefooncentrale.")
        return queues


def _keys(queue: QueueSnapshot) -> Collection[str]:
    return {agent.key for agent in queue.agents}


def _places(roster: Roster, agent: str, names: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return the queues of an agent with a penalty for each, of those that Asterisk has (`names`)."""
    departments = [name for name in names if not any(name.startswith(f"{other}_") for other in names)]
    wanted = roster.queues.get(agent) or tuple(departments)
    skilled = [
        (one, name.removeprefix(f"{one}_"))
        for one in departments
        for name in names
        if name.startswith(f"{one}_")
    ]
    mine = [name for name in departments if name in wanted]
    return penalties(mine, roster.skills.get(agent, ()), skilled)
