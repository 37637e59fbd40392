"""Hand-overs as people see and hear them: real voicebot, Asterisk, telephones and browser."""

import asyncio
import time
from datetime import datetime

import pytest
from live_desk import (
    AGENT_HZ,
    CALLER_HZ,
    NUMBER,
    SUPERVISOR_HZ,
    Desk,
    hears,
    says,
    spoken,
    tone,
    until,
    words,
)
from playwright.async_api import expect

from voicebot.audio import read_audio
from voicebot.demo.proof import LIKENESS, likeness
from voicebot.handoff import ContextPackage, verify
from voicebot.telephony import callback_leg

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]


def test_the_agent_knows_all_before_the_caller_is_there(runner: asyncio.Runner, desk: Desk) -> None:
    async def main() -> None:
        async with desk.phone("agent1") as agent, desk.phone("caller") as caller:
            await agent.register()
            call = await desk.call(caller)
            says(call, "f3_bestelnummer_is_12345")
            await spoken(call)
            says(call, "medewerker")
            ringing = await agent.incoming(30)
            call_id = ringing.headers["X-Voicebot-Call"]
            assert ringing.headers["X-Voicebot-Intent"] == "order_status"
            assert "12345" not in ringing.headers["X-Voicebot-Summary"]
            (told,) = [event for event in desk.events if event.get("UserEvent") == "VoicebotHandover"]
            assert (told["CallUUID"], told["Intent"]) == (call_id, "order_status")
            assert "12345" not in str(told)

            context = await desk.browser.new_context()
            page = await context.new_page()
            await page.goto(ringing.headers["X-Voicebot-Page"])
            await expect(page).to_have_url(f"{desk.stage.web}handover/{call_id}")
            await expect(page.get_by_text("12345").first).to_be_visible()
            other = await (await desk.browser.new_context()).new_page()
            await other.goto(ringing.headers["X-Voicebot-Page"])
            await expect(other.get_by_text("12345")).to_have_count(0)

            await ringing.answer()
            briefing = read_audio(desk.stage.briefing(call_id))
            assert len(briefing) / 8000 <= 6
            call.say(tone(CALLER_HZ))
            await until(lambda: hears(ringing, CALLER_HZ))
            assert likeness(ringing.heard(), briefing) >= LIKENESS
            assert likeness(call.heard(), briefing) < LIKENESS
            ringing.say(tone(AGENT_HZ))
            await until(lambda: hears(call, AGENT_HZ))

            await page.get_by_label("Waar belde de beller echt over?").select_option(label="Een klacht")
            await page.get_by_role("button", name="De bot had het mis").click()
            await ringing.hang_up()
            await until(lambda: desk.handover(call_id).seconds_to_human is not None)
            proof = desk.handover(call_id)
            assert (proof.reason, proof.disclosed, proof.agent) == (
                "asked_for_human",
                True,
                "PJSIP/agent1",
            )
            await until(lambda: desk.handover(call_id).bot_was_wrong == "complaint")

            await until(lambda: len(desk.letters) >= 2)  # refused once, sent again
            (first, body), (second, again) = desk.letters[:2]
            secret = (desk.data / "webhook.key").read_bytes().strip()
            assert body == again
            assert ContextPackage.from_json(body.decode()).slots == {"order_number": "12345"}
            assert all(verify(secret, header, body, time.time()) for header in (first, second))
            await context.close()

    runner.run(main())


def test_a_supervisor_takes_a_call_over_from_the_page(runner: asyncio.Runner, desk: Desk) -> None:
    async def main() -> None:
        async with desk.phone("supervisor") as sanne, desk.phone("caller") as caller, desk.page() as page:
            await sanne.register()
            call = await desk.call(caller)
            await page.get_by_role("button", name="Nu overnemen").first.click()
            await expect(page.get_by_text("Het gesprek komt naar toestel Sanne.")).to_be_visible()
            ringing = await sanne.incoming(15)
            assert ringing.headers["X-Voicebot-Reason"] == "taken_over"
            await ringing.answer()
            ringing.say(tone(SUPERVISOR_HZ))
            call.say(tone(CALLER_HZ))
            await until(lambda: hears(call, SUPERVISOR_HZ) and hears(ringing, CALLER_HZ))
            call_id = ringing.headers["X-Voicebot-Call"]
            await until(lambda: desk.handover(call_id).agent == "PJSIP/supervisor")
            await ringing.hang_up()

    runner.run(main())


