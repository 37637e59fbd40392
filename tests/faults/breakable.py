"""A `voicebot serve` that can be broken from outside, and from inside by `tricks`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from people import LOOK_S, Caller, now, until
from processes import alive, calls_of, footprint, speech_processes

from voicebot.serve import Served, served
from voicebot.serve.processes import command, descendants

TRICKS = Path(__file__).parent / "tricks"
"""What a worker can be made to do."""
PERFORMER = Path(__file__).parents[1] / "serve" / "tricks"
"""The sitecustomize that makes a worker do it."""
_TAKEN = 'import os; os.unlink(os.environ["VOICEBOT_TEST_TRICK"])\n'
"""Put before a trick, so that the next one does not come before a worker has read it."""
WORKER_FAULTS: Mapping[str, signal.Signals | str] = {
    "killed": signal.SIGKILL,
    "frozen": signal.SIGSTOP,
    "in an endless loop": "loops",
    "over its memory": "swells",
    "cut off": "resets",
}
"""What can happen to a worker, each with the calls it has -> how to do that by `Voicebot.harm`."""
MOST_THREADS = 32 + 8
"""A worker's pool (voicebot.serve.worker); beside it the main thread, the Manager's and the libraries'."""
MOST_FILES = 20
"""More than before the first call: up to 5 connections to SQLite, of 3 files each, and the live feed."""
GONE_WITHIN_S = 10.0


class Voicebot:
    """What serves the calls: a parent, workers, the web."""

    def __init__(self, serving: Served, folder: Path, port: int) -> None:
        self.parent = serving.pid
        self.database = folder / "data" / "calls.db"
        self._serving = serving
        self._port = port
        self._trick = folder / "trick"
        self._at_rest = [footprint(worker) for worker in serving.workers()]
        self._seen: set[int] = set()
        self._folders: dict[int, set[Path]] = defaultdict(set)
        self.look()

    def look(self) -> None:
        """Remember the processes of now, and the folders that each worker made for those that speak."""
        self._seen |= {self.parent, *descendants(self.parent)}
        for worker in self.workers():
            self._folders[worker].update(speech_processes(worker).values())

    def workers(self) -> list[int]:
        """Return the workers of now."""
        return self._serving.workers()

    def calls(self) -> dict[int, int]:
        """Return how many calls each worker has now."""
        return {worker: calls_of(worker, self._port) for worker in self.workers()}

    async def taker(self, before: Mapping[int, int]) -> int:
        """Return the worker that took the call which came since `calls` returned `before`."""
        takers: list[int] = []

        def taken() -> bool:
            takers.extend(pid for pid, calls in self.calls().items() if calls > before.get(pid, 0))
            return bool(takers)

        await until(taken, "no worker took the call")
        return takers[0]

    async def in_conversation(self, *callers: Caller) -> None:
        """Have all ask for their order; return when each is asked for its number."""
        asked = self.prompted("ask.order_number") + len(callers)
        await asyncio.gather(*(caller.says("waar_is_mijn_bestelling") for caller in callers))
        await until(lambda: self.prompted("ask.order_number") >= asked, "not everyone was understood")

    def prompted(self, name: str) -> int:
        """Return how often a prompt has begun, in all calls, as the event log has it."""
        return self._count("entries where type = 'PromptStarted' and json_extract(body, '$.name') = ?", name)

    def ended(self, outcome: str) -> int:
        """Return how many calls ended in a certain way, as the event log has it."""
        return self._count("calls where outcome = ?", outcome)

    def _count(self, rows: str, value: str) -> int:
        with contextlib.closing(sqlite3.connect(self.database)) as log:
            return int(log.execute(f"select count(*) from {rows}", (value,)).fetchone()[0])

    async def harm(self, worker: int, how: signal.Signals | str) -> None:
        """Send a worker a signal, or have it run one of `tricks` in the middle of whatever it does."""
        if isinstance(how, signal.Signals):
            os.kill(worker, how)
            return
        self._trick.write_text(_TAKEN + (TRICKS / f"{how}.py").read_text())
        os.kill(worker, signal.SIGUSR1)
        await until(lambda: not self._trick.exists(), f"worker {worker} did not take the trick")

    # ------------------------------------------------------------------ what it leaves

    async def leftovers(self) -> list[str]:
        """Wait until everything is as before the first call; return what is not."""
        deadline = now() + GONE_WITHIN_S
        while (left := self._leftovers()) and now() < deadline:
            await asyncio.sleep(LOOK_S)
        return left

    def kill(self) -> None:
        """End whatever is still there."""
        for pid in self._seen:
            if alive(pid) and "voicebot" in command(pid):
                os.kill(pid, signal.SIGKILL)

    def _leftovers(self) -> list[str]:
        family = {self.parent, *descendants(self.parent)}
        left = [f"{n} calls at worker {worker}" for worker, n in self.calls().items() if n]
        left += [f"process {pid}: {command(pid)}" for pid in self._seen - family if alive(pid)]
        for worker, folders in self._folders.items():
            left += [f"folder {folder}" for folder in folders if not alive(worker) and folder.exists()]
        for worker in self.workers():
            with contextlib.suppress(OSError):  # it ended meanwhile
                left += self._excess(worker)
        return left

    def _excess(self, worker: int) -> Iterator[str]:
        held, rest = footprint(worker), self._at_rest[0]
        for name, count, most in (
            ("threads", held.threads, MOST_THREADS),
            ("files", held.files, rest.files + MOST_FILES),
            ("sockets", held.sockets, rest.sockets + 1),  # the live feed's, made for the first call
            ("children", held.children, rest.children),
        ):
            if count > most:
                yield f"worker {worker} has {count} {name}, of {most}"


@asynccontextmanager
async def breakable(folder: Path, config: Mapping[str, object], port: int) -> AsyncIterator[Voicebot]:
    """Run a voicebot with `config` that answers at `port`; afterwards all its processes are gone."""
    path = os.pathsep.join(filter(None, (str(PERFORMER), os.environ.get("PYTHONPATH"))))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", path)
        environment.setenv("VOICEBOT_TEST_TRICK", str(folder / "trick"))
        opening = served(folder, config)
        serving = await opening.__aenter__()
    voicebot = Voicebot(serving, folder, port)
    try:
        yield voicebot
    finally:
        voicebot.look()
        await opening.__aexit__(None, None, None)
        voicebot.kill()
