"""The stage of the demo: a private Asterisk with our dialplan, and `voicebot serve` beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from voicebot.dialogue import Bot, load_bot
from voicebot.errors import SetupError
from voicebot.house import queue_prompts
from voicebot.records import EventStore
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

READY_S = 60.0
"""How long voicebot may take to start, first rendering of the prompts included."""


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

    @property
    def sip(self) -> tuple[str, int]:
        """Where SIP is taken, from this machine."""
        return "127.0.0.1", self.asterisk.ports.sip


@asynccontextmanager
async def open_stage(
    install: AsteriskInstall, folder: Path, *, bot: str, bind: str, tell: Callable[[str], None]
) -> AsyncIterator[Stage]:
    """Start Asterisk and voicebot with all their files in `folder`; stop both afterwards.

    `tell` gets a sentence for each step. Raises SetupError when one of them does not start.
    """
    loaded = load_bot(bot)
    data = folder / "data"
    _clear(folder)
    ports = replace(Ports.free(), sip=free_port(socket.SOCK_DGRAM, 5060))
    audiosocket = f"127.0.0.1:{free_port(socket.SOCK_STREAM, 9092)}"
    web = f"127.0.0.1:{free_port(socket.SOCK_STREAM, 8080)}"

    tell("rendering the queue's own prompts")
    settings = DialplanSettings(audiosocket=audiosocket, queue=loaded.queue, messages=folder / "messages")
    dialplan = folder / "dialplan"
    await asyncio.to_thread(_write_dialplan, dialplan, settings, loaded, data / "prompts")

    tell(f"starting Asterisk {install.version}")
    site = SiteSettings(dialplan=dialplan, queue=loaded.queue, bind=bind)
    async with LocalAsterisk(install, folder / "asterisk", site, ports) as asterisk:
        config = {
            "bot": bot,
            "audiosocket": audiosocket,
            "web": web,
            "data": str(data),
            "drain_s": 2,
            "manager": {
                "address": f"127.0.0.1:{ports.ami}",
                "secret_file": str(dialplan / "voicebot-manager.conf"),
            },
        }
        tell("starting voicebot")
        async with _serving(folder, config):
            yield Stage(asterisk, bind, site.number, f"http://{web}/", data / "calls.db")


@asynccontextmanager
async def _serving(folder: Path, config: dict[str, object]) -> AsyncIterator[None]:
    """Run `voicebot serve` as its user would; it is ready when it says so."""
    file = folder / "voicebot.yaml"
    file.write_text(json.dumps(config, indent=2))  # JSON is YAML
    with (folder / "voicebot.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicebot", "serve", "--config", str(file)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            await _until_ready(process.stdout, Path(log.name))
            reading = asyncio.create_task(process.stdout.read())  # or it stalls when the pipe is full
            yield
            reading.cancel()
        finally:
            await _stop(process)


async def _until_ready(output: asyncio.StreamReader, log: Path) -> None:
    try:
        async with asyncio.timeout(READY_S):
            async for line in output:
                if line.startswith(b"ready for calls"):
                    return
    except TimeoutError:
        pass
    raise SetupError(f"voicebot did not start: {_last_line(log)} (see {log})")


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()


def _clear(folder: Path) -> None:
    """Begin anew, but keep the rendered prompts."""
    for name in ("asterisk", "dialplan", "messages"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for file in (folder / "data").glob("*.db*"):
        file.unlink()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _write_dialplan(out: Path, settings: DialplanSettings, bot: Bot, cache: Path) -> None:
    with Synthesiser(cache=PromptCache(cache)) as synthesiser:
        prompts = queue_prompts(bot, synthesiser)
    write_dialplan(out, settings, prompts)


def open_log(stage: Stage) -> EventStore:
    """Return the event log that voicebot writes, for reading along."""
    return EventStore(f"sqlite:///{stage.database}")
