"""Agents and supervisors at a real Asterisk with the generated dialplan: codes, briefing, taking over."""

import asyncio
from pathlib import Path

import pytest
from desks import BRIEFING, loudest_per_100_ms, watched
from sites import Samples, Site, Sites, ended, heard, sine, until

from voicebot.audio import write_audio
from voicebot.errors import ManagerError, TelephonyError
from voicebot.handoff import AgentDesk, Orders, QueueSnapshot, Roster
from voicebot.handoff.watch import QueueWatch
from voicebot.serve.office import HoldMusic
from voicebot.telephony import DeskAgent, SiteSettings, penalties
from voicebot.telephony.installation import AsteriskInstall

pytestmark = pytest.mark.asterisk

AGENT, CALLER, SUPERVISOR = 2700, 3100, 3300
"""Hertz of what each says."""
LOGGED_OUT = SiteSettings(Path(), agents=2, log_in=True)
ANYBODY = Roster(agents={}, queues={}, skills={}, supervisors={"PJSIP/supervisor": "Sanne"})


@pytest.fixture
def sites(tmp_path: Path, asterisk_install: AsteriskInstall) -> Sites:
    return Sites(tmp_path, asterisk_install)


def longest_silence_s(samples: Samples) -> float:
    longest = now = 0
    for hertz in loudest_per_100_ms(samples):
        now = 0 if hertz else now + 1
        longest = max(longest, now)
    return longest / 10


def only(watch: QueueWatch) -> QueueSnapshot:
    (queue,) = watch.snapshot() or ()
    return queue


def statuses(watch: QueueWatch) -> dict[str, str]:
    return {agent.key: agent.status for agent in only(watch).agents}


def orders_at(site: Site, watch: QueueWatch) -> Orders:
    """What a supervisor can do to calls that the bot does not have (any more)."""
    desk = AgentDesk(site.client, ANYBODY, watch.snapshot)
    return Orders(site.client, desk.people, watch.snapshot, lambda call_id: False)


@pytest.mark.parametrize("skips", [False, True])
def test_the_agent_hears_a_briefing_and_the_caller_does_not(sites: Sites, skips: bool) -> None:
    sound = sites.folder / "briefing"
    write_audio(sound.with_suffix(".wav"), sine(BRIEFING, 3))

    async def transfer(call_id: str, site: Site) -> None:
        variables = {
            "VB_REASON": "frustrated",
            "VB_BRIEFING": str(sound),
            "VB_PAGE": "http://pbx:8080/h/x_Y-1",
        }
        assert await site.control.set_context(call_id, variables)

    async def main() -> None:
        async with sites.open(transfer) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100")
            call.say(sine(CALLER, 12))
            ringing = await agent.incoming()
            assert ringing.headers["X-Voicebot-Page"] == "http://pbx:8080/h/x_Y-1"
            await ringing.answer()
            await until(lambda: BRIEFING in loudest_per_100_ms(ringing.heard()))
            if skips:
                ringing.press("5")
            ringing.say(sine(AGENT, 12))
            await until(lambda: AGENT in loudest_per_100_ms(call.heard()))
            await until(lambda: CALLER in loudest_per_100_ms(ringing.heard()))
            briefed = loudest_per_100_ms(ringing.heard()).count(BRIEFING) / 10
            assert briefed < 2 if skips else briefed > 2.7
            assert BRIEFING not in loudest_per_100_ms(call.heard())
            assert longest_silence_s(call.heard()) <= 1  # music, and then the agent
            assert CALLER not in loudest_per_100_ms(ringing.heard())[:10] or skips

    asyncio.run(main())


def test_an_agent_who_hangs_up_during_the_briefing_leaves_the_caller_in_the_queue(sites: Sites) -> None:
    sound = sites.folder / "briefing"
    write_audio(sound.with_suffix(".wav"), sine(BRIEFING, 3))

    async def transfer(call_id: str, site: Site) -> None:
        assert await site.control.set_context(call_id, {"VB_REASON": "frustrated", "VB_BRIEFING": str(sound)})

    async def main() -> None:
        async with sites.open(transfer) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            call = await caller.call("100")
            first = await agent.incoming()
            await first.answer()
            await until(lambda: BRIEFING in loudest_per_100_ms(first.heard()))
            await first.hang_up()
            again = await agent.incoming()
            await again.answer()
            again.say(sine(AGENT, 12))
            await until(lambda: AGENT in loudest_per_100_ms(call.heard()))

    asyncio.run(main())


