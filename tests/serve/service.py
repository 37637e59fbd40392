"""A real `voicebot serve`, and callers as Asterisk brings them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import struct
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from socket import SOCK_STREAM
from typing import Any, Self

import httpx
import numpy as np
import pytest

from voicebot.dialogue import shipped_bots
from voicebot.records import EventStore
from voicebot.serve import served
from voicebot.serve.processes import command, descendants
from voicebot.telephony import free_port
from voicebot.web import Access

WITHIN_S = 30.0
"""For what takes a second or a few; a busy machine may take longer."""
SILENCE = struct.pack("!BH", 0x10, 320) + bytes(320)
TRICKS = Path(__file__).parent / "tricks"


async def until(holds: Callable[[], bool | Awaitable[bool]], what: str = "what was waited for") -> None:
    deadline = time.monotonic() + WITHIN_S
    while True:
        answer = holds()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert time.monotonic() < deadline, f"{what} did not come"
        await asyncio.sleep(0.02)


class Caller:
    """Asterisk's end of one call: sends silence at the pace of a line, and listens."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.call_id = str(uuid.uuid4())
        self.frames = 0
        self.loud = 0
        self.kinds: list[int] = []
        """Of frames, without repetition."""
        self.over = asyncio.Event()
        self._reader, self._writer = reader, writer
        writer.write(struct.pack("!BH", 1, 16) + uuid.UUID(self.call_id).bytes)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._be_silent())]

    @classmethod
    async def dial(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @property
    def was_refused(self) -> bool:
        """Whether the first and only thing that came was 0x00."""
        return self.kinds == [0]

    async def hears_more(self) -> None:
        """Wait for another half second of frames."""
        goal = self.frames + 25
        await until(lambda: self.frames >= goal, "sound")

    async def hang_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _listen(self) -> None:
        try:
            while True:
                kind, length = struct.unpack("!BH", await self._reader.readexactly(3))
                self._take(kind, await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            self._writer.close()
        finally:
            self.over.set()

    def _take(self, kind: int, payload: bytes) -> None:
        if self.kinds[-1:] != [kind]:
            self.kinds.append(kind)
        if kind == 0x10:
            self.frames += 1
            self.loud += int(np.abs(np.frombuffer(payload, "<i2").astype(np.int32)).max(initial=0) > 1000)
        else:
            self._writer.close()  # as Asterisk does after 0x00

    async def _be_silent(self) -> None:
        with contextlib.suppress(OSError):
            while not self._writer.is_closing():
                self._writer.write(SILENCE)
                await asyncio.sleep(0.02)


def patient_bot(folder: Path) -> Path:
    """Copy the webshop's bot, and have it wait minutes for a caller who says nothing; return its file."""
    shutil.copytree(shipped_bots()["webshop"], folder, dirs_exist_ok=True)
    file = folder / "bot.yaml"
    patient = re.sub(
        r"no_input: \d+, no_input_after_ms: \d+", "no_input: 5, no_input_after_ms: 60000", file.read_text()
    )
    file.write_text(patient)
    return file


class Service:
    """One voicebot, in a folder of its own."""

    def __init__(self, folder: Path, settings: dict[str, object]) -> None:
        self.port, web = free_port(SOCK_STREAM), f"127.0.0.1:{free_port(SOCK_STREAM)}"
        self.pid = 0
        self.settings = {
            "audiosocket": f"127.0.0.1:{self.port}",
            "web": web,
            "data": str(folder / "data"),
            "bot": str(folder / "bot"),
            "drain_s": 1,
            **settings,
        }
        self.bot = patient_bot(folder / "bot")
        self._folder = folder
        self._web = f"http://{web}"
        self._seen: set[int] = set()
        self._folders: set[Path] = set()
        self.callers: list[Caller] = []

    @property
    def log(self) -> str:
        return (self._folder / "voicebot.log").read_text()

    def workers(self) -> list[int]:
        family = descendants(self.pid)
        self._seen |= {self.pid, *family}
        for pid in family:
            words = (Path(word) for word in command(pid).split())
            self._folders |= {w.parent if w.name == "feed" else w for w in words if "/voicebot-" in str(w)}
        return [pid for pid in family if "voicebot.serve.worker" in command(pid)]

    async def call(self) -> Caller:
        caller = await Caller.dial(self.port)
        self.callers.append(caller)
        return caller

    async def answered_call(self) -> Caller:
        """Call until a bot answers: some calls go straight to a human while there is no worker."""
        deadline = time.monotonic() + WITHIN_S
        while True:
            caller = await self.call()
            while not caller.loud and not caller.over.is_set():
                assert time.monotonic() < deadline, self.log
                await asyncio.sleep(0.02)
            if caller.loud:
                return caller
            await asyncio.sleep(0.1)

    def bots(self) -> dict[str, str]:
        """Return which bot each call in the event log began with."""
        store = EventStore.in_folder(self._folder / "data")
        bots = {call.call_id: call.bot for call in store.calls(10)}
        store.close()
        return bots

    async def get(self, path: str) -> Any:
        data = self._folder / "data"
        headers = {"Authorization": f"Bearer {Access.in_folder(data).codes['supervisor']}"}
        async with httpx.AsyncClient(base_url=self._web, headers=headers) as client:
            with contextlib.suppress(httpx.HTTPError):
                return (await client.get(path)).json()
        return {}

    async def status_shows(self, **wanted: object) -> None:
        """Wait until the page's status has these values."""
        shown: dict[str, object] = {}

        async def holds() -> bool:
            nonlocal shown
            shown = await self.get("/api/status")
            return all(shown.get(name) == value for name, value in wanted.items())

        try:
            await until(holds)
        except AssertionError:
            raise AssertionError(f"{shown} never became {wanted}\n{self.log}") from None

    def configure(self, **changes: object) -> None:
        """Write the configuration anew, for a reload."""
        (self._folder / "voicebot.yaml").write_text(json.dumps(self.settings | changes))

    def trick(self, worker: int, code: str) -> None:
        """Have a worker run this Python, in the middle of whatever it does."""
        (self._folder / "trick").write_text(code)
        os.kill(worker, signal.SIGUSR1)

    async def leave(self) -> None:
        await asyncio.gather(*(caller.hang_up() for caller in self.callers))

    async def nothing_left(self) -> None:
        """Nothing of ours still runs, lies in memory or listens."""
        await until(lambda: not self._running(), f"the end of {self._running()}")
        assert [folder for folder in self._folders if folder.exists()] == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", self.port)

    def _running(self) -> list[str]:
        return [told for pid in self._seen if "voicebot" in (told := command(pid))]


def share_models(folder: Path) -> None:
    """Have a voicebot whose data is in this folder use the speech models that another test made."""
    (folder / "data").mkdir(exist_ok=True)
    shared = folder.parent / "models"
    shared.mkdir(exist_ok=True)
    if not (folder / "data" / "models").exists():  # the second voicebot in this folder
        (folder / "data" / "models").symlink_to(shared)


@asynccontextmanager
async def service(
    folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: object
) -> AsyncIterator[Service]:
    """Run a voicebot with these settings; afterwards nothing of it is left."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TRICKS), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("VOICEBOT_TEST_TRICK", str(folder / "trick"))
    one = Service(folder, settings)
    share_models(folder)
    async with served(folder, one.settings) as running:
        one.pid = running.pid
        one.workers()
        try:
            await one.status_shows(ready=settings.get("workers", 1))
            yield one
        finally:
            one.workers()
            await one.leave()
    await one.nothing_left()