def test_a_supervisor_listens_to_the_bot_and_the_caller(runner: asyncio.Runner, desk: Desk) -> None:
    async def main() -> None:
        async with desk.phone("supervisor") as sanne, desk.phone("caller") as caller, desk.page() as page:
            await sanne.register()
            call = await desk.call(caller)
            await page.get_by_role("button", name="Meeluisteren").first.click()
            spying = await sanne.incoming(15)
            await spying.answer()
            spying.say(tone(SUPERVISOR_HZ))
            await asyncio.sleep(1)
            says(call, "f3_tot_hoe_laat_open")
            await spoken(call)
            asked, answered = words("f3_tot_hoe_laat_open")[8000:16000], call.heard()[-24000:-16000]
            assert likeness(spying.heard(), asked) >= LIKENESS
            assert likeness(spying.heard(), answered) >= LIKENESS
            assert not hears(call, SUPERVISOR_HZ)
            await call.hang_up()
            await until(spying.ended.is_set)

    runner.run(main())


def test_a_supervisor_ends_a_call_after_asking_whether_that_is_meant(
    runner: asyncio.Runner, desk: Desk
) -> None:
    async def main() -> None:
        async with desk.phone("caller") as caller, desk.page() as page:
            call = await desk.call(caller)
            await page.get_by_role("button", name="Beëindigen").first.click()
            await page.get_by_role("button", name="Ja, beëindigen").click()
            await until(call.ended.is_set)
            await expect(page.get_by_text("Beëindigd door").first).to_be_visible()

    runner.run(main())


def seconds_between(first: str | None, second: str | None) -> float:
    return (datetime.fromisoformat(second or "") - datetime.fromisoformat(first or "")).total_seconds()


def test_who_gets_nobody_in_30_s_is_called_back(runner: asyncio.Runner, desk: Desk) -> None:
    async def main() -> None:
        async with desk.phone("agent1") as agent, desk.phone("agent2") as other, desk.phone("caller") as one:
            await agent.register()
            await other.register()
            busy = await desk.call(one, "0687654321")
            says(busy, "medewerker")
            first = await agent.incoming(30)
            await first.answer()
            second = await desk.call(one, "0687654322")
            says(second, "medewerker")
            taken = await other.incoming(30)
            await taken.answer()

            async with desk.phone("caller") as phone, desk.phone("customer") as customer:
                await customer.register()
                call = await desk.call(phone)
                says(call, "medewerker")
                call_id = desk.last_call()
                await until(lambda: (way := desk.passage(call_id)) and way.fallback_at, 50)
                way = desk.passage(call_id)
                assert way is not None
                assert 28 <= seconds_between(way.queued_at, way.fallback_at) <= 32
                await until(lambda: desk.has_asked(callback_leg(call_id), "confirm.phone_number"))
                says(call, "f2_ja_graag")
                await until(lambda: desk.callback(call_id) is not None or call.ended.is_set())
                await until(call.ended.is_set)
                written = desk.callback(call_id)
                assert written is not None
                assert written.number == NUMBER

                await first.hang_up()  # and now somebody is free
                ringing = await agent.incoming(20)
                assert "Terugbellen" in ringing.headers["From"]
                assert ringing.headers["X-Voicebot-Call"] == call_id
                await ringing.answer()
                answering = await customer.incoming(20)
                briefing = read_audio(desk.stage.briefing(f"{call_id}-callback"))
                assert likeness(ringing.heard(), briefing[1600:-1600]) >= LIKENESS
                await answering.answer()
                answering.say(tone(CALLER_HZ))
                ringing.say(tone(AGENT_HZ))
                await until(lambda: hears(ringing, CALLER_HZ) and hears(answering, AGENT_HZ))
                await until(lambda: desk.callback(call_id).status == "done")  # type: ignore[union-attr]
            await taken.hang_up()

    runner.run(main())
