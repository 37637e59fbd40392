"""The generated dialplan in a real Asterisk, with a telephone at both ends and a stand-in for voicebot."""

import asyncio
import wave
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from sites import (
    NUMBER,
    Samples,
    Site,
    Sites,
    ended,
    heard,
    manager,
    prompts_in,
    sine,
    until,
    weekday,
    with_number,
)

from voicebot.telephony.installation import AsteriskInstall
from voicebot.telephony.open_hours import OpenHours
from voicebot.telephony.phone import SipPhone

pytestmark = pytest.mark.asterisk


@pytest.fixture
def sites(tmp_path: Path, asterisk_install: AsteriskInstall) -> Sites:
    return Sites(tmp_path, asterisk_install)


def test_without_voicebot_the_caller_gets_an_agent(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open() as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100", headers=with_number())
            ringing = await agent.incoming()
            assert f"Onbekende reden {NUMBER}" in ringing.headers["From"]
            assert ringing.headers["X-Voicebot-Reason"] == "unknown"
            assert ringing.headers["X-Voicebot-Intent"] == "unknown"
            await ringing.answer()
            ringing.say(sine(2900))
            call.say(sine(3100))
            await until(lambda: loudest(call.heard()) == 2900 and loudest(ringing.heard()) == 3100)
            assert prompts_in(call.heard())[0] == "transfer"

            await ringing.hang_up()
            await ended(call)
            assert "no_agent" not in prompts_in(call.heard())
            await until(lambda: site.told("VoicebotEnd"))
            (started,) = site.told("VoicebotCall")
            assert started["VbCaller"] == NUMBER
            assert started["VbChannel"] == started["Channel"]
            (queued,) = site.told("VoicebotQueue")
            ids = {each["CallUUID"] for each in (started, queued, *site.told("VoicebotEnd"))}
            assert ids == {ringing.headers["X-Voicebot-Call"]}

    asyncio.run(main())


def loudest(samples: Samples) -> int:
    """The frequency of the last 0.2 s that has any sound, to 10 Hz."""
    sounding = np.flatnonzero(np.abs(samples.astype(int)) > 1000)
    if len(sounding) == 0 or sounding[-1] < 1600:
        return 0
    part = samples[sounding[-1] - 1600 : sounding[-1]].astype(float) * np.hanning(1600)
    return 10 * round(5 * int(np.argmax(np.abs(np.fft.rfft(part)))) / 10)


def test_a_transfer_brings_its_context_to_the_agent(sites: Sites) -> None:
    async def transfer(call_id: str, site: Site) -> None:
        assert await site.control.caller_number(call_id) == NUMBER
        context = {"VB_REASON": "asked_for_human", "VB_INTENT": "order_status"}
        assert await site.control.set_context(call_id, context)

    async def main() -> None:
        async with sites.open(transfer) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100", headers=with_number())
            ringing = await agent.incoming()
            assert f"Vraagt om medewerker {NUMBER}" in ringing.headers["From"]
            assert ringing.headers["X-Voicebot-Reason"] == "asked_for_human"
            assert ringing.headers["X-Voicebot-Intent"] == "order_status"
            assert ringing.headers["X-Voicebot-Call"] == site.told("VoicebotCall")[0]["CallUUID"]
            await heard(call, "hold_music")
            assert prompts_in(call.heard()) == ["hold_music"]  # voicebot has said what comes
            assert site.told("VoicebotQueue")[0]["Reason"] == "asked_for_human"

    asyncio.run(main())


def test_who_has_priority_comes_before_who_waits_already(sites: Sites) -> None:
    urgent = {"VB_REASON": "frustrated", "VB_PRIORITY": "10", "VB_SKILL": "rustig"}
    contexts = iter(({"VB_REASON": "asked_for_human"}, {"VB_REASON": "not_understood"}, urgent))

    async def transfer(call_id: str, site: Site) -> None:
        assert await site.control.set_context(call_id, next(contexts))

    async def main() -> None:
        async with sites.open(transfer) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            first = await caller.call("100")
            taken = await agent.incoming()
            await taken.answer()
            waiting = await caller.call("100")
            await heard(waiting, "hold_music")
            late = await caller.call("100", headers=with_number())
            await heard(late, "hold_music")
            await taken.hang_up()
            await ended(first)
            ringing = await agent.incoming()
            assert f"Ontevreden beller {NUMBER}" in ringing.headers["From"]
            assert ringing.headers["X-Voicebot-Skill"] == "rustig"

    asyncio.run(main())


@pytest.mark.parametrize(("named", "reached"), [("juridisch", "juridisch"), ("nergens", "klantenservice")])
def test_who_needs_another_queue_gets_there_if_it_exists(sites: Sites, named: str, reached: str) -> None:
    async def transfer(call_id: str, site: Site) -> None:
        assert await site.control.set_context(call_id, {"VB_REASON": "risk", "VB_QUEUE": named})

    async def main() -> None:
        async with (
            sites.open(transfer, other_queues=("juridisch",), wait_seconds=2) as site,
            site.agent() as agent,
            site.caller() as caller,
        ):
            await agent.register()
            await site.asterisk.cli("queue add member PJSIP/agent1 to juridisch")
            await caller.call("100")
            await agent.incoming()
            shown = await site.asterisk.cli(f"queue show {reached}")
            assert "No Callers" not in shown

    asyncio.run(main())


def test_a_transfer_brings_its_context_though_the_link_was_down_before(sites: Sites) -> None:
    async def transfer(call_id: str, site: Site) -> None:
        async with manager(site.asterisk, sites.folder) as (_, late, _):
            assert await late.set_context(call_id, {"VB_REASON": "asked_for_human"})

    async def main() -> None:
        async with sites.open(transfer) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            await caller.call("100", headers=with_number())
            assert (await agent.incoming()).headers["X-Voicebot-Reason"] == "asked_for_human"

    asyncio.run(main())


def test_a_hang_up_that_was_earned_ends_the_call(sites: Sites) -> None:
    async def finish(call_id: str, site: Site) -> None:
        await site.control.caller_number(call_id)
        assert await site.control.finish(call_id)

    async def main() -> None:
        async with sites.open(finish) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100")
            await ended(call)
            assert call.end_reason == "remote"
            assert prompts_in(call.heard()) == []
            await until(lambda: site.told("VoicebotEnd"))
            assert site.told("VoicebotQueue") == []

    asyncio.run(main())


@pytest.mark.parametrize("broken", [ConnectionResetError, None])
def test_when_voicebot_drops_the_line_the_caller_gets_an_agent(
    sites: Sites, broken: type[Exception] | None
) -> None:
    async def drop(call_id: str, site: Site) -> None:
        if broken:
            raise broken

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # `drop` is meant
        async with sites.open(drop) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100")
            await (await agent.incoming()).answer()
            assert not call.ended.is_set()

    asyncio.run(main())


async def short_call(caller: SipPhone, agent: SipPhone) -> None:
    """Have the agent answer the caller and hang up at once."""
    call = await caller.call("100")
    ringing = await agent.incoming()
    await ringing.answer()
    await ringing.hang_up()
    await ended(call)


def test_after_a_refused_connection_voicebot_is_left_alone_for_a_moment(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open() as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            for _ in range(2):
                await short_call(caller, agent)
            assert site.asterisk.log.read_text().count("Failed to connect to AudioSocket") == 1

    asyncio.run(main())


def test_a_voicebot_without_room_is_asked_again_at_once(sites: Sites) -> None:
    asked = []

    async def no_room(call_id: str, site: Site) -> None:
        asked.append(call_id)

    async def main() -> None:
        async with sites.open(no_room) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            for _ in range(2):
                await short_call(caller, agent)
        assert len(asked) == 2

    asyncio.run(main())


def test_what_a_telephone_calls_itself_goes_nowhere(sites: Sites) -> None:
    hostile = '%0d%0aCallUUID: x,VbChannel: PJSIP/agent1")}]${SHELL(id)}0612'

    async def main() -> None:
        async with sites.open() as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            await caller.call("100", headers=with_number(hostile.replace(" ", "%20")))
            ringing = await agent.incoming()
            (started,) = site.told("VoicebotCall")
            assert started["VbChannel"] == started["Channel"]
            assert str(UUID(started["CallUUID"])) == ringing.headers["X-Voicebot-Call"]
            assert set(started["VbCaller"]) <= set("0123456789+")

    asyncio.run(main())


def test_without_agents_the_caller_leaves_a_message(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open() as site, site.caller() as caller:
            call = await caller.call("100", headers=with_number())
            await heard(call, "tone")
            assert prompts_in(call.heard()) == ["transfer", "no_agent", "leave_message", "tone"]
            call.say(sine(700, 1.0))
            await call.said()
            call.press("#")
            await ended(call)
            assert prompts_in(call.heard())[-1] == "message_saved"
            (message,) = site.told("VoicebotMessage")
            path = site.messages / f"{message['CallUUID']}.wav"
            assert path.stat().st_mode & 0o077 == 0
            assert abs(loudest(recorded(path)) - 700) <= 10
            await until(lambda: site.told("VoicebotEnd"))

    asyncio.run(main())
    # Law 7: no number in any log, record or database of Asterisk's.
    digits = NUMBER.removeprefix("+").encode()
    assert not [path for path in sites.folder.rglob("*") if path.is_file() and digits in path.read_bytes()]


def recorded(path: Path) -> Samples:
    with wave.open(str(path)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")


def test_a_message_is_kept_when_the_caller_hangs_up(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open() as site, site.caller() as caller:
            call = await caller.call("100")
            await heard(call, "tone")
            call.say(np.concatenate((np.zeros(4000, dtype=np.int16), sine(700, 1.0))))
            await call.said()
            await call.hang_up()
            await until(lambda: site.told("VoicebotEnd"))
            (message,) = site.told("VoicebotMessage")
            assert np.count_nonzero(recorded(site.messages / f"{message['CallUUID']}.wav")) >= 7200

    asyncio.run(main())


def test_a_message_that_cannot_be_kept_is_not_promised(sites: Sites, tmp_path: Path) -> None:
    async def main() -> None:
        (tmp_path / "file").touch()
        async with sites.open(messages=tmp_path / "file" / "folder") as site, site.caller() as caller:
            call = await caller.call("100")
            await ended(call)
            assert prompts_in(call.heard())[-2:] == ["message_failed", "farewell"]
            assert site.told("VoicebotMessage") == []

    asyncio.run(main())


def test_outside_opening_hours_no_agent_rings(sites: Sites) -> None:
    async def main() -> None:
        hours = (OpenHours((weekday(3), weekday(4)), "00:00", "24:00"),)
        async with sites.open(hours=hours) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100")
            await heard(call, "tone")
            assert prompts_in(call.heard()) == ["closed", "opening_hours", "leave_message", "tone"]

    asyncio.run(main())


def test_within_opening_hours_an_agent_rings(sites: Sites) -> None:
    async def main() -> None:
        hours = (
            OpenHours((weekday(3),), "08:00", "12:00"),
            OpenHours((weekday(0), weekday(1)), "00:00", "24:00"),
        )
        async with sites.open(hours=hours) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            await caller.call("100")
            await agent.incoming()

    asyncio.run(main())


def test_a_full_queue_says_so(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open(max_waiting=1) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            await caller.call("100")
            await agent.incoming()
            second = await caller.call("100")
            await heard(second, "leave_message")
            assert prompts_in(second.heard()) == ["transfer", "full", "leave_message"]

    asyncio.run(main())


def test_nobody_waits_longer_than_promised(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open(wait_seconds=1) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100")
            await agent.incoming()  # and does not answer
            await heard(call, "leave_message")
            assert prompts_in(call.heard()) == ["transfer", "hold_music", "waited_long", "leave_message"]

    asyncio.run(main())