def test_agents_log_in_pause_go_on_and_out_by_telephone(sites: Sites) -> None:
    async def dial(site: Site, number: int, code: str, prompt: str) -> None:
        async with site.agent(number) as phone:
            call = await phone.call(code)
            await heard(call, prompt)
            await ended(call)

    async def main() -> None:
        opening = sites.open(site=LOGGED_OUT)
        async with opening as site, watched(site) as watch, site.agent(1) as anna, site.agent(2) as bram:
            await anna.register()
            await bram.register()
            assert only(watch).agents == ()
            await dial(site, 1, "*11", "agent_logged_in")
            await dial(site, 2, "*11", "agent_logged_in")
            await until(lambda: statuses(watch) == {"PJSIP/agent1": "vrij", "PJSIP/agent2": "vrij"})
            await dial(site, 1, "*12", "agent_paused")
            await until(lambda: statuses(watch)["PJSIP/agent1"] == "pauze")
            async with site.caller() as caller:
                await caller.call("100")
                await bram.incoming()
                with pytest.raises(TelephonyError):
                    await anna.incoming(0.5)
            await dial(site, 1, "*13", "agent_resumed")
            await until(lambda: statuses(watch)["PJSIP/agent1"] == "vrij")
            await dial(site, 1, "*14", "agent_logged_out")
            await until(lambda: list(statuses(watch)) == ["PJSIP/agent2"])
            await dial(site, 1, "*12", "agent_unknown")

    asyncio.run(main())


@pytest.mark.parametrize("by_telephone", [True, False])
def test_who_cannot_leave_a_queue_gets_no_calls_from_it(sites: Sites, by_telephone: bool) -> None:
    async def main() -> None:
        skilled = {("klantenservice", "rustig"): 10}
        async with sites.open(skilled=skilled) as site, watched(site) as watch:
            desk = AgentDesk(site.client, ANYBODY, watch.snapshot)
            await desk.log_in("PJSIP/agent1")

            def there() -> list[list[str]]:
                return [[one.status for one in queue.agents] for queue in watch.snapshot() or ()]

            await until(lambda: [len(agents) for agents in there()] == [1, 1])
            if by_telephone:
                async with site.agent() as phone:
                    await ended(await phone.call("*14"))
            else:
                await desk.log_out("PJSIP/agent1")
            await until(lambda: there() == [["pauze"], []])

    asyncio.run(main())


