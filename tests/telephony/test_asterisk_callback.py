"""The call-back taken by voicebot itself over a real Asterisk: real recognition, real speech, and stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from recordings import FIXTURES
from test_asterisk_dialplan import Site, Sites, ended, prompts_in, until, with_number

from voicebot.audio import read_audio
from voicebot.call import Call
from voicebot.clock import WallClock
from voicebot.events import CallEnded, Entry, PromptFinished, PromptStarted
from voicebot.house import House, callback_house
from voicebot.records import CallbackDesk, Callbacks
from voicebot.telephony import (
    AsteriskInstall,
    AudioSocketServer,
    CallTransport,
    PhoneCall,
    callback_leg,
    is_callback_leg,
    listen,
)

pytestmark = pytest.mark.asterisk

PATIENCE_S = 40.0
"""A machine that does other things too recognises and speaks slowly."""


@dataclass
class Exchange:
    """A site whose callers, once handed over, come to the real voicebot to leave a number."""

    site: Site
    entries: list[Entry] = field(default_factory=list)

    async def call(self, number: str = "") -> "Caller":
        """Call with this number, or none; return when voicebot has the caller for the second time."""
        before = {event["CallUUID"] for event in self.site.told("VoicebotFallback")}
        phone = await self._phones.enter_async_context(self.site.caller())
        call = await phone.call("100", headers=with_number(number) if number else {})

        def new() -> set[str]:
            return {event["CallUUID"] for event in self.site.told("VoicebotFallback")} - before

        await until(new, PATIENCE_S)
        (call_id,) = new()
        return Caller(call, call_id, self.entries)

    def __post_init__(self) -> None:
        self._phones = AsyncExitStack()

    async def close(self) -> None:
        await self._phones.aclose()


@dataclass(eq=False)
class Caller:
    """Someone who leaves a number."""

    call: PhoneCall
    call_id: str
    _entries: list[Entry]

    @property
    def messages(self) -> list[object]:
        """The log of the second leg."""
        leg = callback_leg(self.call_id)
        return [entry.message for entry in self._entries if entry.call_id == leg]

    async def hears(self, name: str) -> None:
        """Wait until a prompt of this name has been spoken."""

        def spoken() -> bool:
            prompts = {m.prompt for m in self.messages if isinstance(m, PromptStarted) and m.name == name}
            return any(PromptFinished(prompt) in self.messages for prompt in prompts)

        await until(spoken, PATIENCE_S)

    def says(self, recording: str) -> None:
        self.call.say(read_audio(FIXTURES / f"{recording}.flac"))

    async def outcome(self) -> str:
        """Wait until voicebot's part is over."""
        await until(lambda: any(isinstance(m, CallEnded) for m in self.messages), PATIENCE_S)
        return next(m.outcome for m in self.messages if isinstance(m, CallEnded))


@asynccontextmanager
async def exchange(sites: Sites, house: House, callbacks: CallbackDesk) -> AsyncIterator[Exchange]:
    sock = listen("127.0.0.1", 0)
    address = f"127.0.0.1:{sock.getsockname()[1]}"
    async with sites.open(audiosocket=address) as site:
        opened = Exchange(site)
        desk = replace(
            callback_house(house),
            callbacks=callbacks,
            control=site.control,
            clock=WallClock(zone=ZoneInfo("Europe/Amsterdam")),
            note=opened.entries.append,
        )

        async def answer(line: CallTransport) -> None:
            if is_callback_leg(line.call_id):
                await Call(line, desk).run()
            else:
                line.hang_up()

        server = AudioSocketServer(sock, answer, max_calls=20)
        server.start()
        try:
            yield opened
        finally:
            await opened.close()
            await server.close()


@pytest.fixture
def sites(tmp_path: Path, asterisk_install: AsteriskInstall) -> Sites:
    return Sites(tmp_path, asterisk_install)


@pytest.fixture
def book(tmp_path: Path) -> Callbacks:
    return Callbacks.in_folder(tmp_path / "data")


def numbers(book: Callbacks) -> dict[str, str | None]:
    return {one.call_id: one.number for one in book.requests()}


def test_a_number_is_taken_by_voice_by_keys_and_from_the_line(
    sites: Sites, webshop: House, book: Callbacks
) -> None:
    async def by_voice(caller: Caller) -> None:
        await caller.hears("ask.phone_number")
        caller.says("f2_0612345678")
        await caller.hears("confirm.phone_number")
        caller.says("f2_ja_dat_klopt")

    async def by_keys(caller: Caller) -> None:
        await caller.hears("ask.phone_number")
        caller.call.press("0401234567")
        await caller.hears("confirm.phone_number")
        caller.call.press("1")

    async def by_own_number(caller: Caller) -> None:
        await caller.hears("confirm.phone_number")
        caller.says("m5_bel_mij_maar_terug")

    async def main() -> None:
        async with exchange(sites, webshop, book) as opened:
            speaker, keyer = await opened.call(), await opened.call()
            owner, leaver = await opened.call("+31687654321"), await opened.call()
            await asyncio.gather(by_voice(speaker), by_keys(keyer), by_own_number(owner))
            await leaver.call.hang_up()
            for caller in (speaker, keyer, owner):
                assert await caller.outcome() == "callback"
                await ended(caller.call)
                assert prompts_in(caller.call.heard())[:2] == ["transfer", "no_agent"]
            assert await leaver.outcome() == "abandoned"
            assert opened.site.told("VoicebotMessage") == []
            wanted = {speaker: "0612345678", keyer: "0401234567", owner: "0687654321"}
            assert numbers(book) == {caller.call_id: number for caller, number in wanted.items()}

    asyncio.run(main())
    stored = [path.read_bytes() for path in sites.folder.rglob("*") if path.is_file()]
    for digits in (b"0612345678", b"0401234567", b"687654321"):
        assert not [content for content in stored if digits in content]
