"""The demo call itself: over SIP with an agent at the other end, or over the in-memory line."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_BYTES, RATE, read_audio
from voicebot.call import Call
from voicebot.demo.stage import Stage, open_log
from voicebot.events import CallEnded, Entry
from voicebot.house import House
from voicebot.replay import Turn, VirtualCaller
from voicebot.telephony import MemoryLine, PhoneCall, SipPhone

Samples = NDArray[np.int16]
"""int16 mono 8 kHz, shape (n,)."""

CALL_S = 120.0
"""The longest that the demo call may take."""
POLL_S = 0.1
"""Between two looks at the log."""
RING_WITHIN_S = 5.0
"""How soon after voicebot's part the agent's telephone must ring."""
RING_S = 0.5
"""How long the agent lets it ring."""
JOIN_S = 0.5
"""From the end of the briefing until agent and caller hear each other."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What was said, heard and written down."""

    entries: Sequence[Entry]
    """The redacted event log."""
    recording: Samples
    """Shape (n, 2): left the caller, right what the caller heard."""
    agent_heard: Samples | None = None
    agent_headers: Mapping[str, str] | None = None
    """The X-Voicebot-* headers of the INVITE that reached the agent; None without an agent."""
    briefing: Samples | None = None
    """What was to be whispered to the agent before the caller was there."""


async def perform(
    stage: Stage,
    turns: Sequence[Turn],
    agent_says: Samples,
    caller_replies: Samples,
    show: Callable[[Entry], None],
) -> Performance:
    """Call as the recorded caller, be the agent when it comes to that, and show the log as it grows."""
    agent_phone = SipPhone("agent1", stage.sip, stage.asterisk.accounts["agent1"])
    async with asyncio.timeout(CALL_S), SipPhone("caller", stage.sip) as phone, agent_phone:
        await agent_phone.register()
        log = asyncio.create_task(_until_ended(stage, show))
        call = await phone.call(stage.number, display_name="Proefbeller")
        caller = VirtualCaller(turns)
        call.stream.on_frame = partial(_take_turn, call, caller)
        entries = await log
        agent = await agent_phone.incoming(RING_WITHIN_S)
        call.stream.on_frame = None
        await asyncio.sleep(RING_S)
        await agent.answer()
        briefing = read_audio(stage.briefing(entries[0].call_id))
        await asyncio.sleep(len(briefing) / RATE + JOIN_S)
        for speaker, words in ((agent, agent_says), (call, caller_replies)):
            await asyncio.sleep(0.1)
            speaker.say(words)
            await speaker.said()
        await asyncio.sleep(0.3)
        await call.hang_up()
        await agent.ended.wait()
    headers = {name: agent.headers.get(name, "") for name in _HEADERS}
    return Performance(entries, call.stream.recording(), agent.heard(), headers, briefing)


_HEADERS = ("X-Voicebot-Reason", "X-Voicebot-Intent", "X-Voicebot-Call", "X-Voicebot-Page")


def _take_turn(call: PhoneCall, caller: VirtualCaller, frame: Samples, at: float) -> None:
    if (turn := caller.listen(frame)) is not None:
        call.say(turn.samples)


async def _until_ended(stage: Stage, show: Callable[[Entry], None]) -> list[Entry]:
    """Show the one call's log as voicebot writes it; return it whole."""
    seen: list[Entry] = []

    def note(entry: Entry) -> None:
        seen.append(entry)
        show(entry)

    following = asyncio.create_task(follow(stage, note))
    try:
        while not (seen and isinstance(seen[-1].message, CallEnded)):
            await asyncio.wait([following], timeout=POLL_S)
    finally:
        following.cancel()
    return seen


async def follow(stage: Stage, show: Callable[[Entry], None], skip: str = "") -> None:
    """Show new lines of all calls' logs, but for the call `skip`, until cancelled."""
    shown: dict[str, int] = {skip: 1_000_000}
    store = open_log(stage)
    try:
        while True:
            await asyncio.sleep(POLL_S)
            for call in reversed(store.calls(limit=10)):
                for entry in store.entries(call.call_id)[shown.get(call.call_id, 0) :]:
                    shown[call.call_id] = entry.seq
                    show(entry)
    finally:
        store.close()


async def perform_in_memory(house: House, turns: Sequence[Turn]) -> Performance:
    """Have the same call over the in-memory line, in real time; `house.note` shows it."""
    line = MemoryLine(str(uuid.uuid4()))
    call = asyncio.create_task(Call(line, house).run())
    caller = VirtualCaller(turns)
    mouth = bytearray()
    said, heard = bytearray(), bytearray()
    while frame := await line.heard():
        heard += frame
        if (turn := caller.listen(np.frombuffer(frame, np.int16))) is not None:
            mouth += turn.samples.tobytes()
        spoken = bytes(mouth[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
        del mouth[:FRAME_BYTES]
        said += spoken
        line.caller_says(spoken)
    await call
    both = np.stack([np.frombuffer(bytes(side), np.int16) for side in (said, heard)], axis=1)
    return Performance([], both)
