"""Whatever happens to a worker: its callers are heard by an agent, and those of others notice nothing."""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from breakable import WORKER_FAULTS
from exchange import Exchange
from people import Meeting, now
from processes import alive

pytestmark = pytest.mark.faults

MEMORY_MB = 400
INTACT = 0.9
"""Share of a bystander's sound that must arrive; a worker that stood still for a second would lose more."""


@dataclass(frozen=True)
class Aftermath:
    met: dict[str, Meeting | None]
    """By fault."""
    heard: float
    """Share of the sound that the caller of an unharmed worker heard meanwhile."""
    bystander: Meeting | None
    """With the human that this caller asked for afterwards."""
    left: Sequence[str]


@pytest.fixture(scope="module")
def aftermath(runner: asyncio.Runner, lone_exchange: Exchange) -> Aftermath:
    """Do everything, each to a worker of its own; one more is left alone."""
    return runner.run(break_workers(lone_exchange))


async def break_workers(exchange: Exchange) -> Aftermath:
    async with exchange.voicebot(workers=len(WORKER_FAULTS) + 1, worker_memory_mb=MEMORY_MB) as voicebot:
        *victims, bystander = await exchange.call_every_worker(voicebot)
        await voicebot.in_conversation(*victims, bystander)
        begun = now()

        meeting = []
        for victim, how in zip(victims, WORKER_FAULTS.values(), strict=True):
            await voicebot.harm(victim.worker, how)
            meeting.append(asyncio.create_task(exchange.agents.meet([victim], now())))
        met = [fate for (fate,) in await asyncio.gather(*meeting)]
        heard = bystander.share_heard(begun)
        await bystander.says("medewerker")
        (helped,) = await exchange.agents.meet([bystander], now())
        await exchange.everyone_hangs_up()
        by_fault = dict(zip(WORKER_FAULTS, met, strict=True))
        return Aftermath(by_fault, heard, helped, await voicebot.leftovers())


@pytest.mark.parametrize("fault", WORKER_FAULTS)
def test_a_caller_meets_an_agent_when_the_worker_is(fault: str, aftermath: Aftermath) -> None:
    assert aftermath.met[fault]


def test_a_caller_of_another_worker_notices_nothing(aftermath: Aftermath) -> None:
    assert aftermath.heard > INTACT
    assert aftermath.bystander
    assert aftermath.bystander.headers["reason"] == "asked_for_human"
    assert aftermath.bystander.headers["intent"] == "order_status"


def test_broken_workers_leave_nothing(aftermath: Aftermath) -> None:
    assert aftermath.left == []


def test_a_caller_meets_an_agent_when_the_parent_is_killed(
    runner: asyncio.Runner, lone_exchange: Exchange
) -> None:
    async def main() -> Meeting | None:
        async with lone_exchange.voicebot() as voicebot:
            workers = voicebot.workers()
            caller = await lone_exchange.call()
            await voicebot.in_conversation(caller)
            since = now()
            os.kill(voicebot.parent, signal.SIGKILL)
            (met,) = await lone_exchange.agents.meet([caller], since)
            await lone_exchange.everyone_hangs_up()
            assert await voicebot.leftovers() == []
            assert not any(map(alive, workers))
            return met

    assert runner.run(main())


def test_a_caller_meets_an_agent_when_voicebot_is_not_running(
    runner: asyncio.Runner, lone_exchange: Exchange
) -> None:
    """The last one here: after it the dialplan leaves voicebot alone for a while."""

    async def main() -> Meeting | None:
        since = now()
        (met,) = await lone_exchange.agents.meet([await lone_exchange.call()], since)
        await lone_exchange.everyone_hangs_up()
        return met

    assert runner.run(main())
