"""Signs of life between a process and its parent.

Ours is a line on stdout, ten times a second, as long as the event loop turns. The parent's is that our stdin
stays open.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
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


def when_parent_is_gone(tell: Callable[[], object]) -> None:
    """Call `tell` on the running event loop when stdin ends; what comes in before that is dropped."""
    loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        if not os.read(stdin, 1024):
            loop.remove_reader(stdin)
            tell()

    loop.add_reader(stdin, read)
