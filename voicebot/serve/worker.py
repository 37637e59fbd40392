"""A worker process: answers calls on the listening socket it inherited.

Started as ``python -m voicebot.serve.worker FD FEED``; reads its settings as one JSON line on stdin. Stdin
stays open as long as the parent lives: when it ends, so does the worker. Prints ``ready`` when calls can
come.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from voicebot.backends import DemoShop
from voicebot.call import Call
from voicebot.clock import WallClock
from voicebot.dialogue import load_bot
from voicebot.errors import RecordsError, VoicebotError
from voicebot.hearing import choose_model
from voicebot.house import open_house
from voicebot.logs import log_to_stderr
from voicebot.records import EventLog, EventStore, FeedSender
from voicebot.serve.settings import Settings
from voicebot.speaking import warm
from voicebot.telephony import (
    AudioSocketServer,
    CallTransport,
    ManagerClient,
    ManagerControl,
)

log = structlog.get_logger(__name__)

THREADS = 32
"""For recognition, synthesis and back-ends; the Vosk call releases the interpreter lock."""


async def work(settings: Settings, sock: socket.socket, feed: Path) -> None:
    """Answer calls until told to stop, then let the running ones finish."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin.fileno(), _stop_at_end_of_stdin, stop)

    bot = load_bot(settings.bot)
    clock = WallClock(ThreadPoolExecutor(THREADS, thread_name_prefix="work"), ZoneInfo(bot.timezone))
    store = EventStore(f"sqlite:///{settings.data / 'calls.db'}")
    sender = FeedSender(feed)
    events = EventLog(store, clock.run, on_redacted=[sender.send])
    access = settings.manager
    manager = ManagerClient(
        access.address.host, access.address.port, access.user, access.secret.get_secret_value()
    )
    control = ManagerControl(manager)
    house = open_house(
        bot,
        model=choose_model(settings.model).path,
        cache=settings.data / "prompts",
        backend=DemoShop(settings.data / "shop.db", today=date.today),
        control=control,
        clock=clock,
        note=events.note,
        synthesis_processes=settings.synthesis_processes,
    )

    async def answer(line: CallTransport) -> None:
        await Call(line, house).run()

    server = AudioSocketServer(sock, answer, max_calls=settings.calls_per_worker)
    background = [asyncio.create_task(manager.run()), asyncio.create_task(events.run())]
    try:
        prompts = house.bot.static_prompts()
        await warm(prompts, house.synthesiser, house.voice, clock.run, house.bot.respell)
        await server.start()
        print("ready", flush=True)
        await stop.wait()
        await server.drain(settings.drain_s)
    finally:
        await server.close()
        with contextlib.suppress(RecordsError):  # it said so itself, and the rest must still stop
            await events.flush()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        house.synthesiser.close()
        store.close()


def _stop_at_end_of_stdin(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


def main() -> None:
    """Run one worker."""
    log_to_stderr()
    fd, feed = int(sys.argv[1]), Path(sys.argv[2])
    settings = Settings.model_validate_json(sys.stdin.readline())
    with contextlib.suppress(KeyboardInterrupt), socket.socket(fileno=fd) as sock:
        try:
            asyncio.run(work(settings, sock, feed))
        except VoicebotError as error:
            sys.exit(f"a worker cannot start: {error}")
    os._exit(0)  # a thread that hangs in a company's system must not keep us


if __name__ == "__main__":
    main()
