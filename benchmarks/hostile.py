"""Hostile input at every door of a running voicebot, with real calls going on beside it.

    python benchmarks/hostile.py [--inputs 100000] [--seed 1] [--json FILE]

A private Asterisk, `voicebot serve` and a caller on a SIP telephone, who calls again and again, asks for the
opening hours and says goodbye. Meanwhile other processes send hostile input (hostile_inputs.py, with a fixed
seed) to the AudioSocket, the live feed, the status page, a SIP telephone and the loader of bots and fixtures;
a relay slips packs into the Manager links of the worker and the web. A tenth as much goes before it, so that
what is made once is there when memory is looked at.

memory    private memory of the processes, after minus before, each time at rest, per 10,000 inputs
the calls that were helped to the end, frames that left late, sound that was lost in either direction
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import hostile_attacks
from hostile_inputs import HostileInputs

from voicebot.audio import Samples, read_audio
from voicebot.dialogue import load_bot
from voicebot.events import CallEnded, CallStarted
from voicebot.house import queue_prompts
from voicebot.records import EventStore
from voicebot.replay import Turn, VirtualCaller
from voicebot.serve import Served, served
from voicebot.serve.processes import command, descendants, private_bytes
from voicebot.speaking import PromptCache, Synthesiser
from voicebot.telephony import (
    AsteriskInstall,
    DialplanSettings,
    LocalAsterisk,
    PhoneCall,
    SipPhone,
    SiteSettings,
    find_asterisk,
    free_port,
    write_dialplan,
)

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
WARM_UP = 0.1
REST_S = 8.0
CALL_S = 60.0
PACKS_A_SECOND = 200


class Relay:
    """Stands between voicebot and the Manager, and slips hostile packs in when told to."""

    def __init__(self, target: int, inputs: HostileInputs) -> None:
        self._target = target
        self._inputs = inputs
        self._links: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop, and break the links."""
        assert self._server is not None
        self._server.close()
        for writer in self._links:
            writer.transport.abort()

    async def attack(self, count: int) -> dict[str, int]:
        """Send so many packs, to all links in turn."""
        for number in range(count):
            links = [writer for writer in self._links if not writer.is_closing()]
            if links:
                links[number % len(links)].write(self._inputs.manager_pack())
            if number % 10 == 0:
                await asyncio.sleep(10 / PACKS_A_SECOND)
        return {"sent": count, "links": len(self._links)}

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        greeting = await there.readline()
        writer.write(greeting)
        self._links.add(writer)

        async def answers() -> None:
            while True:  # whole packs, so that ours come between them
                writer.write(await there.readuntil(b"\r\n\r\n"))

        async def questions() -> None:
            while data := await reader.read(65536):
                back.write(data)

        tasks = [asyncio.create_task(answers()), asyncio.create_task(questions())]
        with suppress(OSError, asyncio.IncompleteReadError):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._links.discard(writer)
        for end in (writer, back):
            end.transport.abort()


@dataclass
class Stage:
    """What is attacked."""

    asterisk: LocalAsterisk
    voicebot: Served
    relay: Relay
    audiosocket: int
    web: int
    database: Path

    def processes(self) -> dict[str, int]:
        """Return our processes by what they are."""
        named = {"parent": self.voicebot.pid}
        for pid in descendants(self.voicebot.pid):
            for part in ("serve.worker", "web.server"):
                if f"voicebot.{part}" in command(pid):
                    named[part.partition(".")[2 if part.startswith("serve") else 0]] = pid
        return named

    @property
    def feed(self) -> str:
        """Where the live feed listens."""
        arguments = command(self.processes()["web"]).split()
        return arguments[arguments.index("--feed") + 1]


@asynccontextmanager
async def open_stage(install: AsteriskInstall, folder: Path, seed: int) -> AsyncIterator[Stage]:
    """Start everything with its files in `folder`."""
    bot = load_bot("webshop")
    ports = [free_port(socket.SOCK_STREAM) for _ in range(2)]
    settings = DialplanSettings(
        audiosocket=f"127.0.0.1:{ports[0]}", queue=bot.queue, messages=folder / "messages"
    )
    with Synthesiser(cache=PromptCache(folder / "data" / "prompts")) as synthesiser:
        write_dialplan(folder / "dialplan", settings, queue_prompts(bot, synthesiser, settings))
    site = SiteSettings(dialplan=folder / "dialplan", queue=bot.queue)
    async with LocalAsterisk(install, folder / "asterisk", site) as asterisk:
        relay = Relay(asterisk.ports.ami, HostileInputs(seed))
        secret = str(folder / "dialplan" / "voicebot-manager.conf")
        config = {
            "audiosocket": f"127.0.0.1:{ports[0]}",
            "web": f"127.0.0.1:{ports[1]}",
            "data": str(folder / "data"),
            "drain_s": 2,
            "manager": {"address": f"127.0.0.1:{await relay.open()}", "secret_file": secret},
        }
        try:
            async with served(folder, config) as voicebot:
                yield Stage(asterisk, voicebot, relay, *ports, folder / "data" / "calls.db")
        finally:
            relay.close()


