"""Many callers at once, in as many processes as that takes."""

from __future__ import annotations

import asyncio
import contextlib
import math
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection, wait
from typing import Self

from voicebot.errors import TelephonyError
from voicebot.logs import log_to_stderr
from voicebot.replay.dial import Dial
from voicebot.replay.load_call import LoadCall, load_call
from voicebot.replay.script import Script

PER_PROCESS = 40
"""Callers that one process keeps on time: 0.3 % of frames late, on 2 cores that were overloaded."""
RAMP_S = 5.0
"""In so long all callers have begun, or in a quarter of the test when that is shorter."""
PAUSE_S = 0.5
"""Between two calls of a caller."""
STOP_S = 5.0
"""A process has this long to hang up when it is stopped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who calls, for how long."""

    scripts: Sequence[Script]
    calls: int
    """At once."""
    seconds: float
    """From the first call on; then nobody calls any more, but calls are had to their end."""

    def turn(self, caller: int, number: int) -> Script:
        """Return what a caller does in their call with this number, both from 0.

        Callers begin evenly spread over the scripts, and each goes through them in order.
        """
        return self.scripts[(caller * len(self.scripts) // self.calls + number) % len(self.scripts)]

    def begins_s(self, caller: int) -> float:
        """Return how long after the first one a caller begins."""
        return min(RAMP_S, self.seconds / 4) * caller / self.calls


class Callers:
    """The processes of a load test; ``with`` starts and stops them."""

    def __init__(self, plan: Plan, dial: Dial) -> None:
        self.calls: list[LoadCall] = []
        """Those that are over."""
        self.cpu_s = 0.0
        """What the callers computed, known at the end."""
        self._plan, self._dial = plan, dial
        self._processes: dict[Connection, multiprocessing.process.BaseProcess] = {}

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        processes = math.ceil(self._plan.calls / PER_PROCESS)
        for first in range(processes):
            ours, theirs = context.Pipe()
            share = range(first, self._plan.calls, processes)
            process = context.Process(
                target=_serve, args=(theirs, self._plan, self._dial, share), daemon=True
            )
            process.start()
            theirs.close()  # only then does its death end our pipe
            self._processes[ours] = process
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for pipe, process in self._processes.items():
            process.join(STOP_S)
            process.kill()
            process.join()
            pipe.close()

    def run(self) -> None:
        """Have all calls; blocks until the last is over. Raises TelephonyError when a process dies."""
        for pipe in self._processes:
            self._receive(pipe)  # that it is ready
        begin = time.monotonic()
        for pipe in self._processes:
            pipe.send(begin)
        busy = set(self._processes)
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                message = self._receive(ready)
                if isinstance(message, LoadCall):
                    self.calls.append(message)
                else:
                    self.cpu_s += message
                    busy.discard(ready)

    def _receive(self, pipe: Connection) -> LoadCall | float:
        try:
            message: LoadCall | float = pipe.recv()
        except (EOFError, OSError):
            raise TelephonyError("a process of callers died; see what it wrote above") from None
        return message


def _serve(pipe: Connection, plan: Plan, dial: Dial, callers: Sequence[int]) -> None:
    """Be these callers, until all calls are over, we are told to stop or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then stops us
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    log_to_stderr()
    with contextlib.suppress(EOFError, BrokenPipeError, asyncio.CancelledError):
        pipe.send(0.0)
        begin = pipe.recv()
        began_cpu_s = time.process_time()
        asyncio.run(_call_all(pipe, plan, dial, callers, begin))
        pipe.send(time.process_time() - began_cpu_s)


async def _call_all(pipe: Connection, plan: Plan, dial: Dial, callers: Sequence[int], begin: float) -> None:
    loop = asyncio.get_running_loop()
    calling = asyncio.gather(*(_keep_calling(plan, dial, caller, begin, pipe.send) for caller in callers))
    loop.add_reader(pipe.fileno(), calling.cancel)  # nothing more is sent: its end has come
    try:
        await calling
    finally:
        loop.remove_reader(pipe.fileno())


async def _keep_calling(
    plan: Plan, dial: Dial, caller: int, begin: float, tell: Callable[[LoadCall], None]
) -> None:
    """Be one caller; `begin` is a time.monotonic(), which all processes share."""
    await asyncio.sleep(begin + plan.begins_s(caller) - time.monotonic())
    for number in count():
        if time.monotonic() >= begin + plan.seconds:
            return
        tell(await load_call(dial, plan.turn(caller, number)))
        await asyncio.sleep(PAUSE_S)
