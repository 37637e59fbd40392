"""A fixture's call over a real AudioSocket, in real time, without an Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from voicebot.house import House
from voicebot.replay.bot_end import HOST, BotEnd, BotPart
from voicebot.replay.caller import Turn
from voicebot.replay.caller_end import CallerEnd
from voicebot.replay.fixture import Fixture
from voicebot.replay.limits import bounded
from voicebot.replay.line import line_of
from voicebot.replay.perform import call_id_of
from voicebot.replay.real_time import talk
from voicebot.replay.replayed import Replayed
from voicebot.replay.socket_line import socket_line
from voicebot.telephony import MemoryControl


def replay_over_audiosocket(fixture: Fixture, turns: Sequence[Turn], house: House, beside: Path) -> Replayed:
    """Have the fixture's call with our AudioSocket server, in this process; see `replay_direct`."""
    return asyncio.run(_call(fixture, house, CallerEnd(turns, line_of(fixture, turns, beside))))


async def _call(fixture: Fixture, house: House, end: CallerEnd) -> Replayed:
    control = MemoryControl(fixture.caller_number)
    part = BotPart(fixture, house, control)
    async with bounded(), BotEnd() as bot:
        bot.expect(part)
        async with socket_line(HOST, bot.port, call_id_of(fixture)) as line:
            await talk(end, part, line)
        await part.ended
    return part.replayed(end, control.context.get(part.call_id, {}))