@dataclass
class CallsBeside:
    """How the calls went that nobody attacked."""

    calls: int = 0
    helped: int = 0
    packets: int = 0
    packets_lost: int = 0
    sent_by_caller: int = 0
    late_caller_ms: float = 0.0
    """The worst of the caller's own clock: distrust the figures where this is large."""
    frames_sent: int = 0
    frames_late: int = 0
    frames_received: int = 0

    async def go_on(self, stage: Stage, turns: Sequence[Turn], stop: asyncio.Event) -> None:
        """Call again and again until told to stop."""
        while not stop.is_set():
            await self._one(stage, turns)

    async def _one(self, stage: Stage, turns: Sequence[Turn]) -> None:
        address = ("127.0.0.1", stage.asterisk.ports.sip)
        async with SipPhone("caller", address) as phone:
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
            self._note(call)
        self._look_up(stage)

    def _note(self, call: PhoneCall) -> None:
        statistics = call.statistics()
        self.calls += 1
        self.packets += statistics.packets
        self.packets_lost += statistics.lost
        self.sent_by_caller += statistics.sent
        self.late_caller_ms = max(self.late_caller_ms, statistics.largest_lateness_ms)

    def _look_up(self, stage: Stage) -> None:
        """Add what the bot's own log says of the calls with a number: ours."""
        store = EventStore(f"sqlite:///{stage.database}")
        try:
            ends = []
            for call in store.calls(limit=100_000):
                if call.outcome in (None, "abandoned"):
                    continue
                messages = [entry.message for entry in store.entries(call.call_id)]
                started = next((each for each in messages if isinstance(each, CallStarted)), None)
                if started and started.caller and isinstance(messages[-1], CallEnded):
                    ends.append(messages[-1])
        finally:
            store.close()
        self.helped = sum(end.outcome == "contained" for end in ends)
        self.frames_sent = sum(end.frames_sent for end in ends)
        self.frames_late = sum(end.frames_late for end in ends)
        self.frames_received = sum(end.frames_received for end in ends)


@dataclass
class Round:
    """One round of attacks."""

    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: float = 0.0


async def attack(stage: Stage, pool: ProcessPoolExecutor, inputs: int, seed: int) -> Round:
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
    begun, loop, result = time.monotonic(), asyncio.get_running_loop(), Round()
    running = {
        name: loop.run_in_executor(pool, hostile_attacks.run, name, target, counts[name], seed)
        for name, target in targets.items()
    }
    packs = asyncio.create_task(stage.relay.attack(counts["manager"]))
    for name, outcomes in [*running.items(), ("manager", packs)]:
        result.outcomes[name] = dict(sorted((await outcomes).items()))
        print(f"  {name:15}{counts[name]:>7}  {result.outcomes[name]}", flush=True)
    result.seconds = time.monotonic() - begun
    return result


async def memory(stage: Stage) -> dict[str, float]:
    """Return the private MB of our processes, at rest."""
    await asyncio.sleep(REST_S)
    return {name: private_bytes(pid) / 1e6 for name, pid in stage.processes().items()}


async def measure(inputs: int, seed: int, folder: Path) -> dict[str, object]:
    """Attack, and return the figures."""
    install = find_asterisk()
    if install is None:
        raise SystemExit("hostile: no Asterisk here; run scripts/install-asterisk .asterisk")
    names = ("f4_openingstijden", "f2_nee_dank_u")
    turns = [Turn(read_audio(FIXTURES / f"{name}.flac")) for name in names]
    processes_at_once = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    async with open_stage(install, folder, seed) as stage:
        with processes_at_once as pool:
            print("warming up", flush=True)
            warm = CallsBeside()
            await warm.go_on(stage, turns, stopping(after_s=1.0))
            await attack(stage, pool, round(WARM_UP * inputs), seed + 1)
            processes, before = stage.processes(), await memory(stage)
            print("attacking", flush=True)
            beside, stop = CallsBeside(), asyncio.Event()
            calling = asyncio.create_task(beside.go_on(stage, turns, stop))
            result = await attack(stage, pool, inputs, seed)
            stop.set()
            await calling
        after = await memory(stage)
        restarted = [name for name, pid in stage.processes().items() if processes.get(name) != pid]
        beside.helped -= warm.helped
        for figure in ("frames_sent", "frames_late", "frames_received"):
            setattr(beside, figure, getattr(beside, figure) - getattr(warm, figure))
        log = stage.voicebot.log.read_text(errors="replace").splitlines()
    crashes = sum(
        key.startswith(("crash", "exception", "dead")) for o in result.outcomes.values() for key in o
    )
    events = Counter(_event(line) for line in log)
    return {
        "inputs": inputs,
        "seconds": round(result.seconds, 1),
        "crashes": crashes + len(restarted) + sum("Traceback" in line for line in log),
        "restarted": restarted,
        "memory_mb_before": {name: round(size, 1) for name, size in before.items()},
        "memory_mb_after": {name: round(size, 1) for name, size in after.items()},
        "memory_mb_per_10000": {
            name: round((after[name] - before[name]) / inputs * 10_000, 2) for name in before if name in after
        },
        "log_lines": len(log),
        "logged": dict(events.most_common(12)),
        "calls": asdict(beside),
        "outcomes": result.outcomes,
    }


def stopping(after_s: float) -> asyncio.Event:
    """Return an event that is set after so long."""
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(after_s, event.set)
    return event


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
