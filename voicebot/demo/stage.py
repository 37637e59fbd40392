"""The stage of the demo: a private Asterisk with our dialplan, and `voicebot serve` beside it."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from voicebot.dialogue import Bot, load_bot
from voicebot.house import dialplan_of, queue_prompts
from voicebot.records import EventStore
from voicebot.serve import Served, served
from voicebot.speaking import PromptCache, Synthesiser
from voicebot.telephony import (
    AsteriskInstall,
    DialplanSettings,
    LocalAsterisk,
    Ports,
    SiteSettings,
    free_port,
    write_dialplan,
)
from voicebot.web import Access

_NAMES = ("Anna", "Bram")
"""Of the agents."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything is up: dial `number`."""

    asterisk: LocalAsterisk
    host: str
    number: str
    web: str
    """Address of the status page."""
    database: Path
    """The event log."""
    voicebot: Served

    def briefing(self, call_id: str) -> Path:
        """Return the sound that an agent hears before the caller of this call."""
        return self.database.parent / "briefings" / f"{call_id}.wav"

    @property
    def code(self) -> str:
        """What lets a supervisor in on the status page."""
        return Access.in_folder(self.database.parent).codes["supervisor"]

    @property
    def sip(self) -> tuple[str, int]:
        """Where SIP is taken, from this machine."""
        return "127.0.0.1", self.asterisk.ports.sip


@asynccontextmanager
async def open_stage(
    install: AsteriskInstall,
    folder: Path,
    *,
    bot: str,
    bind: str,
    tell: Callable[[str], None],
    settings: Mapping[str, object] = MappingProxyType({}),
    agents: int = 1,
    wait_s: int = 30,
) -> AsyncIterator[Stage]:
    """Start Asterisk and voicebot with all their files in `folder`; stop both afterwards.

    `tell` gets a sentence for each step; `settings` are voicebot's, beside those that make the stage. Callers
    wait `wait_s` for one of the `agents`. Raises SetupError when one of them does not start.
    """
    loaded = load_bot(bot)
    data = folder / "data"
    clear(folder)
    ports = replace(Ports.free(), sip=free_port(socket.SOCK_DGRAM, 5060))
    audiosocket = f"127.0.0.1:{free_port(socket.SOCK_STREAM, 9092)}"
    web = f"127.0.0.1:{free_port(socket.SOCK_STREAM, 8080)}"

    tell("rendering the queue's own prompts")
    lines = replace(
        dialplan_of(loaded),
        audiosocket=audiosocket,
        outbound="Local/{number}@outside/n",
        messages=folder / "messages",
        wait_seconds=wait_s,
    )
    dialplan = folder / "dialplan"
    await asyncio.to_thread(_write_dialplan, dialplan, lines, loaded, data / "prompts")

    tell(f"starting Asterisk {install.version}")
    site = SiteSettings(dialplan=dialplan, queue=loaded.queue, agents=agents, bind=bind)
    async with LocalAsterisk(install, folder / "asterisk", site, ports) as asterisk:
        config = {
            **settings,
            "bot": bot,
            "audiosocket": audiosocket,
            "web": web,
            "data": str(data),
            "drain_s": 2,
            "failed_tries_withheld": 0,  # nobody on the stage has a number
            "callbacks": {"automatic": True},
            "agents": {name: {"name": who} for name, who in zip(site.agent_accounts, _NAMES, strict=False)},
            "supervisors": {"supervisor": "Sanne"},
            "manager": {
                "address": f"127.0.0.1:{ports.ami}",
                "secret_file": str(dialplan / "voicebot-manager.conf"),
            },
        }
        tell("starting voicebot")
        async with served(folder, config) as voicebot:
            yield Stage(asterisk, bind, site.number, f"http://{web}/", data / "calls.db", voicebot)


def clear(folder: Path) -> None:
    """Begin anew, but keep the rendered prompts."""
    for name in ("asterisk", "dialplan", "messages"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for file in (folder / "data").glob("*.db*"):
        file.unlink()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _write_dialplan(out: Path, settings: DialplanSettings, bot: Bot, cache: Path) -> None:
    with Synthesiser(cache=PromptCache(cache)) as synthesiser:
        prompts = queue_prompts(bot, synthesiser, settings)
    write_dialplan(out, settings, prompts)


def open_log(stage: Stage) -> EventStore:
    """Return the event log that voicebot writes, for reading along."""
    return EventStore(f"sqlite:///{stage.database}")
