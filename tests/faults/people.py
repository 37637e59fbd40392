"""Callers and agents on SIP telephones, and whether they came to hear each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

from recordings import FIXTURES
from tones import STEP_HZ, ToneEar, tone

from voicebot.audio import FRAME_MS, Samples, read_audio, rms_dbfs
from voicebot.errors import LineClosedError
from voicebot.replay.caller import VOICED_DBFS
from voicebot.telephony import LocalAsterisk, PhoneCall, SipPhone

CALLER_HZ, AGENT_HZ = 600.0, 1600.0
"""Tone of the first caller, and of the first agent; a next one is `STEP_HZ` higher."""
TONE_S = 20.0
SURE = 3
"""Frames of an agent's tone after which a caller answers."""
REGISTERED_S = 7200
"""The longest that Asterisk allows: longer than any of this takes."""
HEADERS = ("reason", "intent", "call")
"""What an agent gets with a call, each after X-Voicebot-."""
LOOK_S = 0.02
WITHIN_S = 10.0
"""A caller meets a human within this time of any fault (issue 4)."""


class Caller:
    """Someone on the line, who answers an agent's tone with another one."""

    def __init__(self, call: PhoneCall, number: int) -> None:
        self.call = call
        self.hz = CALLER_HZ + number * STEP_HZ
        self.worker = 0
        """Process that has the call, where that is known."""
        self.tones = ToneEar()
        self._answers = False
        self._voiced_at = 0.0
        call.stream.on_frame = self._hear

    def _hear(self, samples: Samples, at: float) -> None:
        self.tones.hear(samples, at)
        if rms_dbfs(samples) > VOICED_DBFS:
            self._voiced_at = at
        if not self._answers and self.tones.hz >= AGENT_HZ and self.tones.frames == SURE:
            self._answers = True
            self.call.say(tone(self.hz, TONE_S))

    async def hears_speech(self) -> None:
        """Wait until the other side speaks."""
        since = now()
        await until(lambda: self._voiced_at > since, "the caller heard no one")

    async def says(self, recording: str) -> None:
        """Say a recording to its end."""
        self.call.say(_words(recording))
        await self.call.said()

    def share_heard(self, since: float) -> float:
        """Return how much of the time after `since` sound came in, silence too: 0..1."""
        packets = sum(arrival.at > since for arrival in self.call.stream.received.arrivals)
        return packets * FRAME_MS / 1000 / (now() - since)


@dataclass
class Conversation:
    """What an agent answered."""

    call: PhoneCall
    hz: float
    """The agent's tone."""
    tones: ToneEar = field(default_factory=ToneEar)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A caller and an agent who hear each other; in seconds since the fault."""

    rang_s: float
    heard_s: float
    """Both ways."""
    headers: Mapping[str, str]
    """`HEADERS` of the call to the agent."""


class Agents:
    """The people of the queue: each answers at once, and gives a tone."""

    def __init__(self, asterisk: LocalAsterisk) -> None:
        self._asterisk = asterisk
        self._phones: list[SipPhone] = []
        self._working: list[asyncio.Task[None]] = []
        self._conversations: list[Conversation] = []

    async def __aenter__(self) -> Agents:
        server = ("127.0.0.1", self._asterisk.ports.sip)
        names = [name for name in self._asterisk.accounts if name.startswith("agent")]
        for number, name in enumerate(names):
            phone = SipPhone(name, server, self._asterisk.accounts[name])
            self._phones.append(await phone.__aenter__())
            await phone.register(REGISTERED_S)
            self._working.append(asyncio.create_task(self._work(phone, AGENT_HZ + number * STEP_HZ)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await asyncio.gather(*(phone.__aexit__(None, None, None) for phone in self._phones))

    async def _work(self, phone: SipPhone, hz: float) -> None:
        while True:
            call = await phone.incoming(3600)
            conversation = Conversation(call, hz)
            call.stream.on_frame = conversation.tones.hear
            with suppress(LineClosedError):  # a colleague was first
                await call.answer()
                call.say(tone(hz, TONE_S))
                self._conversations.append(conversation)

    def forget(self) -> None:
        """Forget every conversation."""
        self._conversations.clear()

    async def meet(
        self, callers: Sequence[Caller], since: float, within_s: float = WITHIN_S
    ) -> list[Meeting | None]:
        """Return how each caller met an agent after a fault at `since`; None for who did not in time."""

        def met() -> list[Meeting | None]:
            begun = [each for each in self._conversations if (each.call.ringing_at or 0) > since]
            return [next(filter(None, (_met(who, each, since) for each in begun)), None) for who in callers]

        while not all(met()) and now() < since + within_s:
            await asyncio.sleep(LOOK_S)
        return met()


def _met(caller: Caller, agent: Conversation, since: float) -> Meeting | None:
    by_agent, by_caller = agent.tones.heard.get(caller.hz), caller.tones.heard.get(agent.hz)
    if by_agent is None or by_caller is None or agent.call.ringing_at is None:
        return None
    headers = {name: agent.call.headers.get(f"X-Voicebot-{name}", "") for name in HEADERS}
    return Meeting(agent.call.ringing_at - since, max(by_agent, by_caller) - since, headers)


@cache
def _words(recording: str) -> Samples:
    return read_audio(FIXTURES / f"{recording}.flac")


async def until(holds: Callable[[], bool], otherwise: str, within_s: float = WITHIN_S) -> None:
    """Wait until something holds; raises AssertionError when it does not in time."""
    deadline = now() + within_s
    while not holds():
        assert now() < deadline, otherwise
        await asyncio.sleep(LOOK_S)


def now() -> float:
    """Return the time of the event loop."""
    return asyncio.get_running_loop().time()
