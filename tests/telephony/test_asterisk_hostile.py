"""Hostile callers and hostile words at a real Asterisk: text arrives as text, and nobody takes every line."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from sites import NUMBER, Site, Sites, until, with_number

from voicebot.telephony.installation import AsteriskInstall
from voicebot.telephony.phone import PhoneCall, SipPhone
from voicebot.telephony.sip import display_name
from voicebot.telephony.values import clean_value

pytestmark = pytest.mark.asterisk

EVALUATED = "$[40 + 2] ${CHANNEL} ${UUID()}"
"""What this becomes wherever the dialplan evaluates it is easy to see."""
NAMES = [
    EVALUATED,
    'a" <sip:victim@example.org>;x="',
    "b\\\\",
    "c,VbChannel: PJSIP/agent1,CallUUID: 0",
    "d;tag=1|e^f",
    "\u202e0031\u2069 é 日本",
    "n" * 900,
]
NUMBERS = [
    "06\r\nX-Voicebot-Reason: forged",
    "0612,CallUUID: 0,VbChannel: PJSIP/agent1",
    '")}]${CHANNEL}$[40 + 2]0612',
    "anonymous",
    "1" * 200,
]
VALUES = [
    EVALUATED,
    "één, twee; drie | vier ^ vijf",
    'aangehaald "zo" en \\zo\\ en `zo`',
    "regel\r\nX-Forged: yes\r\n\r\nVariable: VB_OUTCOME",
    "nul\0 en \x1b[2J en \u202eomgekeerd\u2069 en \ud800",
    ")}] en ${IF($[1]?ja:nee)} en %24%7BCHANNEL%7D",
    "<sip:victim@example.org>;tag=1?X=1&y",
    "é" * 300,
]
ASTERISK_KEEPS = 79
"""Characters of a number."""
LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789_")


@pytest.fixture
def sites(tmp_path: Path, asterisk_install: AsteriskInstall) -> Sites:
    return Sites(tmp_path, asterisk_install)


def ours(call: PhoneCall) -> dict[str, str]:
    """The headers that carry our context to the agent; fails when one is there twice."""
    names = [name for name, _ in call.headers.fields if name.lower().startswith("x-")]
    assert len(names) == len(set(names))
    return {name: call.headers[name] for name in names}


def test_what_callers_send_is_text_or_nothing(sites: Sites) -> None:
    tries = [(name, NUMBER) for name in NAMES] + [("x", number) for number in NUMBERS]
    forged = {"X-Voicebot-Reason": "forged", "X-Voicebot-Summary": EVALUATED, "Remote-Party-ID": EVALUATED}

    async def ring(site: Site, agent: SipPhone, name: str, number: str) -> None:
        told = len(site.told("VoicebotCall"))
        asserted = {"P-Asserted-Identity": f"<sip:{quote(number, safe='')}@example.org>"}
        async with site.caller() as caller:
            call = await caller.call("100", name, {**forged, **asserted})
            ringing = await agent.incoming()
            headers, (event,) = ours(ringing), site.told("VoicebotCall")[told:]
            assert headers == {
                "X-Voicebot-Call": event["CallUUID"],
                "X-Voicebot-Reason": "unknown",
                "X-Voicebot-Intent": "unknown",
            }
            digits = re.sub("[^0-9+]", "", number)
            assert display_name(ringing.headers["From"]) == f"Onbekende reden {digits}"[:40].strip()
            assert (event["VbChannel"], event["VbCaller"]) == (event["Channel"], digits[:ASTERISK_KEEPS])
            await call.hang_up()
            await until(lambda: len(site.told("VoicebotEnd")) == told + 1)

    async def main() -> None:
        async with sites.open() as site, site.agent() as agent:
            await agent.register()
            for name, number in tries:
                await ring(site, agent, name, number)

    asyncio.run(main())


async def set_as_it_is(site: Site, call_id: str, context: Mapping[str, str]) -> None:
    channel = next(e["Channel"] for e in site.told("VoicebotCall") if e["CallUUID"] == call_id)
    for name, value in context.items():
        await site.control._client.action("Setvar", Channel=channel, Variable=name, Value=value)


@pytest.mark.parametrize("cleaned", [True, False], ids=["cleaned", "as it is"])
def test_what_is_told_about_a_call_is_text(sites: Sites, cleaned: bool) -> None:
    texts = VALUES if cleaned else [text for text in VALUES if text.isprintable()]
    wanted = iter(texts)

    async def transfer(call_id: str, site: Site) -> None:
        text = next(wanted)
        context = {"VB_SUMMARY": text, "VB_REASON": text, "VB_INTENT": text}
        assert await site.control.caller_number(call_id) == NUMBER
        if cleaned:
            assert await site.control.set_context(call_id, context)
        else:  # even then, nothing is evaluated
            await set_as_it_is(site, call_id, context)

    async def main() -> None:
        async with sites.open(transfer) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            for text in texts:
                call = await caller.call("100", headers=with_number())
                ringing = await agent.incoming()
                headers = ours(ringing)
                assert headers.pop("X-Voicebot-Summary") == (clean_value(text) if cleaned else text.strip())
                assert set(headers) == {"X-Voicebot-Call", "X-Voicebot-Reason", "X-Voicebot-Intent"}
                assert set(headers["X-Voicebot-Reason"] + headers["X-Voicebot-Intent"]) <= LETTERS
                assert display_name(ringing.headers["From"]) == f"Onbekende reden {NUMBER}"
                await call.hang_up()
            await until(lambda: len(site.told("VoicebotEnd")) == len(texts))
            ids = {event["CallUUID"] for event in site.told("VoicebotCall")}
            assert {event["CallUUID"] for event in site.told("VoicebotQueue")} == ids
            assert all(set(event["Reason"]) <= LETTERS for event in site.told("VoicebotQueue"))

    asyncio.run(main())


class HoldingBot:
    """Keeps every call until told to let go."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.let_go = asyncio.Event()

    async def __call__(self, call_id: str, site: Site) -> None:
        self.calls.append(call_id)
        await self.let_go.wait()


