"""Whatever part of a call breaks, the caller is helped or heard by an agent."""

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
from itertools import count

import pytest
from breakable import Voicebot
from exchange import Exchange
from people import Meeting, now, until
from processes import speech_processes
from relay import Relay

pytestmark = pytest.mark.faults

BACKEND_FAULTS = {
    "an exception": "90000",
    "an outcome that nobody knows": "90002",
    "an outcome that is no text": "90003",
    "no facts": "90004",
    "facts that are no mapping": "90005",
    "facts of another kind": "90006",
    "nothing": "90007",
    "another kind of thing": "90008",
    "no answer": "90001",
}
"""What the shop gives -> for which order, as in tricks/backend_fails.py."""
LOCKED_S = 6.0
"""Longer than SQLite waits for another writer."""
WRITTEN_S = 40.0
"""By then a log that could not be written is tried again."""


def test_a_recogniser_that_raises_and_one_that_hangs(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot
) -> None:
    async def main() -> list[Meeting | None]:
        callers = await exchange.call_every_worker(voicebot)
        await voicebot.in_conversation(*callers)
        for caller, how in zip(callers, ("raises", "hangs"), strict=True):
            await voicebot.harm(caller.worker, f"recogniser_{how}")
        await asyncio.gather(*(caller.says("een_twee_drie_vier_vijf") for caller in callers))
        met = await exchange.agents.meet(callers, now())
        for caller in callers:
            await voicebot.harm(caller.worker, "recogniser_heals")
        return met

    assert [met and met.headers["reason"] for met in runner.run(main())] == ["fault", "fault"]


@pytest.fixture(scope="module")
def met_after_backend(
    runner: asyncio.Runner, exchange: Exchange, relayed: tuple[Relay, Voicebot]
) -> dict[str, Meeting | None]:
    """Have a caller a second, for each way in which a back-end can fail; the order's number chooses."""
    _, voicebot = relayed

    async def ask(number: str, place: int) -> Meeting | None:
        await asyncio.sleep(place)
        caller = await exchange.call()
        await caller.says("waar_is_mijn_bestelling")
        await asyncio.sleep(1)
        caller.call.press(number)
        await caller.call.said()
        await asyncio.sleep(1)
        await caller.says("vijf_zes_een_een_b_j")
        if (met := (await exchange.agents.meet([caller], now()))[0]) is None:  # misheard: asked again
            await caller.says("vijf_zes_een_een_b_j")
            met = (await exchange.agents.meet([caller], now()))[0]
        return met

    async def main() -> list[Meeting | None]:
        for worker in voicebot.workers():
            await voicebot.harm(worker, "backend_fails")
        met = await asyncio.gather(*map(ask, BACKEND_FAULTS.values(), count()))
        for worker in voicebot.workers():
            await voicebot.harm(worker, "backend_heals")
        await exchange.everyone_hangs_up()
        assert await voicebot.leftovers() == []
        return met

    return dict(zip(BACKEND_FAULTS, runner.run(main()), strict=True))


@pytest.mark.parametrize("fault", BACKEND_FAULTS)
def test_a_backend_that_gives(fault: str, met_after_backend: dict[str, Meeting | None]) -> None:
    met = met_after_backend[fault]
    assert met
    assert met.headers["reason"] in ("backend_failed", "fault")
    assert met.headers["intent"] == "order_status"


def test_killed_and_frozen_speech_processes_are_replaced(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot
) -> None:
    async def main() -> list[Meeting | None]:
        callers = await exchange.call_every_worker(voicebot)
        answers = voicebot.prompted("order_status.say") + len(callers)
        for caller, harm in zip(callers, (signal.SIGKILL, signal.SIGSTOP), strict=True):
            processes = speech_processes(caller.worker)
            assert len(processes) == 3, "two, and a spare"
            for process in processes:
                os.kill(process, harm)
        await asyncio.gather(*(caller.says("f4_alles_in_een_zin") for caller in callers))
        await until(lambda: voicebot.prompted("order_status.say") == answers, "the answer was not spoken")
        await asyncio.gather(*(caller.says("medewerker") for caller in callers))
        return await exchange.agents.meet(callers, now())

    assert [met and met.headers["reason"] for met in runner.run(main())] == 2 * ["asked_for_human"]


def test_on_a_full_disk_a_part_may_break_too(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot
) -> None:
    """Neither the event log can be written then, nor what is logged of the fault."""

    async def main() -> Meeting | None:
        caller = await exchange.call_worker(voicebot, voicebot.workers())
        ended = voicebot.ended("transferred")
        before = resource.prlimit(caller.worker, resource.RLIMIT_FSIZE)
        resource.prlimit(caller.worker, resource.RLIMIT_FSIZE, (0, before[1]))  # no file may grow: EFBIG
        await caller.says("waar_is_mijn_bestelling")
        await asyncio.sleep(1)
        await voicebot.harm(caller.worker, "recogniser_raises")
        await caller.says("een_twee_drie_vier_vijf")
        (met,) = await exchange.agents.meet([caller], now())
        await voicebot.harm(caller.worker, "recogniser_heals")
        assert voicebot.ended("transferred") == ended
        resource.prlimit(caller.worker, resource.RLIMIT_FSIZE, before)
        await until(lambda: voicebot.ended("transferred") > ended, "the log was lost", WRITTEN_S)
        return met

    assert (met := runner.run(main()))
    assert met.headers["reason"] == "fault"
    assert met.headers["intent"] == "order_status"


def test_a_locked_event_store_costs_no_call(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot
) -> None:
    async def main() -> Meeting | None:
        ended = voicebot.ended("transferred")
        with contextlib.closing(sqlite3.connect(voicebot.database, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            locked = now()
            caller = await exchange.call()
            await caller.says("waar_is_mijn_bestelling")
            await asyncio.sleep(1)
            await caller.says("medewerker")
            (met,) = await exchange.agents.meet([caller], now())
            await asyncio.sleep(locked + LOCKED_S - now())
            assert voicebot.ended("transferred") == ended
        await until(lambda: voicebot.ended("transferred") > ended, "the log was lost", WRITTEN_S)
        return met

    assert (met := runner.run(main()))
    assert met.headers["reason"] == "asked_for_human"
