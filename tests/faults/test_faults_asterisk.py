"""Whatever is done to Asterisk in the middle of a call, the caller is heard by an agent or called back."""

import asyncio
import contextlib

import pytest
from breakable import Voicebot
from exchange import Exchange
from people import Meeting, now, until

from voicebot.records import Callback, Callbacks

pytestmark = pytest.mark.faults

NUMBER = "0201234567"
RELOADS = (
    "core reload",
    "dialplan reload",
    "manager reload",
    "module reload app_queue",
    "module reload res_pjsip",
    "module reload res_audiosocket",
    "module reload app_audiosocket",
)


def test_a_call_notices_nothing_of_reloads(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot
) -> None:
    async def main() -> Meeting | None:
        caller = await exchange.call()
        await voicebot.in_conversation(caller)
        asked = voicebot.prompted("ask.postcode")
        for reload in RELOADS:
            await exchange.asterisk.cli(reload)
        await caller.says("een_twee_drie_vier_vijf")
        await until(lambda: voicebot.prompted("ask.postcode") > asked, "the number was not understood")
        await caller.says("medewerker")
        return (await exchange.agents.meet([caller], now()))[0]

    met = runner.run(main())
    assert met
    assert met.headers["reason"] == "asked_for_human"


def test_a_caller_is_called_back_when_asterisk_only_waits_to_restart(
    runner: asyncio.Runner, lone_exchange: Exchange
) -> None:
    """Asterisk makes no new channels then, not to agents either; afterwards all is as before."""

    async def main() -> tuple[list[Callback], Meeting | None]:
        async with lone_exchange.voicebot(workers=1) as voicebot:
            caller = await lone_exchange.call()
            await voicebot.in_conversation(caller)
            restarting = asyncio.create_task(lone_exchange.asterisk.cli("core restart gracefully"))
            await caller.says("medewerker")
            await until(lambda: voicebot.prompted("ask.phone_number") == 1, "no number was asked for", 20)
            caller.call.press(NUMBER)
            await until(lambda: voicebot.prompted("confirm.phone_number") == 1, "the number was not heard")
            await caller.says("f2_ja_graag")
            with contextlib.closing(Callbacks.in_folder(voicebot.database.parent)) as desk:
                await until(lambda: bool(desk.requests()), "the number was not written down")
                kept = desk.requests()
            await lone_exchange.everyone_hangs_up()
            await restarting
            while "fully booted" not in await lone_exchange.asterisk.cli("core waitfullybooted"):
                await asyncio.sleep(0.1)

            caller = await lone_exchange.call()
            await caller.says("medewerker")
            (met,) = await lone_exchange.agents.meet([caller], now())
            await lone_exchange.everyone_hangs_up()
            assert await voicebot.leftovers() == []
            return kept, met

    kept, met = runner.run(main())
    assert [callback.number for callback in kept] == [NUMBER]
    assert met
