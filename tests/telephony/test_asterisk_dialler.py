"""Calling back through a real Asterisk: an agent first, with the briefing, and then the caller."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from desks import BRIEFING, loudest_per_100_ms, watched
from sites import Site, Sites, ended, heard, sine, until, weekday

from voicebot.audio import write_audio
from voicebot.clock import WallClock
from voicebot.errors import TelephonyError
from voicebot.handoff import ContextPackage, Dialler, Policy, QueueWatch
from voicebot.records import Callback, Callbacks
from voicebot.telephony import OpenHours, PhoneCall, SipPhone
from voicebot.telephony.installation import AsteriskInstall

pytestmark = pytest.mark.asterisk

AGENT, CALLER = 2700, 3100
CALL = "6f1c0d9e-8a51-4f0e-b1c4-2f6d5b7a9c10"
NUMBER = "+31612345678"
TWICE = Policy(tries=2, pause_minutes=15)
PACKAGE = ContextPackage(call_id=CALL, reason="asked_for_human", intent="order_status")


@pytest.fixture
def sites(tmp_path: Path, asterisk_install: AsteriskInstall) -> Sites:
    write_audio(tmp_path / f"{CALL}-callback.wav", sine(BRIEFING, 2))
    return Sites(tmp_path, asterisk_install)


@dataclass
class CallingBack:
    """A site at which one caller is to be called back."""

    site: Site
    book: Callbacks
    watch: QueueWatch

    @property
    def waiting(self) -> list[str]:
        """Why who waits does so, in their order."""
        return [one.reason for queue in self.watch.snapshot() or () for one in queue.waiting]

    @property
    def wanted(self) -> Callback:
        return self.book.requests(done=True)[-1]


@asynccontextmanager
async def calling_back(
    sites: Sites, policy: Policy = TWICE, **settings: object
) -> AsyncIterator[CallingBack]:
    book = Callbacks(f"sqlite:///{sites.folder / 'calls.db'}", sites.folder / "secret.key")
    clock = WallClock()
    book.add(CALL, NUMBER, clock.now().isoformat())
    plan = {"outbound": "Local/{number}@outside/n", "callback_ring_seconds": 2, **settings}
    async with sites.open(**plan) as site, watched(site) as watch:
        dialler = Dialler(
            site.client,
            book,
            clock.run,
            clock.now,
            watch.snapshot,
            lambda call_id: (PACKAGE, "http://pbx:8080/h/abc"),
            sites.folder,
            "klantenservice",
            policy,
        )
        running = asyncio.create_task(dialler.run())
        try:
            yield CallingBack(site, book, watch)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            book.close()


async def answered(agent: SipPhone) -> PhoneCall:
    """Return the call that an agent takes."""
    call = await agent.incoming()
    await call.answer()
    return call


def test_an_agent_is_called_first_and_then_the_caller(sites: Sites) -> None:
    async def main() -> None:
        opening = calling_back(sites)
        async with opening as back, back.site.agent() as agent, back.site.phone("customer") as customer:
            await customer.register()
            await asyncio.sleep(1.5)  # nobody is there to call back
            assert back.wanted.status == "open"
            await agent.register()
            ringing = await agent.incoming()
            assert f"Terugbellen {NUMBER}" in ringing.headers["From"]
            assert ringing.headers["X-Voicebot-Call"] == CALL
            assert ringing.headers["X-Voicebot-Reason"] == "asked_for_human"
            assert ringing.headers["X-Voicebot-Page"] == "http://pbx:8080/h/abc"
            with pytest.raises(TelephonyError):
                await customer.incoming(0.3)
            await ringing.answer()
            await until(lambda: BRIEFING in loudest_per_100_ms(ringing.heard()))
            answering = await customer.incoming()
            assert loudest_per_100_ms(ringing.heard()).count(BRIEFING) >= 18
            await answering.answer()
            answering.say(sine(CALLER, 10))
            ringing.say(sine(AGENT, 10))
            await until(lambda: CALLER in loudest_per_100_ms(ringing.heard()))
            await until(lambda: AGENT in loudest_per_100_ms(answering.heard()))
            assert BRIEFING not in loudest_per_100_ms(answering.heard())
            await until(lambda: back.wanted.status == "done")
            assert back.wanted.number is None
            await answering.hang_up()
            await ended(ringing)
            await asyncio.sleep(1.5)
            with pytest.raises(TelephonyError):  # once is enough
                await agent.incoming(0.3)

    asyncio.run(main())


def test_a_caller_who_does_not_answer_is_called_later_and_then_no_more(sites: Sites) -> None:
    async def main() -> None:
        opening = calling_back(sites, Policy(tries=1))
        async with opening as back, back.site.agent() as agent, back.site.phone("customer") as customer:
            await customer.register()
            await agent.register()
            ringing = await answered(agent)
            await customer.incoming()
            await heard(ringing, "caller_not_reached")
            await ended(ringing)
            await until(lambda: back.wanted.status == "failed")
            assert (back.wanted.tries, back.wanted.last_result) == (1, "not_reached")
            assert back.wanted.number == NUMBER

    asyncio.run(main())


def test_it_is_tried_again_when_the_caller_did_not_answer(sites: Sites) -> None:
    async def main() -> None:
        opening = calling_back(sites)
        async with opening as back, back.site.agent() as agent, back.site.phone("customer") as customer:
            await customer.register()
            await agent.register()
            ringing = await answered(agent)
            await heard(ringing, "caller_not_reached")
            await until(lambda: back.wanted.status == "open" and back.wanted.tries == 1)
            later = datetime.fromisoformat(back.wanted.not_before or "").timestamp() - time.time()
            assert 13 * 60 < later <= 15 * 60

    asyncio.run(main())


@pytest.mark.parametrize("outbound", ["Local/{number}@outside/n", "Local/{number}@nowhere/n", ""])
def test_a_line_that_does_not_go_out_costs_the_caller_no_try(sites: Sites, outbound: str) -> None:
    async def main() -> None:
        opening = calling_back(sites, outbound=outbound)
        async with opening as back, back.site.agent() as agent:
            await agent.register()
            if outbound:
                ringing = await answered(agent)
                await heard(ringing, "cannot_call")  # the caller's telephone is not registered, or no route
            await until(lambda: back.wanted.last_result == "no_line")
            assert (back.wanted.status, back.wanted.tries) == ("open", 0)

    asyncio.run(main())


def test_an_agent_who_hangs_up_in_between_costs_no_try(sites: Sites) -> None:
    async def main() -> None:
        opening = calling_back(sites)
        async with opening as back, back.site.agent() as agent, back.site.phone("customer") as customer:
            await customer.register()
            await agent.register()
            ringing = await answered(agent)
            rung = await customer.incoming()
            await ringing.hang_up()
            await ended(rung)
            await until(lambda: back.wanted.last_result == "agent_left")
            assert (back.wanted.status, back.wanted.tries) == ("open", 0)

    asyncio.run(main())


def test_no_agent_who_answers_costs_no_try(sites: Sites) -> None:
    async def main() -> None:
        async with calling_back(sites, callback_wait_seconds=2) as back, back.site.agent() as agent:
            await agent.register()
            await agent.incoming()
            await until(lambda: back.wanted.last_result == "no_agent", 20)
            assert (back.wanted.status, back.wanted.tries) == ("open", 0)

    asyncio.run(main())


def test_nobody_is_called_back_when_the_queue_is_closed(sites: Sites) -> None:
    async def main() -> None:
        hours = (OpenHours((weekday(3),), "08:00", "17:00"),)
        async with calling_back(sites, hours=hours) as back, back.site.agent() as agent:
            await agent.register()
            await until(lambda: back.wanted.last_result == "closed")
            with pytest.raises(TelephonyError):
                await agent.incoming(0.5)

    asyncio.run(main())


def test_who_was_called_is_not_called_again_though_we_never_heard_of_it(sites: Sites) -> None:
    async def main() -> None:
        async with calling_back(sites) as back, back.site.agent() as agent:
            await back.site.asterisk.cli(f"database put voicebot callback-{CALL} 1700000000")
            await agent.register()
            await until(lambda: back.wanted.status == "done")
            with pytest.raises(TelephonyError):
                await agent.incoming(0.5)

    asyncio.run(main())


def test_who_is_called_back_keeps_the_place_before_who_came_later(sites: Sites) -> None:
    async def transfer(call_id: str, site: Site) -> None:
        assert await site.control.set_context(call_id, {"VB_REASON": "asked_for_human"})

    async def main() -> None:
        around = calling_back(sites, bot=transfer)
        async with around as back, back.site.agent() as agent, back.site.caller() as caller:
            back.book.finish(1, "2026-11-23T09:00:00+01:00")  # first there is a caller
            await agent.register()
            await caller.call("100")
            busy = await agent.incoming()
            await busy.answer()
            back.book.add(CALL, NUMBER, "2026-11-23T09:00:30+01:00")
            await until(lambda: back.waiting == ["callback"])
            await caller.call("100")
            await until(lambda: back.waiting == ["callback", "asked_for_human"])
            await busy.hang_up()
            ringing = await agent.incoming()
            assert "Terugbellen" in ringing.headers["From"]

    asyncio.run(main())


def test_a_call_that_asterisk_lost_is_made_again(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicebot.handoff.dialler.MISSED_S", 1)
    monkeypatch.setattr("voicebot.handoff.dialler.AGENT_PAUSE", timedelta(0))

    async def main() -> None:
        async with calling_back(sites) as back, back.site.agent() as agent:
            await agent.register()
            await agent.incoming()
            assert back.wanted.status == "calling"
            await back.site.asterisk.stop()
            await back.site.asterisk.start()
            await agent.register()
            await agent.incoming(20)
            assert (back.wanted.status, back.wanted.tries) == ("calling", 0)

    asyncio.run(main())
