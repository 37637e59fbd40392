"""A real Asterisk with the generated dialplan, telephones at both ends and a stand-in for voicebot."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import write_audio
from voicebot.telephony.asterisk import LocalAsterisk, SiteSettings
from voicebot.telephony.dialplan import DialplanSettings, read_manager_secret, write_dialplan
from voicebot.telephony.installation import AsteriskInstall
from voicebot.telephony.manager import ManagerClient, ManagerControl
from voicebot.telephony.open_hours import OpenHours
from voicebot.telephony.phone import PhoneCall, SipPhone
from voicebot.telephony.queue_prompts import prompt_texts

NUMBER = "+31612345678"
HANG_UP = bytes(3)
"""The AudioSocket frame that hands the caller back to the dialplan."""

EXPECTED = re.compile(
    "AudioSocket|audiosocket|Unable to join queue|Could not create directory|Session already DISCONNECTED"
    "|sounds/position_1|Already there|Attempt to (un)?pause|is not a dynamic member"
    "|ndpoint .(supervisor|customer).|built by|play_file failed|hungup on the customer|is shutting down"
)
"""What Asterisk logs when the things happen that these tests make happen."""

# Each prompt is a tone of its own, so that a test hears which one was played.
HERTZ = {
    name: 1160 + 40 * n for n, name in enumerate(prompt_texts([OpenHours(("mon",), "08:00", "17:00")]))
} | {
    "tone": 1000,
    "ringing": 425,
    "hold_music": 700,
}

Samples: TypeAlias = NDArray[np.int16]
Bot: TypeAlias = Callable[[str, "Site"], Awaitable[None]]


def sine(hertz: float, seconds: float = 0.3) -> Samples:
    times = np.arange(int(8000 * seconds)) / 8000
    return (8000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def prompts_in(heard: Samples) -> list[str]:
    """The names of the tones in what a caller heard, in order."""
    names: list[str] = []
    for start in range(0, len(heard) - 800, 400):
        spectrum = np.abs(np.fft.rfft(heard[start : start + 800].astype(float) * np.hanning(800)))
        loudest = 10 * int(np.argmax(spectrum))
        name = next((name for name, hertz in HERTZ.items() if abs(hertz - loudest) <= 10), None)
        if name and spectrum.max() > 1e5 and names[-1:] != [name]:
            names.append(name)
    return names


@dataclass
class Site:
    """An Asterisk with voicebot's dialplan, and what its manager told."""

    asterisk: LocalAsterisk
    client: ManagerClient
    control: ManagerControl
    events: list[Mapping[str, str]]
    messages: Path

    def agent(self, number: int = 1) -> SipPhone:
        return self.phone(f"agent{number}")

    def phone(self, name: str) -> SipPhone:
        return SipPhone(name, self.server, self.asterisk.accounts[name])

    def caller(self) -> SipPhone:
        return SipPhone("caller", self.server)

    @property
    def server(self) -> tuple[str, int]:
        return "127.0.0.1", self.asterisk.ports.sip

    def told(self, name: str) -> list[Mapping[str, str]]:
        """Our user events of this name, so far."""
        return [fields for fields in self.events if fields.get("UserEvent") == name]


@dataclass
class Sites:
    """Makes sites."""

    folder: Path
    install: AsteriskInstall

    @asynccontextmanager
    async def open(
        self, bot: Bot | None = None, site: SiteSettings | None = None, **settings: object
    ) -> AsyncIterator[Site]:
        """Run an Asterisk with `bot` in voicebot's place; without one nobody listens there."""
        async with stand_in(bot) as (port, attach):
            changes = {"audiosocket": f"127.0.0.1:{port}", "messages": self.folder / "messages", **settings}
            plan = replace(DialplanSettings(), **changes)  # type: ignore[arg-type]
            prompts = {name: sine(HERTZ[name]) for name in plan.prompts}
            write_dialplan(self.folder / "dialplan", plan, prompts)
            music = self.folder / "dialplan" / "sounds" / "hold" / "music.wav"
            write_audio(music, sine(HERTZ["hold_music"], 2))
            around = replace(site or SiteSettings(Path()), dialplan=self.folder / "dialplan")
            local = LocalAsterisk(self.install, self.folder / "run", around)
            async with local as asterisk, manager(asterisk, self.folder) as (client, control, events):
                opened = Site(asterisk, client, control, events, plan.messages)
                attach(opened)
                yield opened
                complaints = [
                    line for line in asterisk.log.read_text().splitlines() if not EXPECTED.search(line)
                ]
            assert complaints == [], complaints


@asynccontextmanager
async def stand_in(bot: Bot | None) -> AsyncIterator[tuple[int, Callable[[Site], None]]]:
    """Listen where voicebot would; yield the port, and a way to tell the bot its site."""
    sites: list[Site] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call_id = str(UUID(bytes=(await reader.readexactly(19))[3:]))
        draining = asyncio.create_task(reader.read())
        try:
            if bot:
                await bot(call_id, sites[0])
                writer.write(HANG_UP)
                await draining
        finally:
            draining.cancel()
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if bot is None:
        server.close()
    async with server:
        yield port, sites.append


@asynccontextmanager
async def manager(
    asterisk: LocalAsterisk, folder: Path
) -> AsyncIterator[tuple[ManagerClient, ManagerControl, list[Mapping[str, str]]]]:
    """Log in as voicebot does."""
    user, secret = read_manager_secret(folder / "dialplan" / "voicebot-manager.conf")
    client = ManagerClient("127.0.0.1", asterisk.ports.ami, user, secret)
    events: list[Mapping[str, str]] = []
    client.subscribe(lambda name, fields: events.append(fields))
    control = ManagerControl(client)
    running = asyncio.create_task(client.run())
    try:
        await until(lambda: client.connected)
        yield client, control, events
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something that happens in Asterisk's own time."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def heard(call: PhoneCall, prompt: str) -> None:
    await until(lambda: prompt in prompts_in(call.heard()))


async def ended(call: PhoneCall) -> None:
    async with asyncio.timeout(10):
        await call.ended.wait()


def with_number(number: str = NUMBER) -> dict[str, str]:
    return {"P-Asserted-Identity": f"<sip:{number}@example.org>"}


def weekday(days_from_now: int) -> str:
    when = datetime.now(ZoneInfo("Europe/Amsterdam")) + timedelta(days=days_from_now)
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[when.weekday()]
