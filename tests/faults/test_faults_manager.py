"""Whatever happens to Asterisk's Manager, the caller is heard by an agent; only the reason may be lost."""

import asyncio
import re

import pytest
from breakable import Voicebot
from exchange import Exchange
from people import Meeting, now
from relay import Mood, Relay

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("mood", ["is late", "swallows", "cuts"])
def test_a_caller_who_asks_for_a_human_gets_one_when_the_manager(
    mood: Mood, runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot, relay: Relay
) -> None:
    async def main() -> Meeting | None:
        caller = await exchange.call()
        relay.mood = mood
        await caller.says("medewerker")
        return (await exchange.agents.meet([caller], now()))[0]

    assert runner.run(main())


def test_at_transfer_and_at_goodbye_callers_get_a_human_when_the_manager_is_gone(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot, relay: Relay
) -> None:
    async def main() -> list[Meeting | None]:
        asking, leaving = await exchange.call(), await exchange.call()
        relay.mood = "is gone"
        relay.cut()
        await asyncio.gather(asking.says("medewerker"), leaving.says("f2_tot_ziens"))
        return await exchange.agents.meet([asking, leaving], now())

    assert all(runner.run(main()))


def test_a_caller_gets_a_human_when_the_manager_lets_nobody_in(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot, relay: Relay
) -> None:
    async def main() -> Meeting | None:
        secret = exchange.secret.read_text()
        caller = await exchange.call()
        exchange.secret.write_text(re.sub("secret = .*", "secret = another", secret))
        await exchange.asterisk.cli("manager reload")
        relay.cut()
        await caller.says("medewerker")
        (met,) = await exchange.agents.meet([caller], now())
        exchange.secret.write_text(secret)
        await exchange.asterisk.cli("manager reload")
        return met

    met = runner.run(main())
    assert met
    assert met.headers["reason"] == "unknown"
