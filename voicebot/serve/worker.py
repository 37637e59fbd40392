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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from voicebot.backends import NOT_FOUND, DemoShop, FailedTries, LimitedBackend
from voicebot.bot_model import BotModel, find_bot_model
from voicebot.call import Call
from voicebot.clock import WallClock
from voicebot.dialogue import load_bot
from voicebot.errors import RecordsError, VoicebotError
from voicebot.hearing import choose_model
from voicebot.heartbeat import beat
from voicebot.house import callback_house, open_house
from voicebot.logs import log_to_stderr
from voicebot.records import Callbacks, EventLog, EventStore, FeedSender
from voicebot.serve.beat import Beat
from voicebot.serve.settings import Settings
from voicebot.serve.supervised import MOST_STUCK
from voicebot.speaking import warm
from voicebot.telephony import (
    AudioSocketServer,
    CallControl,
    CallTransport,
    ManagerClient,
    ManagerControl,
    is_callback_leg,
)

log = structlog.get_logger(__name__)

THREADS_A_CALL = 3
"""Recognition, a sentence and a back-end; so one call that hangs takes nothing from another."""
CALLS_PER_S = 10.0
"""That begin in the long run; the first `calls_per_worker` at once."""
REST_S = 2.0
"""Without calls, before memory goes back to the system."""
NUMBER_S = 1.0
"""For the caller's number, which was asked for at the start of the call already."""


async def work(settings: Settings, sock: socket.socket, feed: Path) -> None:
    """Answer calls until told to stop, then let the running ones finish."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin.fileno(), _stop_at_end_of_stdin, stop)

    bot = load_bot(settings.bot)
    threads = THREADS_A_CALL * settings.calls_per_worker + MOST_STUCK
    clock = WallClock(ThreadPoolExecutor(threads, thread_name_prefix="work"), ZoneInfo(bot.timezone))
    store = EventStore.in_folder(settings.data)
    callbacks = Callbacks.in_folder(settings.data)
    sender = FeedSender(feed)
    events = EventLog(store, clock.run, on_redacted=[sender.send])
    access = settings.manager
    manager = ManagerClient(
        access.address.host, access.address.port, access.user, access.secret.get_secret_value()
    )
    control = ManagerControl(manager)
    model = _model(settings)
    house = open_house(
        bot,
        model=model.path,
        cache=settings.data / "prompts",
        backend=DemoShop(settings.data / "shop.db", today=date.today),
        callbacks=callbacks,
        control=control,
        clock=clock,
        note=events.note,
        synthesis_processes=settings.synthesis_processes,
    )

    desk = callback_house(house)
    tries = FailedTries(settings.data, settings.failed_tries, settings.failed_tries_withheld)
    guessable = {name for name, action in bot.actions.items() if NOT_FOUND in action.outcomes}

    def call_of(line: CallTransport) -> Call:
        if is_callback_leg(line.call_id):
            return Call(line, desk)
        number = partial(_number_of, line.call_id, control, loop)
        return Call(line, replace(house, backend=LimitedBackend(house.backend, tries, number, guessable)))

    def rest() -> None:
        if not server.active:
            gc.collect()
            loop.run_in_executor(None, _give_memory_back)

    async def answer(line: CallTransport) -> None:
        try:
            await call_of(line).run()
        finally:
            loop.call_later(REST_S, rest)

    server = AudioSocketServer(
        sock,
        answer,
        max_calls=settings.calls_per_worker,
        calls_per_s=CALLS_PER_S,
        allow=settings.audiosocket_allow,
    )

    def pulse() -> dict[str, int]:
        return Beat(
            room=server.room,
            calls=server.active,
            answered=server.calls_answered,
            refused=server.calls_refused,
            lines_broken=server.lines_broken,
            events_dropped=events.dropped,
            stuck=clock.stuck,
        ).told()

    background = [asyncio.create_task(manager.run()), asyncio.create_task(events.run())]
    try:
        prompts = [*house.bot.static_prompts(), *desk.bot.static_prompts()]
        await warm(prompts, house.synthesiser, house.voice, clock.run, house.bot.respell)
        gc.collect()
        gc.freeze()  # what is there from the start is not looked through again, which takes 0.1 s each time
        server.start()
        background.append(asyncio.create_task(beat(pulse, sys.stdout.fileno())))
        await stop.wait()
        await server.drain(settings.drain_s)
    finally:
        await server.close()
        with contextlib.suppress(RecordsError):  # it said so itself, and the rest must still stop
            await events.flush()
        await asyncio.to_thread(house.synthesiser.close)
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        callbacks.close()
        store.close()
        model.close()


def _model(settings: Settings) -> BotModel:
    """Return the bot's own speech model; the parent saw to it that it is there, where that could be."""
    base = choose_model(settings.model).path
    if own := find_bot_model(settings.bot, base, settings.data / "models"):
        return own
    log.warning("speech model without the words of the bot", model=base.name)
    return BotModel(base)


def _give_memory_back() -> None:
    """Have glibc return what recognition once needed; by itself it keeps tens of MB of that."""
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _number_of(call_id: str, control: CallControl, loop: asyncio.AbstractEventLoop) -> str:
    """Return the caller's number, "" when there is none; on another thread than the loop's."""
    asking = asyncio.run_coroutine_threadsafe(control.caller_number(call_id), loop)
    try:
        return asking.result(NUMBER_S) or ""
    except TimeoutError:
        asking.cancel()
        return ""


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
