"""What people can order from the pages: calls to take over, listen to or end; agents to log in or out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from voicebot.errors import ManagerError
from voicebot.handoff import AgentDesk, Orders, Person, QueueSnapshot
from voicebot.web.forms import read_form
from voicebot.web.live import LiveCalls

log = structlog.get_logger(__name__)

_GONE = "Dit gesprek is er niet meer."
_NO_PHONE = "Kies eerst bovenaan uw toestel."
_NOBODY = "Deze medewerker is niet bekend."
_NO_COMMANDS = "Dit kan nu niet: er is geen verbinding met de telefooncentrale."


class Commands(Protocol):
    """What carries the orders out; each raises ManagerError with a sentence when Asterisk refuses."""

    async def take_over(self, call_id: str, phone: str) -> None:
        """Connect the caller to the telephone of the person with the name `phone`."""
        ...

    async def listen(self, call_id: str, phone: str) -> None:
        """Let the person with the name `phone` hear the call."""
        ...

    async def end(self, call_id: str) -> None:
        """End the call."""
        ...

    async def log_in(self, agent: str) -> None:
        """Have the queues ring this agent."""
        ...

    async def pause(self, agent: str) -> None:
        """Have the queues ring this agent no more for now."""
        ...

    async def resume(self, agent: str) -> None:
        """Have the queues ring this agent again."""
        ...

    async def log_out(self, agent: str) -> None:
        """Take this agent out of the queues."""
        ...


class Switchboard:
    """The `Commands` of a real Asterisk."""

    def __init__(self, agents: AgentDesk, orders: Orders) -> None:
        self.take_over, self.listen, self.end = orders.take_over, orders.listen, orders.end
        self.log_in, self.log_out = agents.log_in, agents.log_out
        self.pause, self.resume = agents.pause, agents.resume


def command_routes(
    live: LiveCalls,
    queues: Callable[[], tuple[QueueSnapshot, ...] | None],
    people: Callable[[], Sequence[Person]],
    commands: Commands | None,
) -> APIRouter:
    """Return the places that take orders; each answers with a sentence in ``told``."""
    routes = APIRouter(prefix="/commands")

    @routes.post("/call/{order}")
    async def order_call(order: str, request: Request) -> JSONResponse:
        form = await read_form(request)
        call_id, phone = form.get("call_id", ""), form.get("phone", "")
        person = next((one for one in people() if one.phone == phone), None)
        if commands is None:
            return _told(503, _NO_COMMANDS)
        if order not in ("take-over", "listen", "end"):
            return _told(404, "Deze opdracht bestaat niet.")
        if not _takes(order, call_id):
            return _told(409, _GONE)
        if order != "end" and person is None:
            return _told(409, _NO_PHONE)
        log.info("order", order=order, call_id=call_id)
        if person is None or order == "end":
            return await _carried_out(commands.end(call_id), "Het gesprek wordt beëindigd.")
        if order == "listen":
            told = f"Toestel {person.name} gaat over. Neem op om mee te luisteren; de beller hoort u niet."
            return await _carried_out(commands.listen(call_id, person.phone), told)
        told = f"Het gesprek komt naar toestel {person.name}."
        return await _carried_out(commands.take_over(call_id, person.phone), told)

    def _takes(order: str, call_id: str) -> bool:
        """Whether there is a call for this order: any with the bot, some with the queue or an agent."""
        if not _is_call_id(call_id):
            return False
        if live.is_with_bot(call_id):
            return True
        now = queues() or ()
        waits = any(one.call_id == call_id for queue in now for one in queue.waiting)
        talks = any(one.call_id == call_id for queue in now for one in queue.agents)
        return (order != "end" and waits) or (order == "listen" and talks)

    @routes.post("/agent/{order}")
    async def order_agent(order: str, request: Request) -> JSONResponse:
        agent = (await read_form(request)).get("agent", "")
        label = agent_labels(queues(), people()).get(agent)
        if commands is None:
            return _told(503, _NO_COMMANDS)
        if label is None:
            return _told(404, _NOBODY)
        orders: dict[str, tuple[Callable[[str], Awaitable[None]], str]] = {
            "log-in": (commands.log_in, f"{label} is aangemeld en krijgt nu gesprekken."),
            "pause": (commands.pause, f"{label} heeft pauze en krijgt geen nieuwe gesprekken."),
            "resume": (commands.resume, f"{label} krijgt weer gesprekken."),
            "log-out": (commands.log_out, f"{label} is afgemeld en krijgt geen gesprekken meer."),
        }
        if order not in orders:
            return _told(404, "Deze opdracht bestaat niet.")
        carry_out, told = orders[order]
        return await _carried_out(carry_out(agent), told)

    return routes


def agent_labels(queues: Sequence[QueueSnapshot] | None, people: Sequence[Person]) -> dict[str, str]:
    """Return all agents: those of the exchange's people, and those in a queue; key -> what people read."""
    labels = {agent.key: agent.name for queue in queues or () for agent in queue.agents if agent.key}
    return labels | {person.phone: person.name for person in people if person.is_agent}


async def _carried_out(order: Awaitable[None], told: str) -> JSONResponse:
    try:
        await order
    except ManagerError as error:
        return _told(502, f"Dat is niet gelukt. {error}")
    return _told(200, told)


def _told(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"told": sentence}, status)


def _is_call_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
