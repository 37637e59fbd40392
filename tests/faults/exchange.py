"""A telephone exchange to break things in: a private Asterisk, agents, callers, and a voicebot or none."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from breakable import Voicebot, breakable
from people import Agents, Caller, until
from relay import Relay

from voicebot.dialogue import load_bot, shipped_bots
from voicebot.house import queue_prompts
from voicebot.speaking import PromptCache, Synthesiser
from voicebot.telephony import (
    AsteriskInstall,
    DialplanSettings,
    LocalAsterisk,
    SipPhone,
    SiteSettings,
    free_port,
    write_dialplan,
)

MOST_TRIES = 100
"""Calls to get one on a certain worker: which one takes it is chance."""
TONES = 20
DISCLOSURE = "Hier de computer. Of zeg medewerker."
"""The webshop's own takes 10 s and cannot be interrupted."""


class Exchange:
    """An Asterisk with agents in the queue, and a number that brings a caller to voicebot."""

    def __init__(self, asterisk: LocalAsterisk, agents: Agents, folder: Path, port: int) -> None:
        self.asterisk = asterisk
        self.agents = agents
        self.port = port
        """Where the dialplan looks for voicebot."""
        self.secret = folder / "dialplan" / "voicebot-manager.conf"
        """Of the Manager."""
        self._folder = folder
        self._phones: list[SipPhone] = []
        self._callers = self._voicebots = 0

    async def call(self) -> Caller:
        """Have a next caller dial the number."""
        phone = SipPhone("caller", ("127.0.0.1", self.asterisk.ports.sip))
        self._phones.append(await phone.__aenter__())
        caller = Caller(await phone.call(self.asterisk.site.number), self._callers % TONES)
        self._callers += 1
        return caller

    async def call_worker(self, voicebot: Voicebot, wanted: Collection[int]) -> Caller:
        """Have a caller on one of these workers."""
        for _ in range(MOST_TRIES):
            before = voicebot.calls()
            caller = await self.call()
            caller.worker = await voicebot.taker(before)
            if caller.worker in wanted:
                return caller
            await caller.call.hang_up()
            await until(lambda before=before: voicebot.calls() == before, "a worker kept a call")
        raise AssertionError(f"{MOST_TRIES} calls in a row went to other workers")

    async def call_every_worker(self, voicebot: Voicebot) -> list[Caller]:
        """Have one caller on each worker."""
        without = set(voicebot.workers())
        callers = []
        while without:
            callers.append(await self.call_worker(voicebot, without))
            without.remove(callers[-1].worker)
        return callers

    async def everyone_hangs_up(self) -> None:
        """End all calls and wait until Asterisk has no channel left; raises TimeoutError."""
        phones, self._phones = self._phones, []
        await asyncio.gather(*(phone.__aexit__(None, None, None) for phone in phones))
        self.agents.forget()
        async with asyncio.timeout(10):
            while "0 active channels" not in await self.asterisk.cli("core show channels"):
                await asyncio.sleep(0.1)

    async def managed(self, links: int) -> None:
        """Wait until so many are logged in at the Manager; raises TimeoutError."""
        async with asyncio.timeout(10):
            while (await self.asterisk.cli("manager show connected")).count("voicebot") < links:
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def voicebot(self, **settings: object) -> AsyncIterator[Voicebot]:
        """Have a voicebot with two workers; `settings` go over the usual ones."""
        self._voicebots += 1
        folder = self._folder / f"voicebot{self._voicebots}"
        data = folder / "data"
        data.mkdir(parents=True)
        for kept in ("prompts", "models"):  # what every start would make again
            (self._folder / kept).mkdir(exist_ok=True)
            (data / kept).symlink_to(self._folder / kept)
        config: dict[str, object] = {
            "bot": str(self._folder / "bot"),
            "audiosocket": f"127.0.0.1:{self.port}",
            "web": f"127.0.0.1:{free_port(socket.SOCK_STREAM)}",
            "data": str(data),
            "workers": 2,
            "drain_s": 1,
            "manager": self._manager(self.asterisk.ports.ami),
        }
        async with breakable(folder, config | settings, self.port) as voicebot:
            yield voicebot

    @asynccontextmanager
    async def relayed_voicebot(self) -> AsyncIterator[tuple[Relay, Voicebot]]:
        """Have a voicebot with a relay between it and the Manager."""
        async with (
            Relay(self.asterisk.ports.ami) as relay,
            self.voicebot(manager=self._manager(relay.port)) as voicebot,
        ):
            yield relay, voicebot

    def _manager(self, port: int) -> Mapping[str, str]:
        return {"address": f"127.0.0.1:{port}", "secret_file": str(self.secret)}


@asynccontextmanager
async def open_exchange(
    install: AsteriskInstall, folder: Path, prompts: Path, agents: int, wait_s: int = 30
) -> AsyncIterator[Exchange]:
    """Start an Asterisk and its agents with their files in `folder`; rendered prompts are kept in `prompts`.

    Callers wait `wait_s` for an agent.
    """
    _prepare(folder, prompts)
    bot = load_bot(folder / "bot")
    port = free_port(socket.SOCK_STREAM)
    settings = DialplanSettings(
        audiosocket=f"127.0.0.1:{port}",
        queue=bot.queue,
        messages=folder / "messages",
        wait_seconds=wait_s,
    )
    with Synthesiser(cache=PromptCache(prompts)) as synthesiser:
        write_dialplan(folder / "dialplan", settings, queue_prompts(bot, synthesiser, settings))
    _ring_one_by_one(folder / "dialplan" / "voicebot-queues.conf")
    site = SiteSettings(dialplan=folder / "dialplan", queue=bot.queue, agents=agents)
    async with LocalAsterisk(install, folder / "asterisk", site) as asterisk, Agents(asterisk) as people:
        yield Exchange(asterisk, people, folder, port)


def _ring_one_by_one(queues: Path) -> None:
    """Have each caller ring another agent: else all ring for the first, and the next ones wait for that."""
    text = queues.read_text()
    assert "strategy = ringall" in text
    queues.write_text(text.replace("strategy = ringall", "strategy = rrmemory"))


def _prepare(folder: Path, prompts: Path) -> None:
    """Put the prompts there, and a webshop that comes to the point sooner and never closes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prompts").symlink_to(prompts)
    shutil.copytree(shipped_bots()["webshop"], folder / "bot")
    bot = folder / "bot" / "bot.yaml"
    text = re.sub(
        r"  disclosure:.*?(?=  opening:)", f"  disclosure: {DISCLOSURE}\n", bot.read_text(), flags=re.S
    )
    bot.write_text(re.sub(r"    hours:\n(      - .*\n)+", "    hours: []\n", text))
