"""The call-back taken by voicebot itself over a real Asterisk: real recognition, real speech, and stored."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from recordings import FIXTURES
from sites import Site, Sites, ended, prompts_in, until, with_number

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
from voicebot.values import Personal

pytestmark = pytest.mark.asterisk

CONFIRM = "confirm.phone_number"
PATIENCE_S = 90.0
"""A machine that does other things too recognises and speaks slowly."""


@dataclass
class Exchange:
    """A site whose callers, once handed over, come to the real voicebot to leave a number."""

    site: Site
    entries: list[Entry] = field(default_factory=list)
    phones: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def call(self, number: str = "") -> "Caller":
        """Call with this number, or none; return when voicebot has the caller for the second time."""
        before = {event["CallUUID"] for event in self.site.told("VoicebotFallback")}
        phone = await self.phones.enter_async_context(self.site.caller())
        call = await phone.call("100", headers=with_number(number) if number else {})

        def new() -> set[str]:
            return {event["CallUUID"] for event in self.site.told("VoicebotFallback")} - before

        await until(new, PATIENCE_S)
        (call_id,) = new()
        return Caller(call, call_id, self.entries)


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

    def says(self, recording: str) -> None:
        self.call.say(read_audio(FIXTURES / f"{recording}.flac"))

    async def leave(self, number: str, answers: Mapping[str, Callable[[], None]]) -> str:
        """Answer each question that was spoken, a repeated one too; a number that is not `number` is wrong.

        Returns what came of it.
        """
        answered = 0
        while not (over := [m.outcome for m in self.messages if isinstance(m, CallEnded)]):
            spoken = [m for m in self.messages if isinstance(m, PromptFinished)]
            for prompt in [m.prompt for m in spoken[answered:]]:
                (asked,) = [m for m in self.messages if isinstance(m, PromptStarted) and m.prompt == prompt]
                read_back = [value.value for value in asked.values.values() if isinstance(value, Personal)]
                if read_back not in ([], [number]):
                    self.call.press("2")
                elif asked.name in answers:
                    answers[asked.name]()
            answered = len(spoken)
            await asyncio.sleep(0.02)
        return over[0]


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
            await opened.phones.aclose()
            await server.close()


@pytest.fixture
def sites(tmp_path: Path, asterisk_install: AsteriskInstall) -> Sites:
    return Sites(tmp_path, asterisk_install)


@pytest.fixture
def book(tmp_path: Path) -> Callbacks:
    return Callbacks.in_folder(tmp_path / "data")


def test_a_number_is_taken_by_voice_by_keys_and_from_the_line(
    sites: Sites, webshop: House, book: Callbacks
) -> None:
    async def main() -> None:
        async with exchange(sites, webshop, book) as opened, asyncio.timeout(PATIENCE_S):
            speaker, keyer = await opened.call(), await opened.call()
            owner, leaver = await opened.call("+31687654321"), await opened.call()
            say, press = speaker.says, keyer.call.press
            by_voice = {"ask.phone_number": lambda: say("f2_0612345678"), CONFIRM: lambda: say("m1_ja")}
            by_keys = {"ask.phone_number": lambda: press("0401234567"), CONFIRM: lambda: press("1")}
            own_number = {CONFIRM: lambda: owner.says("m5_bel_mij_maar_terug")}
            leaving = asyncio.create_task(leaver.leave("", {}))
            outcomes = await asyncio.gather(
                speaker.leave("0612345678", by_voice),
                keyer.leave("0401234567", by_keys),
                owner.leave("0687654321", own_number),
            )
            await leaver.call.hang_up()
            assert [*outcomes, await leaving] == ["callback", "callback", "callback", "abandoned"]
            for caller in (speaker, keyer, owner):
                await ended(caller.call)
                assert prompts_in(caller.call.heard())[:2] == ["transfer", "no_agent"]
            assert opened.site.told("VoicebotMessage") == []
            assert {one.call_id: one.number for one in book.requests()} == {
                speaker.call_id: "0612345678",
                keyer.call_id: "0401234567",
                owner.call_id: "0687654321",
            }

    asyncio.run(main())
    stored = [path.read_bytes() for path in sites.folder.rglob("*") if path.is_file()]
    for digits in (b"0612345678", b"0401234567", b"687654321"):
        assert not [content for content in stored if digits in content]
