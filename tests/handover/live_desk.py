"""What the tests of a live desk act with: callers, agents, a supervisor's telephone, a browser."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from browsers import chromium_options
from playwright.async_api import Browser, Page, async_playwright
from recordings import FIXTURES

from voicebot.audio import Samples, read_audio
from voicebot.demo import Stage, open_stage
from voicebot.events import PromptFinished, PromptStarted
from voicebot.records import Callback, Callbacks, EventStore, Handover, Handovers, Passage, Passages
from voicebot.telephony import AsteriskInstall, ManagerClient, PhoneCall, SipPhone, read_manager_secret

CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ = 1100, 1600, 2100
NUMBER = "0612345678"
PATIENCE_S = 30.0
"""A machine that does other things too recognises and speaks slowly."""


@dataclass
class Desk:
    """Everything is up."""

    stage: Stage
    browser: Browser
    letters: list[tuple[str, bytes]]
    """Signature and body of each webhook."""
    events: list[Mapping[str, str]]
    """Of Asterisk's Manager."""

    @property
    def data(self) -> Path:
        return self.stage.database.parent

    def phone(self, name: str) -> SipPhone:
        return SipPhone(name, self.stage.sip, self.stage.asterisk.accounts.get(name))

    async def call(self, phone: SipPhone, number: str = NUMBER) -> PhoneCall:
        """Call, and hear the bot out."""
        call = await phone.call("100", headers={"P-Asserted-Identity": f"<sip:{number}@example.org>"})
        await spoken(call)
        return call

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        """A supervisor's browser, on the page."""
        context = await self.browser.new_context(base_url=self.stage.web)
        page = await context.new_page()
        await page.goto("/")
        await page.get_by_label("Uw code").fill((self.data / "supervisor.code").read_text().strip())
        await page.get_by_role("button", name="Naar binnen").click()
        await page.wait_for_load_state()  # the buttons work from then on
        await page.get_by_label("Mijn toestel").select_option(label="Sanne")
        await page.evaluate("window.neverReloaded = true")
        yield page
        assert await page.evaluate("window.neverReloaded")
        await context.close()

    def handover(self, call_id: str) -> Handover:
        """Return the proof of one hand-over."""
        book = Handovers.in_folder(self.data)
        try:
            return next(one for one in book.last(100) if one.call_id == call_id)
        finally:
            book.close()

    def passage(self, call_id: str) -> Passage | None:
        """Return how a caller passed to a human."""
        book = Passages.in_folder(self.data)
        try:
            return book.of(call_id)
        finally:
            book.close()

    def last_call(self) -> str:
        """Return the id of the call that began last."""
        return self._calls()[0]

    def has_asked(self, call_id: str, prompt: str) -> bool:
        """Return whether the bot has spoken this prompt in a call to its end."""
        store = EventStore.in_folder(self.data)
        try:
            messages = [entry.message for entry in store.entries(call_id)]
        finally:
            store.close()
        asked = {one.prompt for one in messages if isinstance(one, PromptStarted) and one.name == prompt}
        return any(isinstance(one, PromptFinished) and one.prompt in asked for one in messages)

    def _calls(self) -> list[str]:
        store = EventStore.in_folder(self.data)
        try:
            return [summary.call_id for summary in store.calls(limit=5)]
        finally:
            store.close()

    def callback(self, call_id: str) -> Callback | None:
        """Return what is written down of a caller to call back."""
        book = Callbacks.in_folder(self.data)
        try:
            return next((one for one in book.requests(done=True) if one.call_id == call_id), None)
        finally:
            book.close()


@asynccontextmanager
async def open_desk(install: AsteriskInstall, folder: Path, bot: Path) -> AsyncIterator[Desk]:
    """Start it all; stop it afterwards."""
    async with AsyncExitStack() as stack:
        letters: list[tuple[str, bytes]] = []
        receiver = await asyncio.start_server(partial(_receive, letters), "127.0.0.1", 0)
        stack.callback(receiver.close)
        url = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/voicebot"
        opening = open_stage(
            install,
            folder / "stage",
            bot=str(bot),
            bind="127.0.0.1",
            tell=lambda _: None,
            settings={"webhook": {"url": url}},
            agents=2,
        )
        stage = await stack.enter_async_context(opening)
        secret = read_manager_secret(folder / "stage" / "dialplan" / "voicebot-manager.conf")
        client = ManagerClient("127.0.0.1", stage.asterisk.ports.ami, *secret)
        events: list[Mapping[str, str]] = []
        client.subscribe(lambda name, fields: events.append(fields))
        listening = asyncio.create_task(client.run())
        stack.push_async_callback(_end, listening)
        await until(lambda: client.connected)
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(**chromium_options())
        stack.push_async_callback(browser.close)
        yield Desk(stage, browser, letters, events)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _receive(
    letters: list[tuple[str, bytes]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Take a webhook: refuse the first one, as a system that is down for a moment does."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    letters.append((fields["x-voicebot-signature"], await reader.readexactly(int(fields["content-length"]))))
    status = "503 Down" if len(letters) == 1 else "204 Fine"
    writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    writer.close()


def words(recording: str) -> Samples:
    return read_audio(FIXTURES / f"{recording}.flac")


def says(call: PhoneCall, recording: str) -> None:
    call.say(words(recording))


async def spoken(call: PhoneCall, quiet_s: float = 0.8) -> None:
    """Wait until the other side has said something and is quiet."""
    begun = len(call.heard())

    def is_over() -> bool:
        frames = levels(call.heard()[begun:]) > 200
        return bool(frames.any() and not frames[-round(quiet_s / 0.02) :].any())

    await until(is_over)


def levels(samples: Samples) -> np.ndarray:
    """Return the RMS of each 20 ms."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(float)
    return np.sqrt((frames**2).mean(axis=1))


def tone(hertz: float, seconds: float = 20) -> Samples:
    times = np.arange(int(8000 * seconds)) / 8000
    return (8000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def hears(call: PhoneCall, hertz: float) -> bool:
    """Return whether a tone is in the last half second that was heard."""
    last = call.heard()[-4000:].astype(float)
    if len(last) < 4000:
        return False
    spectrum = np.abs(np.fft.rfft(last * np.hanning(4000)))
    return bool(spectrum[round(hertz / 2)] > 2e5)


async def until(true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait for something that happens in its own time."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)
