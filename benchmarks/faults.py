"""Whether callers reach a human when something breaks in the middle of their call, and how soon.

    python benchmarks/faults.py [--trials 20] [--fault NAME ...] [--apart 1.5] [--json FILE]

A private Asterisk, `voicebot serve`, callers and agents on SIP telephones. Each trial is one caller, in
conversation with the bot, to whom one thing happens:

killed, frozen, in an endless loop, over its memory   the worker that has the call (SIGKILL, SIGSTOP, ..)
cut off            the connection between Asterisk and that worker is reset
manager gone       Asterisk's Manager is out of reach when the caller asks for a human
not running        there is no voicebot at all when the caller calls

ringing  from the fault (manager gone: from the end of the caller's request) until an agent's telephone rings
heard    until caller and agent have each heard the other's tone; agents answer at once
lost     callers who did not come that far within 30 s; must be 0
others   for worker faults, the least of its sound that the caller of an unharmed worker heard meanwhile

Several trials run on one Asterisk, `--apart` seconds from each other. Between them voicebot starts anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "tests"))
sys.path.append(str(Path(__file__).parents[1] / "tests" / "faults"))

from breakable import WORKER_FAULTS
from exchange import Exchange, open_exchange
from people import Caller, Meeting, now

from voicebot.telephony import find_asterisk

AT_ONCE = 4
"""Trials on one voicebot."""
WITHIN_S = 30.0
MEMORY_MB = 400
MANAGER, NOT_RUNNING = "manager gone", "not running"
FAULTS = (*WORKER_FAULTS, MANAGER, NOT_RUNNING)


@dataclass(frozen=True)
class Trial:
    """What came of one caller."""

    met: Meeting | None
    others: float | None = None
    """Share of its sound that an unharmed caller heard meanwhile."""


async def worker_faults(exchange: Exchange, name: str, trials: int, apart_s: float) -> list[Trial]:
    """Do it to one worker after the other; one more is left alone."""
    async with exchange.voicebot(workers=trials + 1, worker_memory_mb=MEMORY_MB) as voicebot:
        *victims, bystander = await exchange.call_every_worker(voicebot)
        await voicebot.in_conversation(*victims, bystander)
        begun = now()

        async def harm(caller: Caller) -> None:
            await voicebot.harm(caller.worker, WORKER_FAULTS[name])

        met = await one_by_one(exchange, victims, harm, apart_s)
        others = bystander.share_heard(begun)
        await exchange.everyone_hangs_up()
        if left := await voicebot.leftovers():
            raise SystemExit(f"faults: {name}: left behind: {left}")
        return [Trial(each, others) for each in met]


async def manager_gone(exchange: Exchange, trials: int, apart_s: float) -> list[Trial]:
    """Have callers ask for a human, one after the other, once the Manager is out of reach."""
    async with exchange.relayed_voicebot() as (relay, voicebot):
        callers = [await exchange.call() for _ in range(trials)]
        await voicebot.in_conversation(*callers)
        relay.mood = "is gone"
        relay.cut()

        async def ask(caller: Caller) -> None:
            await caller.says("medewerker")

        met = await one_by_one(exchange, callers, ask, apart_s)
        await exchange.everyone_hangs_up()
        return [Trial(each) for each in met]


async def not_running(exchange: Exchange, trials: int, apart_s: float) -> list[Trial]:
    """Have callers call, one after the other, while nobody listens."""

    async def call(place: int) -> Meeting | None:
        await asyncio.sleep(place * apart_s)
        since = now()
        return (await exchange.agents.meet([await exchange.call()], since, WITHIN_S))[0]

    met = await asyncio.gather(*(call(place) for place in range(trials)))
    await exchange.everyone_hangs_up()
    return [Trial(each) for each in met]


async def one_by_one(
    exchange: Exchange,
    callers: Sequence[Caller],
    happens: Callable[[Caller], Awaitable[None]],
    apart_s: float,
) -> list[Meeting | None]:
    """Have something happen to each caller in turn; return how each met an agent after that."""

    async def one(caller: Caller, place: int) -> Meeting | None:
        await asyncio.sleep(place * apart_s)
        await happens(caller)
        return (await exchange.agents.meet([caller], now(), WITHIN_S))[0]

    return await asyncio.gather(*(one(caller, place) for place, caller in enumerate(callers)))


async def batch(exchange: Exchange, name: str, trials: int, apart_s: float) -> list[Trial]:
    """Do a few trials of one fault."""
    if name == MANAGER:
        return await manager_gone(exchange, trials, apart_s)
    if name == NOT_RUNNING:
        return await not_running(exchange, trials, apart_s)
    return await worker_faults(exchange, name, trials, apart_s)


@asynccontextmanager
async def exchange_of_ones_own() -> AsyncIterator[Exchange]:
    """Open an exchange in a folder that is gone afterwards."""
    install = find_asterisk()
    if install is None:
        raise SystemExit("faults: no Asterisk here; run scripts/install-asterisk .asterisk")
    with tempfile.TemporaryDirectory(prefix="vb-faults-") as name:
        prompts = Path(name) / "rendered"
        prompts.mkdir()
        async with open_exchange(install, Path(name) / "exchange", prompts, 2 * AT_ONCE) as exchange:
            yield exchange


async def measure(names: Sequence[str], trials: int, apart_s: float) -> dict[str, list[Trial]]:
    """Do all trials; tell on stderr how it goes."""
    done: dict[str, list[Trial]] = {name: [] for name in names}
    async with exchange_of_ones_own() as exchange:
        for name in names:
            while (rest := trials - len(done[name])) > 0:
                done[name] += await batch(exchange, name, min(AT_ONCE, rest), apart_s)
                lost = sum(trial.met is None for trial in done[name])
                print(f"{name}: {len(done[name])} trials, {lost} lost", file=sys.stderr, flush=True)
    return done


def figures(trials: Sequence[Trial]) -> dict[str, object]:
    """Return what the trials of one fault come to."""
    met = [trial.met for trial in trials if trial.met is not None]
    heard_meanwhile = [trial.others for trial in trials if trial.others is not None]
    return {
        "trials": len(trials),
        "lost": len(trials) - len(met),
        "ringing_s": percentiles([each.rang_s for each in met]),
        "heard_s": percentiles([each.heard_s for each in met]),
        "others": round(min(heard_meanwhile), 3) if heard_meanwhile else None,
    }


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and maximum, each a value that was measured."""
    if not values:
        return {}
    p50, p95 = np.percentile(values, [50, 95], method="higher")
    return {"p50": round(p50, 2), "p95": round(p95, 2), "max": round(max(values), 2)}


def main() -> None:
    """Measure, and print a table and JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=20, help="of each fault")
    parser.add_argument("--fault", choices=FAULTS, nargs="+", default=FAULTS, help="which; default: all")
    parser.add_argument("--apart", type=float, default=1.5, help="seconds between two callers' faults")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    results = asyncio.run(measure(options.fault, options.trials, options.apart))
    shown = {name: figures(trials) for name, trials in results.items()}
    columns = ("trials", "lost", "ring p50", "p95", "max", "heard p50", "p95", "max", "others")
    print(f"{'':20}" + "".join(f"{column:>10}" for column in columns))
    for name, each in shown.items():
        cells = [each["trials"], each["lost"]]
        for times in (each["ringing_s"], each["heard_s"]):
            assert isinstance(times, dict)
            cells += [times.get(part, "-") for part in ("p50", "p95", "max")]
        cells.append("-" if each["others"] is None else each["others"])
        print(f"{name:20}" + "".join(f"{cell!s:>10}" for cell in cells))
    print(json.dumps(shown))
    if options.json:
        options.json.write_text(json.dumps(shown, indent=1) + "\n")
    sys.exit(any(trial.met is None for trials in results.values() for trial in trials))


if __name__ == "__main__":
    main()