def test_who_has_logged_in_is_there_after_asterisk_and_the_link_were_away(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open(site=LOGGED_OUT) as site, watched(site) as watch, site.agent() as agent:
            desk = AgentDesk(site.client, ANYBODY, watch.snapshot)
            await agent.register()
            async with site.agent() as phone:
                await ended(await phone.call("*11"))
            await desk.pause("PJSIP/agent1")
            await until(lambda: statuses(watch) == {"PJSIP/agent1": "pauze"})
            await site.asterisk.stop()
            await until(lambda: watch.snapshot() is None)
            await site.asterisk.start()
            await until(watch.snapshot, 20)
            assert statuses(watch) == {"PJSIP/agent1": "pauze"}
            await desk.resume("PJSIP/agent1")
            await agent.register()
            await until(lambda: statuses(watch) == {"PJSIP/agent1": "vrij"})

    asyncio.run(main())


def test_the_page_logs_agents_in_and_out(sites: Sites) -> None:
    roster = Roster(
        agents={"PJSIP/agent1": "Anna", "PJSIP/agent2": "Bram"},
        queues={},
        skills={"PJSIP/agent2": ("rustig",)},
        supervisors={},
    )

    async def main() -> None:
        skilled = {("klantenservice", "rustig"): 10}
        async with sites.open(site=LOGGED_OUT, skilled=skilled) as site, watched(site) as watch:
            desk = AgentDesk(site.client, roster, watch.snapshot)
            await desk.log_in("PJSIP/agent1")
            await desk.log_in("PJSIP/agent2")
            await desk.log_in("PJSIP/agent2")

            def penalties_now() -> dict[str, dict[str, int]]:
                queues = watch.snapshot() or ()
                return {queue.name: {one.name: one.penalty for one in queue.agents} for queue in queues}

            await until(
                lambda: (
                    penalties_now()
                    == {
                        "klantenservice": {"Anna": 0, "Bram": 0},
                        "klantenservice_rustig": {"Anna": 1, "Bram": 0},
                    }
                )
            )
            await desk.log_out("PJSIP/agent1")
            await until(lambda: all(list(agents) == ["Bram"] for agents in penalties_now().values()))
            with pytest.raises(ManagerError, match="niet aangemeld"):
                await desk.pause("PJSIP/agent1")
            with pytest.raises(ManagerError, match="niet bekend"):
                await desk.log_in("PJSIP/nobody")

    asyncio.run(main())


def test_who_has_the_skill_is_rung_and_the_others_when_they_cannot(sites: Sites) -> None:
    skilled = {("klantenservice", "rustig"): 10}
    agents = tuple(
        DeskAgent(key, name, penalties(("klantenservice",), skills, skilled))
        for key, name, skills in (("agent1", "Anna", ()), ("agent2", "Bram", ("rustig",)))
    )

    async def transfer(call_id: str, site: Site) -> None:
        variables = {"VB_REASON": "frustrated", "VB_SKILL": "rustig", "VB_PRIORITY": "10"}
        assert await site.control.set_context(call_id, variables)

    async def main() -> None:
        opening = sites.open(transfer, LOGGED_OUT, skilled=skilled, agents=agents)
        async with opening as site, site.agent(1) as anna, site.agent(2) as bram, site.caller() as caller:
            for number, phone in ((1, anna), (2, bram)):
                await phone.register()
                async with site.agent(number) as dialling:
                    await ended(await dialling.call("*11"))
            first = await caller.call("100")
            ringing = await bram.incoming()
            with pytest.raises(TelephonyError):
                await anna.incoming(1)
            await ringing.answer()
            await caller.call("100")
            other = await anna.incoming()
            assert other.headers["X-Voicebot-Skill"] == "rustig"
            await first.hang_up()

    asyncio.run(main())


def test_a_supervisor_takes_a_waiting_caller(sites: Sites) -> None:
    async def transfer(call_id: str, site: Site) -> None:
        assert await site.control.set_context(call_id, {"VB_REASON": "asked_for_human"})

    async def main() -> None:
        async with sites.open(transfer) as site, watched(site) as watch, site.agent() as agent:
            await agent.register()
            async with site.phone("supervisor") as sanne, site.caller() as caller:
                await sanne.register()
                orders = orders_at(site, watch)
                call = await caller.call("100")
                await until(lambda: only(watch).waiting)
                (waiting,) = only(watch).waiting
                assert waiting.reason == "asked_for_human"
                with pytest.raises(ManagerError, match="toestel"):
                    await orders.take_over(waiting.call_id, "PJSIP/somebody")
                await orders.take_over(waiting.call_id, "PJSIP/supervisor")
                ringing = await sanne.incoming()
                assert ringing.headers["X-Voicebot-Call"] == waiting.call_id
                await ringing.answer()
                ringing.say(sine(AGENT, 12))
                await until(lambda: AGENT in loudest_per_100_ms(call.heard()))
                assert site.told("VoicebotTakenOver")[0]["CallUUID"] == waiting.call_id
                await ringing.hang_up()
                await ended(call)

    asyncio.run(main())


def test_a_supervisor_who_does_not_answer_leaves_the_caller_to_the_agents(sites: Sites) -> None:
    async def transfer(call_id: str, site: Site) -> None:
        variables = {"VB_REASON": "taken_over", "VB_PHONE": "PJSIP/supervisor"}
        assert await site.control.set_context(call_id, variables)

    async def main() -> None:
        async with sites.open(transfer) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            await caller.call("100")  # the supervisor's telephone is not there
            ringing = await agent.incoming()
            assert ringing.headers["X-Voicebot-Reason"] == "taken_over"

    asyncio.run(main())


def test_a_supervisor_listens_and_is_not_heard(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open() as site, watched(site) as watch, site.agent() as agent:
            await agent.register()
            async with site.phone("supervisor") as sanne, site.caller() as caller:
                await sanne.register()
                orders = orders_at(site, watch)
                call = await caller.call("100")
                ringing = await agent.incoming()
                await ringing.answer()
                call_id = ringing.headers["X-Voicebot-Call"]
                await orders.listen(call_id, "PJSIP/supervisor")
                spying = await sanne.incoming()
                await spying.answer()
                spying.say(sine(SUPERVISOR, 20))
                call.say(sine(CALLER, 2))
                await until(lambda: CALLER in loudest_per_100_ms(spying.heard()))
                await asyncio.sleep(2)
                ringing.say(sine(AGENT, 2))
                await until(lambda: AGENT in loudest_per_100_ms(spying.heard()))
                assert SUPERVISOR not in loudest_per_100_ms(call.heard())
                assert SUPERVISOR not in loudest_per_100_ms(ringing.heard())
                await call.hang_up()
                await ended(spying)
                with pytest.raises(ManagerError, match="niet meer"):
                    await orders.listen(call_id, "PJSIP/supervisor")

    asyncio.run(main())


def test_an_agent_keys_that_the_bot_had_it_wrong(sites: Sites) -> None:
    topics = {"order_status": "de status van een bestelling", "complaint": "een klacht"}

    async def main() -> None:
        async with sites.open(topics=topics) as site, site.agent() as agent:
            call = await agent.call("*15")
            await heard(call, "feedback_menu")
            call.press("2")
            await heard(call, "feedback_thanks")
            await ended(call)
            (told,) = site.told("VoicebotFeedback")
            assert (told["Agent"], told["Right"]) == ("PJSIP/agent1", "complaint")

    asyncio.run(main())


def test_whom_an_agent_puts_on_hold_hears_music_and_no_place(sites: Sites) -> None:
    async def main() -> None:
        async with sites.open() as site, site.agent() as agent, site.caller() as caller:
            site.client.subscribe(HoldMusic(site.client).hear)
            await agent.register()
            await caller.call("100")
            busy = await agent.incoming()
            await busy.answer()
            waiting = await caller.call("100")
            await heard(waiting, "position_1")
            channel = site.told("VoicebotQueue")[-1]["Channel"]

            async def music() -> str:
                told = await site.client.action("Getvar", Channel=channel, Variable="CHANNEL(musicclass)")
                return told["Value"]

            assert await music() == "voicebot-1-unknown"
            await busy.hang_up()
            await (await agent.incoming()).answer()
            async with asyncio.timeout(5):
                while await music() != "voicebot":
                    await asyncio.sleep(0.1)

    asyncio.run(main())


def test_five_callers_are_served_by_priority_and_skill(sites: Sites) -> None:
    skilled = {("klantenservice", "rustig"): 10, ("klantenservice", "voorrang"): 20}
    agents = tuple(
        DeskAgent(key, name, penalties(("klantenservice",), skills, skilled))
        for key, name, skills in (("agent1", "Anna", ()), ("agent2", "Bram", ("rustig",)))
    )
    plain = {"VB_REASON": "asked_for_human", "VB_PRIORITY": "0"}
    angry = {"VB_REASON": "frustrated", "VB_PRIORITY": "10", "VB_SKILL": "rustig"}
    urgent = {"VB_REASON": "risk", "VB_PRIORITY": "20"}
    contexts = iter((plain, plain, plain, angry, urgent))

    async def transfer(call_id: str, site: Site) -> None:
        assert await site.control.set_context(call_id, next(contexts))

    async def main() -> None:
        opening = sites.open(transfer, LOGGED_OUT, skilled=skilled, agents=agents)
        async with opening as site, site.agent(1) as anna, site.agent(2) as bram, site.caller() as caller:
            talking = []
            for number, phone in ((1, anna), (2, bram)):
                await phone.register()
                async with site.agent(number) as dialling:
                    await ended(await dialling.call("*11"))
                await caller.call("100")
                talking.append(await phone.incoming())
                await talking[-1].answer()
            for place in range(3):
                await caller.call("100")
                await until(lambda place=place: len(site.told("VoicebotQueue")) == 3 + place)
            await asyncio.sleep(1)
            reasons = []
            for phone in (anna, anna):  # who needs the skill does not wait for Bram
                await talking[0].hang_up()
                talking[0] = await phone.incoming()
                reasons.append(talking[0].headers["X-Voicebot-Reason"])
                await talking[0].answer()
            assert reasons == ["risk", "frustrated"]
            await talking[1].hang_up()
            last = await bram.incoming()
            assert last.headers["X-Voicebot-Reason"] == "asked_for_human"

    asyncio.run(main())