@pytest.mark.parametrize(
    ("limits", "first", "next_one", "other"),
    [
        ({"calls_per_caller": 1}, with_number(), with_number(), with_number("+31687654321")),
        ({"calls_per_caller": 1, "calls_withheld": 1}, {}, {}, with_number()),
        ({"max_calls": 1}, with_number(), with_number("+31687654321"), None),
    ],
    ids=["one number", "withheld", "all"],
)
def test_one_call_too_many_gets_a_human(
    sites: Sites,
    limits: dict[str, int],
    first: dict[str, str],
    next_one: dict[str, str],
    other: dict[str, str] | None,
) -> None:
    async def main() -> None:
        bot = HoldingBot()
        async with sites.open(bot, **limits) as site, site.agent() as agent, site.caller() as caller:
            await agent.register()
            held = await caller.call("100", headers=first)
            await until(lambda: len(bot.calls) == 1)

            refused = await caller.call("100", headers=next_one)
            ringing = await agent.incoming()
            assert ours(ringing)["X-Voicebot-Reason"] == "busy"
            assert display_name(ringing.headers["From"]).startswith("Te veel gesprekken")
            assert len(site.told("VoicebotCall")) == 1, "voicebot is not told of calls it does not get"
            if other is not None:
                await caller.call("100", headers=other)
                await until(lambda: len(bot.calls) == 2)

            await held.hang_up()
            before = len(bot.calls)
            await caller.call("100", headers=first)  # who waits for a human is not counted
            await until(lambda: len(bot.calls) == before + 1)
            assert not refused.ended.is_set()

    asyncio.run(main())


def test_who_waits_for_a_human_is_no_longer_counted(sites: Sites) -> None:
    async def main() -> None:
        bot = HoldingBot()
        bot.let_go.set()
        async with (
            sites.open(bot, calls_per_caller=1) as site,
            site.agent() as agent,
            site.caller() as caller,
        ):
            await agent.register()
            for number in range(3):
                await caller.call("100", headers=with_number())
                await until(lambda wanted=number + 1: len(site.told("VoicebotQueue")) == wanted)
            assert [event["Reason"] for event in site.told("VoicebotQueue")] == [""] * 3
            assert len(bot.calls) == 3

    asyncio.run(main())


def test_without_the_module_that_counts_callers_get_the_bot(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sites.EXPECTED", re.compile(""))

    async def main() -> None:
        bot = HoldingBot()
        async with sites.open(bot) as site, site.caller() as caller:
            await site.asterisk.cli("module unload func_groupcount.so")
            await caller.call("100", headers=with_number())
            await until(lambda: len(bot.calls) == 1)

    asyncio.run(main())
