"""What `hostile.py` attacks: a private Asterisk, a `voicebot serve`, and a relay in its Manager links."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hostile_inputs import HostileInputs

from voicebot.dialogue import load_bot
from voicebot.events import CallEnded, CallStarted
from voicebot.house import queue_prompts
from voicebot.records import EventStore
from voicebot.serve import Served, served
from voicebot.serve.processes import command, descendants, private_bytes
from voicebot.speaking import PromptCache, Synthesiser
from voicebot.telephony import (
    AsteriskInstall,
    DialplanSettings,
    LocalAsterisk,
    SiteSettings,
    free_port,
    write_dialplan,
)

PACKS_A_SECOND = 200


class Relay:
    """Stands between voicebot and the Manager, and slips hostile packs in when told to."""

    def __init__(self, target: int, inputs: HostileInputs) -> None:
        self._target = target
        self._inputs = inputs
        self._links: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop, and break the links."""
        assert self._server is not None
        self._server.close()
        for writer in self._links:
            writer.transport.abort()

    async def attack(self, count: int) -> dict[str, int]:
        """Send so many packs, to all links in turn."""
        for number in range(count):
            links = [writer for writer in self._links if not writer.is_closing()]
            if links:
                links[number % len(links)].write(self._inputs.manager_pack())
            if number % 10 == 0:
                await asyncio.sleep(10 / PACKS_A_SECOND)
        return {"sent": count, "links": len(self._links)}

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        greeting = await there.readline()
        writer.write(greeting)
        self._links.add(writer)

        async def answers() -> None:
            while True:  # whole packs, so that ours come between them
                writer.write(await there.readuntil(b"\r\n\r\n"))

        async def questions() -> None:
            while data := await reader.read(65536):
                back.write(data)

        tasks = [asyncio.create_task(answers()), asyncio.create_task(questions())]
        with suppress(OSError, asyncio.IncompleteReadError):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._links.discard(writer)
        for end in (writer, back):
            end.transport.abort()


@dataclass
class Stage:
    """What is attacked."""

    asterisk: LocalAsterisk
    voicebot: Served
    relay: Relay
    audiosocket: int
    web: int
    database: Path

    def processes(self) -> dict[str, int]:
        """Return our processes by what they are."""
        named = {"parent": self.voicebot.pid}
        for pid in descendants(self.voicebot.pid):
            for part in ("serve.worker", "web.server"):
                if f"voicebot.{part}" in command(pid):
                    named[part.partition(".")[2 if part.startswith("serve") else 0]] = pid
        return named

    @property
    def feed(self) -> str:
        """Where the live feed listens."""
        arguments = command(self.processes()["web"]).split()
        return arguments[arguments.index("--feed") + 1]

    def memory_mb(self) -> dict[str, float]:
        """Return the private memory of our processes."""
        return {name: private_bytes(pid) / 1e6 for name, pid in self.processes().items()}

    def ends(self) -> dict[str, CallEnded]:
        """Return how the calls of callers with a number ended, by call id: the attackers have none."""
        store = EventStore(f"sqlite:///{self.database}")
        try:
            ends = {}
            for call in store.calls(limit=100_000):
                if call.outcome in (None, "abandoned"):
                    continue
                messages = [entry.message for entry in store.entries(call.call_id)]
                started = next((each for each in messages if isinstance(each, CallStarted)), None)
                if started and started.caller and isinstance(messages[-1], CallEnded):
                    ends[call.call_id] = messages[-1]
            return ends
        finally:
            store.close()


@asynccontextmanager
async def open_stage(install: AsteriskInstall, folder: Path, seed: int) -> AsyncIterator[Stage]:
    """Start everything with its files in `folder`."""
    bot = load_bot("webshop")
    ports = [free_port(socket.SOCK_STREAM) for _ in range(2)]
    settings = DialplanSettings(
        audiosocket=f"127.0.0.1:{ports[0]}", queue=bot.queue, messages=folder / "messages"
    )
    with Synthesiser(cache=PromptCache(folder / "data" / "prompts")) as synthesiser:
        write_dialplan(folder / "dialplan", settings, queue_prompts(bot, synthesiser, settings))
    site = SiteSettings(dialplan=folder / "dialplan", queue=bot.queue)
    async with LocalAsterisk(install, folder / "asterisk", site) as asterisk:
        relay = Relay(asterisk.ports.ami, HostileInputs(seed))
        secret = str(folder / "dialplan" / "voicebot-manager.conf")
        config = {
            "audiosocket": f"127.0.0.1:{ports[0]}",
            "web": f"127.0.0.1:{ports[1]}",
            "data": str(folder / "data"),
            "drain_s": 2,
            "manager": {"address": f"127.0.0.1:{await relay.open()}", "secret_file": secret},
        }
        try:
            async with served(folder, config) as voicebot:
                yield Stage(asterisk, voicebot, relay, *ports, folder / "data" / "calls.db")
        finally:
            relay.close()
