"""How callers pass from the bot to an agent, through a real Asterisk, as both hear it.

    python benchmarks/handoff.py [--alone 10] [--rounds 4] [--json FILE]

`voicebot serve`, a private Asterisk and two agents. First callers who are alone; then rounds of five who ask
for a human at the same moment: agents speak for a while and hang up, so some wait their turn. The bot's
disclosure is cut to a sentence.

ringing     from the transfer in the call's log until an agent's telephone rings, for callers who are alone
            (the log is taken to begin when the call was answered: within 20 ms)
silence     the longest stretch without any sound (20 ms below -60 dBFS) that the caller hears from the
            bot's last word until the agent's first
answered    from the transfer until the agent answers, waiting in line included
briefing    how long the agent is spoken to before the caller is there
complete    agents' pages with reason, wish and every value that the caller gave, before the telephone rang
overheard   callers who heard the briefing: must be 0
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_MS, FRAME_SAMPLES, RATE, read_audio
from voicebot.demo import Stage, open_stage
from voicebot.demo.proof import LIKENESS, likeness
from voicebot.dialogue import shipped_bots
from voicebot.errors import LineClosedError
from voicebot.events import Entry, PromptFinished, Transfer
from voicebot.handoff import ContextPackage
from voicebot.records import Contexts, EventStore
from voicebot.replay import percentiles
from voicebot.telephony import PhoneCall, SipPhone, find_asterisk

FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"
CALLERS = 5
PICK_UP_S = (0.5, 0.8)
"""How long each agent's telephone rings."""
TALK_S = 3.0
"""How long an agent speaks with a caller."""
TONES_HZ = (1600.0, 1900.0)
"""Of each agent."""
ROUND_S = 90.0
QUIET_DBFS = -60.0

Samples = NDArray[np.int16]


@dataclass
class Served:
    """A call that an agent answered."""

    call: PhoneCall
    answered_at: float
    knew: bool
    """Whether the page was there, and whole, when the telephone rang."""


@dataclass
class Results:
    """What was measured."""

    ringing_ms: list[float] = field(default_factory=list)
    silence_ms: list[float] = field(default_factory=list)
    answered_ms: list[float] = field(default_factory=list)
    briefing_ms: list[float] = field(default_factory=list)
    callers: int = 0
    complete: int = 0
    overheard: int = 0
    lost: int = 0


async def work(
    agent: SipPhone, pick_up_s: float, hertz: float, stage: Stage, served: dict[str, Served]
) -> None:
    """Answer each call, be briefed, speak, hang up; again and again."""
    contexts = Contexts.in_folder(stage.database.parent)
    while True:
        call = await agent.incoming(3600)
        call_id = call.headers["X-Voicebot-Call"]
        body = await asyncio.to_thread(contexts.get, call_id)
        with suppress(LineClosedError):  # a colleague was first
            await asyncio.sleep(pick_up_s)
            await call.answer()
            if call.ended.is_set():
                continue
            knew = body is not None and is_whole(ContextPackage.from_json(body))
            served[number_in(call)] = Served(call, now(), knew)
            await asyncio.sleep(len(read_audio(stage.briefing(call_id))) / RATE)
            call.say(tone(hertz, TALK_S))
            await call.said()
            await call.hang_up()


def number_in(ringing: PhoneCall) -> str:
    """Return the caller's number, as the agent's telephone is told."""
    return ringing.headers["From"].partition("sip:")[2].partition("@")[0]


def is_whole(package: ContextPackage) -> bool:
    """Return whether an agent can go on from here without asking again."""
    return package.slots.get("order_number") == "12345" and package.intent == "order_status"


async def measure_alone(stage: Stage, calls: int) -> list[float]:
    """Return how long it took until an agent's telephone rang, ms: callers one by one, who then hang up."""
    took = []
    agent = SipPhone("agent1", stage.sip, stage.asterisk.accounts["agent1"])
    async with SipPhone("caller", stage.sip) as caller, agent:
        await agent.register()
        for number in range(calls):
            call = await call_and_ask(caller, f"+3161234560{number % 10}")
            ringing = await agent.incoming()
            await asyncio.sleep(0.5)  # until the log has it
            at = transferred_at(call, read_log(stage, ringing.headers["X-Voicebot-Call"]))
            took.append(1000 * ((ringing.ringing_at or 0.0) - at))
            await call.hang_up()
            print(f"caller {number + 1} of {calls} has rung", flush=True)
    return took


def transferred_at(call: PhoneCall, log: list[Entry]) -> float:
    """Return when the transfer was decided, in loop time."""
    decided = next(entry.at_ms for entry in log if isinstance(entry.message, Transfer))
    return (call.answered_at or 0.0) + decided / 1000


async def measure(stage: Stage, rounds: int) -> Results:
    """Have the rounds."""
    results, served = Results(), dict[str, Served]()
    async with AsyncExitStack() as stack:
        for name, pick_up_s, hertz in zip(("agent1", "agent2"), PICK_UP_S, TONES_HZ, strict=True):
            phone = SipPhone(name, stage.sip, stage.asterisk.accounts[name])
            await (await stack.enter_async_context(phone)).register(7200)
            stack.callback(asyncio.create_task(work(phone, pick_up_s, hertz, stage, served)).cancel)
        caller = await stack.enter_async_context(SipPhone("caller", stage.sip))
        for number in range(rounds):
            callers = [f"+3161234560{place}" for place in range(CALLERS)]
            calls = await asyncio.gather(*(call_and_ask(caller, each) for each in callers))
            async with asyncio.timeout(ROUND_S):
                await asyncio.gather(*(call.ended.wait() for call in calls))
            await asyncio.sleep(1)  # until the log has it all
            for each, call in zip(callers, calls, strict=True):
                add(results, stage, call, served.pop(each, None))
            print(f"round {number + 1} of {rounds} is over", flush=True)
    return results


