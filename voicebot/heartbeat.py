"""The heartbeat of a process: a line on its stdout, ten times a second, as long as its event loop turns."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress

BEAT_S = 0.1
MARK = "beat "


def line_of(told: Mapping[str, int]) -> str:
    """Return the line of a beat that tells this, without its end."""
    return MARK + json.dumps(told)


async def beat(tell: Callable[[], Mapping[str, int]], stdout: int) -> None:
    """Write what `tell` gives to a pipe, until cancelled; never waits for who reads it."""
    os.set_blocking(stdout, False)
    while True:
        with suppress(OSError):  # the parent stands still, or is gone: our own work goes on
            os.write(stdout, f"{line_of(tell())}\n".encode())
        await asyncio.sleep(BEAT_S)
