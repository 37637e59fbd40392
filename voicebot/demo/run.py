"""The demo from beginning to end."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import fcntl
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import read_audio
from voicebot.backends import DemoShop
from voicebot.bot_model import open_bot_model
from voicebot.clock import Clock
from voicebot.demo.performance import Performance, follow, perform, perform_in_memory
from voicebot.demo.proof import check, write_proof
from voicebot.demo.show import Show
from voicebot.demo.stage import Stage, open_stage
from voicebot.dialogue import load_bot
from voicebot.errors import SetupError
from voicebot.events import Entry
from voicebot.hearing import choose_model
from voicebot.house import open_house
from voicebot.records import MemoryCallbacks, Redactor
from voicebot.replay import Recordings, Turn, load_fixture
from voicebot.telephony import AsteriskInstall, MemoryControl


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays, and what they say (int16 mono 8 kHz)."""

    bot: str
    turns: list[Turn]
    agent_says: NDArray[np.int16]
    caller_replies: NDArray[np.int16]

    @classmethod
    def of(cls, folder: Path) -> Cast:
        """Read the demo's fixture and recordings from `folder`."""
        fixture = load_fixture(folder / "demo.yaml")
        turns = Recordings(_no_voice, folder).turns(fixture, folder)
        return cls(
            fixture.bot, turns, read_audio(folder / "agent.flac"), read_audio(folder / "caller_reply.flac")
        )


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo: where it works, what it leaves, who plays."""

    cast: Cast
    work: Path
    """Working files, kept between runs for the rendered prompts."""
    out: Path
    """What it leaves behind."""
    show: Show

    async def on_asterisk(self, install: AsteriskInstall, *, bind: str, stay: bool) -> None:
        """Have the call over SIP; with `stay`, keep everything up afterwards until interrupted."""
        cast = self.cast
        self.out.mkdir(parents=True, exist_ok=True)
        opening = open_stage(install, self.work, bot=cast.bot, bind=bind, tell=self.show.step)
        with alone_in(self.work):
            async with opening as stage:
                self.show.step(f"status page: {stage.web}, code {stage.code}")
                self.show.step(f"calling {stage.number}")
                performance = await perform(
                    stage, cast.turns, cast.agent_says, cast.caller_replies, self.show.entry
                )
                self._finish(performance, with_agent=True)
                if stay:
                    await self._stay(stage, performance.entries[0].call_id)

    async def _stay(self, stage: Stage, shown: str) -> None:
        """Keep everything up and show the calls that come, other than the one shown already."""
        self._invite(stage)
        watching = asyncio.create_task(follow(stage, self.show.entry, skip=shown))
        await _until_interrupted()
        watching.cancel()

    async def in_memory(self, clock: Clock) -> None:
        """Have the same call over the in-memory line, in this process; there is no agent then."""
        self.out.mkdir(parents=True, exist_ok=True)
        entries: list[Entry] = []
        redactor = Redactor()

        def note(entry: Entry) -> None:
            entries.append(dataclasses.replace(entry, message=redactor.redact(entry.message)))
            self.show.entry(entries[-1])

        model = open_bot_model(
            self.cast.bot, choose_model(None).path, self.work / "data/models", self.show.step
        )
        house = open_house(
            load_bot(self.cast.bot),
            model=model.path,
            cache=self.work / "data/prompts",
            backend=DemoShop(None, today=date.today),
            callbacks=MemoryCallbacks(),
            control=MemoryControl(),
            clock=clock,
            note=note,
        )
        try:
            performance = await perform_in_memory(house, self.cast.turns)
        finally:
            house.synthesiser.close()
            model.close()
        self._finish(dataclasses.replace(performance, entries=entries), with_agent=False)

    def _finish(self, performance: Performance, *, with_agent: bool) -> None:
        """Show whether it held, and leave the proof; raises SetupError when it did not hold."""
        checks = check(
            performance,
            agent_said=self.cast.agent_says if with_agent else None,
            caller_replied=self.cast.caller_replies if with_agent else None,
        )
        self.show.checks(checks)
        for file in write_proof(self.out, performance, checks):
            self.show.step(f"left {file}")
        if failed := [each.what for each in checks if not each.holds]:
            raise SetupError(f"the demo call did not hold: {'; '.join(failed)}")

    def _invite(self, stage: Stage) -> None:
        """Tell how to call it oneself."""
        password = stage.asterisk.accounts["softphone"]
        self.show.step(f"status page: {stage.web}, code {stage.code}")
        self.show.step(
            f"softphone: server {stage.host}:{stage.sip[1]} (UDP), user softphone, password {password}"
        )
        self.show.step(
            f"or: voicebot call --to sip:{stage.number}@127.0.0.1:{stage.sip[1]} --say 'hoe laat bent u open'"
        )
        self.show.step(
            f"dial {stage.number}; order 12345 with postcode 5611 BJ exists; no agent is logged in now"
        )
        self.show.step("calls are shown here; Ctrl-C stops")


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep another demo or load test out of this folder; raises SetupError when one runs in it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(
                f"{folder} is in use already; stop what runs there, or give another --work"
            ) from None
        yield


def _no_voice(text: str, voice: str, rate_wpm: int) -> NDArray[np.int16]:
    raise SetupError(f"the demo speaks recordings only, but its fixture has the text {text!r}")


async def _until_interrupted() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
