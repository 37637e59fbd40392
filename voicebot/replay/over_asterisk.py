"""Fixtures' calls as real SIP calls through a private Asterisk with our dialplan, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from voicebot.errors import SetupError, TelephonyError
from voicebot.house import House, dialplan_of, queue_prompts
from voicebot.replay.bot_end import HOST, BotEnd, BotPart
from voicebot.replay.caller import Turn
from voicebot.replay.caller_end import CallerEnd
from voicebot.replay.fixture import Fixture
from voicebot.replay.limits import bounded
from voicebot.replay.line import line_of
from voicebot.replay.phone_line import PhoneLine
from voicebot.replay.real_time import talk
from voicebot.replay.replayed import Replayed
from voicebot.telephony import (
    AsteriskInstall,
    CallControl,
    LocalAsterisk,
    ManagerClient,
    ManagerControl,
    MemoryControl,
    PhoneCall,
    SipPhone,
    SiteSettings,
    find_asterisk,
    read_manager_secret,
    write_dialplan,
)

RING_WITHIN_S = 5.0
"""How soon after a hand-over the agent's telephone must ring."""
MANAGER_WITHIN_S = 5.0
"""How soon after its start Asterisk must let us log in."""


class Exchange:
    """A private Asterisk in front of one bot; ``with`` starts and stops it. One call at a time."""

    def __init__(self, house: House) -> None:
        """Take the queue's name and the voice for its prompts from `house`."""
        self._house = house
        self._runner = asyncio.Runner()
        self._opened = contextlib.AsyncExitStack()

    def __enter__(self) -> Self:
        """Start it; raises SetupError when there is no Asterisk, TelephonyError when it does not start."""
        try:
            self._switchboard = self._runner.run(self._open())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._runner.run(self._opened.aclose())
        finally:
            self._runner.close()

    def replay(self, fixture: Fixture, turns: Sequence[Turn], house: House, beside: Path) -> Replayed:
        """Have the fixture's call, and see an agent's telephone ring when it is handed over.

        As `replay_direct`. Raises TelephonyError when the call fails, or no telephone rings.
        """
        end = CallerEnd(turns, line_of(fixture, turns, beside))
        return self._runner.run(self._switchboard.call(fixture, house, end))

    async def _open(self) -> _Switchboard:
        return await self._opened.enter_async_context(_switchboard(self._house))


class _Switchboard:
    """What is up while an `Exchange` is open."""

    def __init__(
        self, asterisk: LocalAsterisk, site: SiteSettings, bot: BotEnd, manager: ManagerControl
    ) -> None:
        self._asterisk, self._site, self._bot, self._manager = asterisk, site, bot, manager

    async def call(self, fixture: Fixture, house: House, end: CallerEnd) -> Replayed:
        """Be the caller; stay on the line until an agent's telephone rings, if that is to be."""
        control = _FixtureControl(self._manager, fixture.caller_number)
        part = BotPart(fixture, house, control)
        sip = (HOST, self._asterisk.ports.sip)
        agent = SipPhone("agent1", sip, self._asterisk.accounts["agent1"])
        async with bounded(), agent, SipPhone("caller", sip) as phone:
            await agent.register()
            self._bot.expect(part)
            call = await phone.call(self._site.callback_number if fixture.purpose else self._site.number)
            await _talk(call, part, end)
            handed_over = (await part.ended).outcome == "transferred" and not call.ended.is_set()
            if handed_over and not fixture.purpose:
                await agent.incoming(RING_WITHIN_S)
        return part.replayed(end, control.context(part.call_id))


async def _talk(call: PhoneCall, part: BotPart, end: CallerEnd) -> None:
    """Say and hear until the bot's part is over, or the caller's."""
    await talk(end, part, PhoneLine(call))
    call.stream.on_frame = None
    if not part.ended.done():
        await call.hang_up()


class _FixtureControl:
    """The real control over a call, which also remembers what Asterisk confirmed.

    The test telephone has no number of its own, so the caller's number is the fixture's.
    """

    def __init__(self, real: CallControl, number: str | None) -> None:
        self._real = real
        self._confirmed = MemoryControl(number)

    def context(self, call_id: str) -> dict[str, str]:
        """Return the channel variables of a call."""
        return self._confirmed.context.get(call_id, {})

    async def caller_number(self, call_id: str) -> str | None:
        """Return the fixture's number, when the real one would be known."""
        return await self._real.caller_number(call_id) or await self._confirmed.caller_number(call_id)

    async def set_context(self, call_id: str, variables: Mapping[str, str]) -> bool:
        """Set channel variables; return whether Asterisk confirmed them."""
        return await self._real.set_context(call_id, variables) and await self._confirmed.set_context(
            call_id, variables
        )

    async def finish(self, call_id: str) -> bool:
        """Earn a hang-up; return whether Asterisk confirmed."""
        return await self._real.finish(call_id)


@asynccontextmanager
async def _switchboard(house: House) -> AsyncIterator[_Switchboard]:
    install = _install()
    with tempfile.TemporaryDirectory(prefix="vb-replay-") as name:
        folder = Path(name)
        async with BotEnd() as bot:
            settings = replace(
                dialplan_of(house.bot), audiosocket=f"{HOST}:{bot.port}", messages=folder / "messages"
            )
            dialplan = folder / "dialplan"
            write_dialplan(dialplan, settings, queue_prompts(house.bot, house.synthesiser, settings))
            site = SiteSettings(dialplan=dialplan, queue=house.bot.queue)
            async with LocalAsterisk(install, folder / "asterisk", site) as asterisk:
                secret = read_manager_secret(dialplan / "voicebot-manager.conf")
                async with _managing(ManagerClient(HOST, asterisk.ports.ami, *secret)) as manager:
                    yield _Switchboard(asterisk, site, bot, manager)


def _install() -> AsteriskInstall:
    install = find_asterisk()
    if install is None or install.missing_modules():
        raise SetupError(
            "no usable Asterisk here; run scripts/install-asterisk .asterisk, or replay --via direct"
        )
    return install


@asynccontextmanager
async def _managing(client: ManagerClient) -> AsyncIterator[ManagerControl]:
    """Stay logged in at Asterisk's Manager."""
    control = ManagerControl(client)
    running = asyncio.create_task(client.run())
    try:
        await _logged_in(client)
        yield control
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _logged_in(client: ManagerClient) -> None:
    try:
        async with asyncio.timeout(MANAGER_WITHIN_S):
            while not client.connected:
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TelephonyError(f"Asterisk's Manager let nobody in within {MANAGER_WITHIN_S:.0f} s") from None