async def call_and_ask(phone: SipPhone, number: str) -> PhoneCall:
    """Call, name the order, and ask for a human."""
    call = await phone.call("100", headers={"P-Asserted-Identity": f"<sip:{number}@example.org>"})
    for words in ("f3_bestelnummer_is_12345", "medewerker"):
        await speech(call)
        call.say(read_audio(FIXTURES / f"{words}.flac"))
        await call.said()
    return call


async def speech(call: PhoneCall) -> None:
    """Wait until the bot has said something and is quiet."""
    begun = len(call.heard())
    while True:
        await asyncio.sleep(0.1)
        frames = loud(call.heard()[begun:])
        if frames.any() and not frames[-40:].any():
            return


def add(results: Results, stage: Stage, call: PhoneCall, served: Served | None) -> None:
    """Take the figures of one caller."""
    results.callers += 1
    if served is None:
        results.lost += 1
        return
    call_id = served.call.headers["X-Voicebot-Call"]
    log = read_log(stage, call_id)
    last_word = max(entry.at_ms for entry in log if isinstance(entry.message, PromptFinished))
    at = transferred_at(call, log)
    results.answered_ms.append(1000 * (served.answered_at - at))
    results.complete += served.knew
    briefing = read_audio(stage.briefing(call_id))
    results.briefing_ms.append(1000 * len(briefing) / RATE)
    results.overheard += likeness(call.heard(), briefing) >= LIKENESS
    results.silence_ms.append(longest_silence_ms(call, last_word))


def read_log(stage: Stage, call_id: str) -> list[Entry]:
    """Return a call's log."""
    store = EventStore.in_folder(stage.database.parent)
    try:
        return store.entries(call_id)
    finally:
        store.close()


def longest_silence_ms(call: PhoneCall, since_ms: int) -> float:
    """Return the longest stretch without sound from a moment of the call until the agent's tone ends."""
    frames = loud(call.heard())[since_ms // FRAME_MS :]
    sounds = np.flatnonzero(frames)
    edges = np.concatenate([[-1], sounds])
    return float(np.diff(edges).max() - 1) * FRAME_MS if len(sounds) else float(FRAME_MS * len(frames))


def loud(samples: Samples) -> NDArray[np.bool_]:
    """Return for each 20 ms whether there is any sound."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    level = np.sqrt((frames.astype(float) ** 2).mean(axis=1)) / 32768
    return np.asarray(level > 10 ** (QUIET_DBFS / 20))


def tone(hertz: float, seconds: float) -> Samples:
    """Return a tone at -12 dBFS."""
    times = np.arange(int(RATE * seconds)) / RATE
    return (8000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def now() -> float:
    """Return the time of the event loop."""
    return asyncio.get_running_loop().time()


def brisk_bot(folder: Path) -> Path:
    """Return a copy of the webshop that comes to the point: its disclosure is one sentence."""
    bot = folder / "bot"
    shutil.copytree(shipped_bots()["webshop"], bot)
    file = bot / "bot.yaml"
    disclosure = "  disclosure: Hier de computer. Of zeg medewerker.\n"
    file.write_text(re.sub(r"  disclosure:.*?(?=  opening:)", disclosure, file.read_text(), flags=re.S))
    return bot


def table(results: Results) -> str:
    """Return the figures as a table."""
    rows = [("", "n", "p50", "p95", "max", "goal")]
    goals = {"ringing_ms": "p95 <= 300", "silence_ms": "max <= 1,000", "briefing_ms": "max <= 6,000"}
    for name in ("ringing_ms", "silence_ms", "answered_ms", "briefing_ms"):
        figures = percentiles(getattr(results, name))
        cells = (f"{figures.get(key, 0):,}" for key in ("n", "p50", "p95", "max"))
        rows.append((name, *cells, goals.get(name, "")))
    lines = ["  ".join(f"{cell:>12}" for cell in row) for row in rows]
    served = results.callers - results.lost
    return "\n".join(
        [
            *lines,
            f"{results.callers} callers, {results.lost} lost (goal 0)",
            f"{results.complete} of {served} pages complete when the telephone rang",
            f"{results.overheard} callers overheard the briefing (goal 0)",
        ]
    )


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alone", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    install = find_asterisk()
    if install is None:
        raise SystemExit("handoff: no Asterisk here; run scripts/install-asterisk .asterisk")

    async def run(folder: Path) -> Results:
        bot = brisk_bot(folder)
        opening = open_stage(
            install, folder / "stage", bot=str(bot), bind="127.0.0.1", tell=print, agents=2, wait_s=60
        )
        async with opening as stage:
            alone = await measure_alone(stage, options.alone)
            return replace(await measure(stage, options.rounds), ringing_ms=alone)

    with tempfile.TemporaryDirectory(prefix="vb-handoff-") as name:
        results = asyncio.run(run(Path(name)))
    if options.json:
        options.json.write_text(json.dumps(asdict(results), indent=2))
    print(table(results))


if __name__ == "__main__":
    main()
