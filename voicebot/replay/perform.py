"""A fixture's call on the in-memory line, in virtual time: the very code that answers the telephone."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from voicebot.audio import FRAME_MS
from voicebot.call import Call
from voicebot.clock import VirtualClock, run_virtual
from voicebot.events import Entry
from voicebot.house import House
from voicebot.replay.caller import Turn
from voicebot.replay.caller_end import CallerEnd
from voicebot.replay.fixture import Fixture
from voicebot.replay.fixture_backend import FixtureBackend
from voicebot.replay.limits import bounded
from voicebot.replay.line import line_of
from voicebot.replay.replayed import Replayed
from voicebot.telephony import MemoryControl, MemoryLine, callback_leg

_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


def call_id_of(fixture: Fixture) -> str:
    """Return the id of a fixture's call: the same each time."""
    call_id = str(uuid.uuid5(_NAMESPACE, fixture.call))
    return callback_leg(call_id) if fixture.purpose else call_id


def replay_direct(fixture: Fixture, turns: Sequence[Turn], house: House, beside: Path) -> Replayed:
    """Have the fixture's call in virtual time; takes as long as it computes.

    Of `house` the bot, the model, the voice and the understanding are used. Background noise lies `beside`
    the fixture. Raises TelephonyError for a call that does not end.
    """
    return run_virtual(_call(fixture, house, CallerEnd(turns, line_of(fixture, turns, beside))))


async def _call(fixture: Fixture, house: House, end: CallerEnd) -> Replayed:
    clock, control = VirtualClock(fixture.clock), MemoryControl(fixture.caller_number)
    entries: list[Entry] = []
    backend = FixtureBackend(fixture, clock.spend)
    held_before = backend.state()
    own = replace(house, backend=backend, control=control, clock=clock, note=entries.append)
    line = MemoryLine(call_id_of(fixture))
    call = asyncio.create_task(Call(line, own).run())
    try:
        async with bounded():
            await _talk(line, end)
            await call
    finally:
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    context = control.context.get(line.call_id, {})
    return Replayed(entries, end.turns, *end.both(), context, held_before, backend.state())


async def _talk(line: MemoryLine, end: CallerEnd) -> None:
    """Be the caller until the line closes: one frame for each frame heard."""
    now_ms = 0
    while frame := await line.heard():
        doing = end.tick(frame, now_ms)
        now_ms += FRAME_MS
        if doing.hangs_up:
            line.caller_hangs_up()
        if doing.key:
            line.caller_presses(doing.key)
        if doing.frame:
            line.caller_says(doing.frame)
