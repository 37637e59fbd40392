"""A worker process: answers calls on the listening socket it inherited.

Started as ``python -m voicebot.serve.worker FD FEED``; reads its settings as one JSON line on stdin. Stdin
stays open as long as the parent lives: when it ends, so does the worker. Its heartbeat on stdout begins when
calls can come.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path

from voicebot.audio import FRAME_MS
from voicebot.clock import BeatLoop
from voicebot.errors import VoicebotError
from voicebot.heartbeat import beat, when_parent_is_gone
from voicebot.logs import log_to_stderr
from voicebot.serve.beat import Beat
from voicebot.serve.reception import Reception, open_reception
from voicebot.serve.settings import Settings
from voicebot.telephony import AudioSocketServer, CallTransport

CALLS_PER_S = 10.0
"""That begin in the long run; the first `calls_per_worker` at once."""
REST_S = 2.0
"""Without calls, before memory goes back to the system."""


async def work(settings: Settings, sock: socket.socket, feed: Path) -> None:
    """Answer calls until told to stop, then let the running ones finish."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    when_parent_is_gone(stop.set)

    async with open_reception(settings, feed) as reception:

        async def answer(line: CallTransport) -> None:
            try:
                await reception.call_on(line).run()
            finally:
                loop.call_later(REST_S, rest)

        def rest() -> None:
            if not server.active:
                gc.collect()
                loop.run_in_executor(None, _give_memory_back)

        server = AudioSocketServer(
            sock,
            answer,
            max_calls=settings.calls_per_worker,
            calls_per_s=CALLS_PER_S,
            allow=settings.audiosocket_allow,
        )
        try:
            await reception.prepare()
            gc.collect()
            gc.freeze()  # what is there from the start is not looked through again, which takes 0.1 s
            server.start()
            reception.keep(beat(lambda: _pulse(server, reception).told(), sys.stdout.fileno()))
            await stop.wait()
            await server.drain(settings.drain_s)
        finally:
            await server.close()


def _pulse(server: AudioSocketServer, reception: Reception) -> Beat:
    return Beat(
        room=server.room,
        calls=server.active,
        answered=server.calls_answered,
        refused=server.calls_refused,
        lines_broken=server.lines_broken,
        events_dropped=reception.events.dropped,
        stuck=reception.clock.stuck,
    )


def _give_memory_back() -> None:
    """Have glibc return what recognition once needed; by itself it keeps tens of MB of that."""
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def main() -> None:
    """Run one worker."""
    log_to_stderr()
    fd, feed = int(sys.argv[1]), Path(sys.argv[2])
    settings = Settings.model_validate_json(sys.stdin.readline())
    with contextlib.suppress(KeyboardInterrupt), socket.socket(fileno=fd) as sock:
        try:
            with asyncio.Runner(loop_factory=partial(BeatLoop, FRAME_MS / 1000)) as runner:
                runner.run(work(settings, sock, feed))
        except VoicebotError as error:
            sys.exit(f"a worker cannot start: {error}")
    os._exit(0)  # a thread that hangs in a company's system must not keep us


if __name__ == "__main__":
    main()
