"""Many callers at once, on a voicebot of one's own or one that runs elsewhere, and what that comes to."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from voicebot.demo.bot_figures import bot_figures, memory_figures
from voicebot.demo.run import alone_in
from voicebot.demo.stage import clear, open_stage
from voicebot.errors import SetupError
from voicebot.events import CallEnded, Entry
from voicebot.records import CallSummary, EventStore
from voicebot.replay import Callers, Dial, PhoneDial, Plan, SocketDial, caller_figures
from voicebot.serve import Served, Usage, served
from voicebot.telephony import find_asterisk, free_port, is_callback_leg

HOST = "127.0.0.1"
LOOK_S = 1.0
"""Between two looks at what the workers use."""
TELL_S = 5.0
"""Between two sentences on how it goes."""
SETTLE_S = 10.0
"""How long after the last call the bot may take to write down how all ended."""
MOST_LEGS = 2
"""Times that one caller comes to the bot: to be helped, and to leave a number."""

Tell = Callable[[str], None]
"""Gets a sentence for each step, and every `TELL_S` how it goes."""


@dataclass(frozen=True, slots=True)
class OwnVoicebot:
    """A `voicebot serve` of one's own, alone or behind a private Asterisk."""

    via: Literal["audiosocket", "asterisk"]
    bot: str
    workers: int
    work: Path
    """Its files, its log among them; rendered prompts are kept there between tests."""


async def load_own(voicebot: OwnVoicebot, plan: Plan, tell: Tell) -> dict[str, Any]:
    """Start it, have the calls, and return what both sides noticed.

    Raises SetupError or TelephonyError when voicebot or Asterisk does not start.
    """
    with alone_in(voicebot.work):
        async with _opened(voicebot, plan.calls, tell) as (dial, running, database):
            usage = Usage(running)
            callers = await _have(plan, dial, tell, usage)
            looks = tuple(usage.memory_mb)
            ends = await _endings(database, len(callers.calls))
            usage.look()
    withheld = sum(call.frames_withheld for call in callers.calls)
    memory = memory_figures(looks, plan.calls, len(callers.calls))
    return {
        **_setting(plan),
        "via": voicebot.via,
        "workers": voicebot.workers,
        **caller_figures(callers.calls, callers.cpu_s),
        "bot": bot_figures(ends, withheld, usage.cpu_s, memory),
    }


async def load_elsewhere(dial: Dial, plan: Plan, tell: Tell) -> dict[str, Any]:
    """Have the calls with a voicebot that runs already; nothing is known of its side."""
    callers = await _have(plan, dial, tell)
    return {**_setting(plan), "to": str(dial), **caller_figures(callers.calls, callers.cpu_s), "bot": None}


@asynccontextmanager
async def _opened(voicebot: OwnVoicebot, calls: int, tell: Tell) -> AsyncIterator[tuple[Dial, Served, Path]]:
    """Start it; give what to dial, its processes, and its event log."""
    settings = {"workers": voicebot.workers, "calls_per_worker": max(calls, 30)}
    if voicebot.via == "asterisk":
        install = find_asterisk()
        if install is None or install.missing_modules():
            raise SetupError(
                "no usable Asterisk here; run scripts/install-asterisk .asterisk, or load --via audiosocket"
            )
        async with open_stage(
            install, voicebot.work, bot=voicebot.bot, bind=HOST, tell=tell, settings=settings
        ) as stage:
            yield PhoneDial(*stage.sip, stage.number), stage.voicebot, stage.database
        return
    clear(voicebot.work)
    port = free_port(socket.SOCK_STREAM)
    data = voicebot.work / "data"
    config = {
        **settings,
        "bot": voicebot.bot,
        "audiosocket": f"{HOST}:{port}",
        "web": f"{HOST}:{free_port(socket.SOCK_STREAM)}",
        "data": str(data),
        "drain_s": 2,
    }
    tell("starting voicebot")
    async with served(voicebot.work, config) as running:
        yield SocketDial(HOST, port), running, data / "calls.db"


async def _have(plan: Plan, dial: Dial, tell: Tell, usage: Usage | None = None) -> Callers:
    """Have all calls; tell how it goes."""
    tell(f"{plan.calls} callers at once, for {plan.seconds:g} s")
    with Callers(plan, dial) as callers:
        watching = [asyncio.create_task(_tell_progress(callers, tell))]
        if usage is not None:
            watching.append(asyncio.create_task(_look(usage, plan.seconds)))
        try:
            await asyncio.to_thread(callers.run)
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
    return callers


async def _tell_progress(callers: Callers, tell: Tell) -> None:
    begun = time.monotonic()
    while True:
        await asyncio.sleep(TELL_S)
        bad = sum(call.outcome != "completed" for call in callers.calls)
        tell(f"{time.monotonic() - begun:.0f} s: {len(callers.calls)} calls are over, {bad} of them failed")


async def _look(usage: Usage, seconds: float) -> None:
    """Look while calls are begun."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await asyncio.sleep(LOOK_S)
                usage.look()


async def _endings(database: Path, calls: int) -> list[Entry]:
    """Return how the bot says that everything ended, once it has written down as many calls as there were."""
    store = EventStore(f"sqlite:///{database}")
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                while not _is_settled(store.calls(MOST_LEGS * calls), calls):
                    await asyncio.sleep(0.2)
        last = (store.entries(call.call_id)[-1] for call in store.calls(MOST_LEGS * calls))
        return [entry for entry in last if isinstance(entry.message, CallEnded)]
    finally:
        store.close()


def _is_settled(logs: Sequence[CallSummary], calls: int) -> bool:
    """Tell whether so many calls are in the log, and all that is in it has ended."""
    begun = sum(not is_callback_leg(log.call_id) for log in logs)
    return begun >= calls and all(log.outcome is not None for log in logs)


def _setting(plan: Plan) -> dict[str, Any]:
    return {
        "calls_at_once": plan.calls,
        "seconds": plan.seconds,
        "fixtures": len(plan.scripts),
        "cores": os.cpu_count(),
    }
