"""What a caller hears and can do whom no agent answers at once; a real Asterisk, a stand-in for voicebot."""

import asyncio
from pathlib import Path

import pytest
from sites import (
    NUMBER,
    Site,
    Sites,
    ended,
    heard,
    prompts_in,
    sine,
    until,
    weekday,
    with_number,
)

from voicebot.telephony.installation import AsteriskInstall
from voicebot.telephony.legs import callback_leg, is_callback_leg
from voicebot.telephony.open_hours import OpenHours
from voicebot.telephony.phone import PhoneCall, SipPhone

pytestmark = pytest.mark.asterisk


@pytest.fixture
def sites(tmp_path: Path, asterisk_install: AsteriskInstall) -> Sites:
    return Sites(tmp_path, asterisk_install)


async def takes_the_number(call_id: str, site: Site) -> None:
    """Hand every caller over at first; the second time, end the call as if the number was taken."""
    if is_callback_leg(call_id):
        await site.control.caller_number(call_id)
        assert await site.control.finish(call_id)


async def takes_nothing(call_id: str, site: Site) -> None:
    """Hand every caller over, both times."""


async def keeps_talking(call_id: str, site: Site) -> None:
    """Hand every caller over at first; the second time, talk until the caller has enough."""
    if is_callback_leg(call_id):
        await asyncio.Event().wait()


async def talking(caller: SipPhone, agent: SipPhone) -> PhoneCall:
    """Keep the agent busy; return the agent's end of that call."""
    await caller.call("100")
    taken = await agent.incoming()
    await taken.answer()
    return taken


def why(site: Site) -> list[str]:
    return [event["Why"] for event in site.told("VoicebotFallback")]


def test_who_waits_is_told_place_and_wait_and_can_be_called_back_instead(sites: Sites) -> None:
    async def main() -> None:
        async with (
            sites.open(takes_the_number, reminder_seconds=1) as site,
            site.agent() as agent,
            site.caller() as caller,
        ):
            await agent.register()
            begun = asyncio.get_running_loop().time()
            taken = await talking(caller, agent)

            first = await caller.call("100", headers=with_number())
            await heard(first, "hold_music")
            second = await caller.call("100")
            await heard(second, "position_2")
            second.press("5")  # before the announcement is over
            await ended(second)
            assert prompts_in(second.heard()) == ["transfer", "all_busy", "position_2", "asked"]

            await heard(first, "still_waiting")
            first.press("35")  # keys without a meaning have none
            await ended(first)
            told = prompts_in(first.heard())
            assert told[:5] == ["transfer", "all_busy", "position_1", "press_for_callback", "hold_music"]
            assert told[-1] == "asked"
            assert why(site) == ["asked", "asked"]
            assert site.told("VoicebotMessage") == []

            legs = [event for event in site.told("VoicebotCall") if is_callback_leg(event["CallUUID"])]
            calls = {event["CallUUID"] for event in site.told("VoicebotFallback")}
            assert {event["CallUUID"] for event in legs} == {callback_leg(call) for call in calls}
            assert [event["VbCaller"] for event in legs] == ["", NUMBER]

            # a wait is told once a call has lasted
            await asyncio.sleep(max(0.0, begun + 5.0 - asyncio.get_running_loop().time()))
            await taken.hang_up()
            await talking(caller, agent)
            third = await caller.call("100")
            await heard(third, "press_for_callback")
            assert prompts_in(third.heard())[1:5] == [
                "all_busy",
                "position_1",
                "wait_1",
                "press_for_callback",
            ]

    asyncio.run(main())


def test_who_waited_too_long_or_found_the_queue_full_is_called_back(sites: Sites) -> None:
    async def main() -> None:
        async with (
            sites.open(takes_the_number, max_waiting=1, wait_seconds=2) as site,
            site.agent() as agent,
            site.caller() as caller,
        ):
            await agent.register()
            first = await caller.call("100")
            await agent.incoming()  # and does not answer
            second = await caller.call("100")
            await ended(second)
            await ended(first)
            assert prompts_in(second.heard()) == ["transfer", "full"]
            assert prompts_in(first.heard()) == ["transfer", "hold_music", "waited_long"]
            assert why(site) == ["full", "waited_long"]
            assert site.told("VoicebotMessage") == []

    asyncio.run(main())


def test_who_calls_outside_opening_hours_is_called_back(sites: Sites) -> None:
    async def main() -> None:
        hours = (OpenHours((weekday(2),), "08:00", "12:00"),)
        async with sites.open(takes_the_number, hours=hours) as site, site.caller() as caller:
            call = await caller.call("100")
            await ended(call)
            assert prompts_in(call.heard()) == ["closed", "opening_hours"]
            assert why(site) == ["closed"]

    asyncio.run(main())


def test_when_no_number_was_taken_there_is_a_message(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open(takes_nothing) as site, site.caller() as caller:
            call = await caller.call("100")
            await heard(call, "tone")
            assert prompts_in(call.heard()) == ["transfer", "no_agent", "leave_message", "tone"]
            assert why(site) == ["no_agent"]
            call.say(sine(700, 1.0))
            await call.said()
            call.press("#")
            await ended(call)
            (message,) = site.told("VoicebotMessage")
            assert (site.messages / f"{message['CallUUID']}.wav").is_file()
            assert len(site.told("VoicebotCall")) == 2  # never a third time
            ids = {event["CallUUID"] for event in site.told("VoicebotCall")}
            await until(lambda: {event["CallUUID"] for event in site.told("VoicebotEnd")} == ids)

    asyncio.run(main())


def test_who_hangs_up_while_leaving_a_number_is_gone_whole(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open(keeps_talking) as site, site.caller() as caller:
            call = await caller.call("100")
            await until(lambda: len(site.told("VoicebotCall")) == 2)
            await call.hang_up()
            ids = {event["CallUUID"] for event in site.told("VoicebotCall")}
            await until(lambda: {event["CallUUID"] for event in site.told("VoicebotEnd")} == ids)
            assert "0 active channels" in await site.asterisk.cli("core show channels")

    asyncio.run(main())


def test_a_sound_that_is_missing_costs_nobody_the_call(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open() as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            (sites.folder / "dialplan" / "sounds" / "position_1.wav").unlink()
            await talking(caller, agent)
            call = await caller.call("100")
            await heard(call, "hold_music")
            assert "position_1" not in prompts_in(call.heard())

    asyncio.run(main())
