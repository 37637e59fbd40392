"""Hostile input at every door of a running voicebot, with real calls going on beside it.

    python benchmarks/hostile.py [--inputs 100000] [--seed 1] [--json FILE]

A private Asterisk, `voicebot serve` and a caller on a SIP telephone, who calls again and again, asks for the
opening hours and says goodbye. Meanwhile two other processes send hostile input (hostile_inputs.py, with a
fixed seed) to the AudioSocket, the live feed, the status page, a SIP telephone and the loader of bots and
fixtures; a relay slips packs into the Manager links of the worker and the web. A fifth as much goes before
it, and memory is looked at after that: recognition keeps what its longest stretch once needed.

memory    private memory of the processes at rest, after minus before, per 10,000 inputs
calls     those that were helped to the end, frames that left late, sound lost in either direction; ``quiet``
          are two calls just before, without attacks, to tell what else the machine is doing
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import hostile_attacks
from hostile_stage import Stage, open_stage

from voicebot.audio import Samples, read_audio
from voicebot.replay import Turn, VirtualCaller
from voicebot.telephony import SipPhone, find_asterisk

FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"
NUMBER = "0612345678"
SHARES = {
    "strangers": 0.35,
    "false_calls": 0.04,
    "nonsense_calls": 0.20,
    "manager": 0.12,
    "datagrams": 0.14,
    "feed": 0.07,
    "web": 0.06,
    "files": 0.02,
}
"""Of the inputs; for ``nonsense_calls`` an input is a frame, for ``manager`` a pack."""
WARM_UP = 0.2
REST_S = 8.0
CALL_S = 60.0
LOGGED_S = 3.0
"""After the end of a call its log is on disk by then."""

Outcomes = dict[str, dict[str, int]]


@dataclass
class Calls:
    """How calls went that nobody attacked."""

    calls: int = 0
    helped: int = 0
    packets: int = 0
    packets_lost: int = 0
    sent_by_caller: int = 0
    callers_clock_late_ms: float = 0.0
    """The caller's own clock: distrust the figures where this is large."""
    frames_sent: int = 0
    frames_late: int = 0
    frames_received: int = 0

    async def go_on(self, stage: Stage, turns: Sequence[Turn], enough: Callable[[], bool]) -> None:
        """Call again and again until it is enough."""
        before = stage.ends().keys()
        while not enough():
            await self._one(stage, turns)
        await asyncio.sleep(LOGGED_S)
        ends = stage.ends()
        mine = [ends[call_id] for call_id in ends.keys() - before]
        self.helped = sum(end.outcome == "contained" for end in mine)
        self.frames_sent = sum(end.frames_sent for end in mine)
        self.frames_late = sum(end.frames_late for end in mine)
        self.frames_received = sum(end.frames_received for end in mine)

    async def _one(self, stage: Stage, turns: Sequence[Turn]) -> None:
        async with SipPhone("caller", ("127.0.0.1", stage.asterisk.ports.sip)) as phone:
            headers = {"P-Asserted-Identity": f"<sip:{NUMBER}@example.org>"}
            call = await phone.call(stage.asterisk.site.number, headers=headers)
            caller = VirtualCaller(turns)

            def listen(frame: Samples, at: float) -> None:
                if (turn := caller.listen(frame)) is not None:
                    call.say(turn.samples)

            call.stream.on_frame = listen
            with suppress(TimeoutError):
                async with asyncio.timeout(CALL_S):
                    await call.ended.wait()
            statistics = call.statistics()
        self.calls += 1
        self.packets += statistics.packets
        self.packets_lost += statistics.lost
        self.sent_by_caller += statistics.sent
        self.callers_clock_late_ms = max(self.callers_clock_late_ms, statistics.largest_lateness_ms)


async def attack(stage: Stage, pool: ProcessPoolExecutor, inputs: int, seed: int) -> Outcomes:
    """Do all attacks, as many at once as `pool` has processes; return what came of them."""
    targets = {
        "strangers": stage.audiosocket,
        "false_calls": stage.audiosocket,
        "nonsense_calls": stage.audiosocket,
        "feed": stage.feed,
        "web": stage.web,
        "datagrams": 0,
        "files": 0,
    }
    counts = {name: round(share * inputs) for name, share in SHARES.items()}
    loop, outcomes = asyncio.get_running_loop(), Outcomes()
    running = {
        name: loop.run_in_executor(pool, hostile_attacks.run, name, target, counts[name], seed)
        for name, target in targets.items()
    }
    packs = asyncio.create_task(stage.relay.attack(counts["manager"]))
    for name, outcome in [*running.items(), ("manager", packs)]:
        outcomes[name] = dict(sorted((await outcome).items()))
        print(f"  {name:15}{counts[name]:>7}  {outcomes[name]}", flush=True)
    return outcomes


async def memory(stage: Stage) -> dict[str, float]:
    """Return the memory of our processes at rest."""
    await asyncio.sleep(REST_S)
    return stage.memory_mb()


async def measure(inputs: int, seed: int, folder: Path) -> dict[str, object]:
    """Attack, and return the figures."""
    install = find_asterisk()
    if install is None:
        raise SystemExit("hostile: no Asterisk here; run scripts/install-asterisk .asterisk")
    names = ("f4_openingstijden", "f2_nee_dank_u")
    turns = [Turn(read_audio(FIXTURES / f"{name}.flac")) for name in names]
    attackers = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    async with open_stage(install, folder, seed) as stage:
        with attackers as pool:
            print("warming up", flush=True)
            await attack(stage, pool, round(WARM_UP * inputs), seed + 1)
            quiet, beside = Calls(), Calls()
            await quiet.go_on(stage, turns, lambda: quiet.calls == 2)
            processes, before = stage.processes(), await memory(stage)
            print("attacking", flush=True)
            begun, over = time.monotonic(), asyncio.Event()
            calling = asyncio.create_task(beside.go_on(stage, turns, over.is_set))
            outcomes = await attack(stage, pool, inputs, seed)
            over.set()
            seconds = time.monotonic() - begun
            await calling
        after = await memory(stage)
        restarted = [name for name, pid in processes.items() if stage.processes().get(name) != pid]
        log = stage.voicebot.log.read_text(errors="replace").splitlines()
    kinds = [kind for outcome in outcomes.values() for kind in outcome]
    crashes = sum(kind.startswith(("crash", "exception", "dead")) for kind in kinds)
    return {
        "inputs": inputs,
        "seconds": round(seconds, 1),
        "crashes": crashes + len(restarted) + sum("Traceback" in line for line in log),
        "restarted": restarted,
        "memory_mb": {name: [round(before[name], 1), round(after.get(name, 0), 1)] for name in before},
        "memory_mb_per_10000": {
            name: round((after.get(name, 0) - before[name]) / inputs * 10_000, 2) for name in before
        },
        "log_lines": len(log),
        "logged": dict(Counter(_event(line) for line in log).most_common(12)),
        "quiet": asdict(quiet),
        "calls": asdict(beside),
        "outcomes": outcomes,
    }


def _event(line: str) -> str:
    with suppress(ValueError, AttributeError):
        return str(json.loads(line).get("event", line)[:60])
    return line[:60]


def main() -> None:
    """Measure, and print a table and JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep logs and databases here")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        figures = asyncio.run(measure(options.inputs, options.seed, folder))
    for name, value in figures.items():
        print(f"{name:22}{value!s}")
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
