"""A `voicebot serve` of one's own, run as its user would: for the demo, load and the tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from voicebot.errors import SetupError
from voicebot.serve.processes import command, descendants

READY_S = 90.0
"""How long voicebot may take to start, making the bot's speech model and prompts included."""
STOP_S = 10.0
"""What takes longer to stop is killed: set `drain_s` below it."""


@dataclass(frozen=True, slots=True)
class Served:
    """A voicebot that is ready for calls."""

    pid: int
    """Of the parent."""
    log: Path
    """What it writes to stderr."""

    def workers(self) -> list[int]:
        """Return the worker processes that are there now."""
        return [pid for pid in descendants(self.pid) if "voicebot.serve.worker" in command(pid)]


@asynccontextmanager
async def served(folder: Path, config: Mapping[str, object]) -> AsyncIterator[Served]:
    """Run `voicebot serve` with this configuration; stop it afterwards.

    Configuration and log go in `folder`, which exists. It is ready when it says so. Raises SetupError, with
    its last words, when it does not start.
    """
    file, log = folder / "voicebot.yaml", folder / "voicebot.log"
    file.write_text(json.dumps(config, indent=2))  # JSON is YAML
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicebot", "serve", "--config", str(file)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        await _until_ready(process.stdout, log)
        reading = asyncio.create_task(process.stdout.read())  # or it stalls when the pipe is full
        try:
            yield Served(process.pid, log)
        finally:
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
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
