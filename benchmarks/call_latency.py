"""How fast the bot answers and falls silent, as heard on a real SIP line through a real Asterisk.

    python benchmarks/call_latency.py [--calls 2] [--turns 26] [--barges 10] [--json FILE]

One event-loop clock serves both directions. A sample in a packet that left at T was spoken at T - 20 ms plus
its place in the packet; a sample in a packet that came at T is heard at T plus its place (so the caller's
own packet of 20 ms counts, a telephone's jitter buffer does not). Voiced: 20 ms RMS above -45 dBFS; edges at
the first and last sample above that level.

response   last voiced sample of the caller -> first voiced sample of the answer, after a finished prompt
interrupt  first voiced sample of the caller during an answer -> last voiced sample before 0.6 s of quiet
greeting   answered -> first voiced sample

The caller asks for the opening hours again and again; the recording is one of the fixtures'.
CPU: user + system seconds of the workers, synthesis included, per second of connected call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_SAMPLES, RATE, read_audio
from voicebot.demo import Stage, open_stage
from voicebot.replay import percentiles, voiced_edges
from voicebot.serve import Usage
from voicebot.telephony import PhoneCall, SipPhone, find_asterisk

FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"
QUIET_S = 1.2
GAP_S = 0.6
ANSWER_S = 10.0
TURN_S = 60.0
"""Longest wait for the bot to finish what it says."""

Samples = NDArray[np.int16]


@dataclass
class Ear:
    """What the caller hears: begin and end of each voiced packet, in loop time."""

    voiced: list[tuple[float, float]] = field(default_factory=list)

    def hear(self, samples: Samples, at: float) -> None:
        """Note where a packet is voiced."""
        if (span := voiced_edges(samples)) is not None:
            self.voiced.append((at + span[0] / RATE, at + (span[1] + 1) / RATE))

    async def speaks(self, since: float, within_s: float) -> float | None:
        """Return when voice was first heard after `since`."""
        deadline = now() + within_s
        while now() < deadline:
            for begin, _ in self.voiced:
                if begin > since:
                    return begin
            await asyncio.sleep(0.01)
        return None

    async def quiet(self, seconds: float) -> float:
        """Wait until nothing was heard for so long; return the end of the last voice."""
        begun = now()
        while True:
            last = self.voiced[-1][1] if self.voiced else begun
            if now() - max(last, begun) > seconds:
                return last
            await asyncio.sleep(0.01)


@dataclass
class Results:
    """Times in ms, and what went wrong."""

    greeting: list[float] = field(default_factory=list)
    response: list[float] = field(default_factory=list)
    interrupt: list[float] = field(default_factory=list)
    missed: int = 0
    premature: int = 0
    not_interrupted: int = 0
    call_seconds: float = 0.0
    late_ms: float = 0.0


def now() -> float:
    return asyncio.get_running_loop().time()


async def say(call: PhoneCall, samples: Samples) -> tuple[float, float]:
    """Say a recording, off the 20 ms grid; return when its first and last voiced samples left the mouth."""
    samples = np.concatenate([np.zeros(random.randrange(FRAME_SAMPLES), np.int16), samples])
    span = voiced_edges(samples)
    assert span is not None
    first, last = span
    place = call.stream.say(samples)

    def moment(sample: int) -> float:
        frame, offset = divmod(place + sample, FRAME_SAMPLES)
        return call.stream.sent_at[frame] - FRAME_SAMPLES / RATE + (offset + 1) / RATE

    while len(call.stream.sent_at) <= (place + last) // FRAME_SAMPLES:
        await asyncio.sleep(0.005)
    return moment(first), moment(last)


async def line(stage: Stage, results: Results, turns: int, barges: int) -> None:
    """Have one call with so many turns and interruptions."""
    question = read_audio(FIXTURES / "wat_zijn_de_openingstijden.flac")
    async with SipPhone("caller", stage.sip) as phone:
        call = await phone.call(stage.number)
        ear, answered = Ear(), now()
        call.stream.on_frame = ear.hear
        if (begin := await ear.speaks(answered, ANSWER_S)) is not None:
            results.greeting.append(1000 * (begin - answered))
        for turn in range(turns + barges):
            async with asyncio.timeout(TURN_S):  # hold music, after a hand-over, is never quiet
                await ear.quiet(QUIET_S)
            await asyncio.sleep(random.uniform(0.1, 0.5))
            await one_turn(call, ear, question, results, barge=turn >= turns)
        results.call_seconds += now() - answered
        results.late_ms = max(results.late_ms, call.statistics().largest_lateness_ms)


async def one_turn(call: PhoneCall, ear: Ear, question: Samples, results: Results, *, barge: bool) -> None:
    """Ask, time the answer, and interrupt it when asked to."""
    heard = len(ear.voiced)
    _, ended = await say(call, question)
    if len(ear.voiced) > heard:
        results.premature += 1
        return
    begin = await ear.speaks(ended, ANSWER_S)
    if begin is None:
        results.missed += 1
        return
    if not barge:
        results.response.append(1000 * (begin - ended))
        return
    await asyncio.sleep(random.uniform(0.6, 1.4))
    spoke, _ = await say(call, question)
    await asyncio.sleep(GAP_S)
    next_begins = [begin for begin, _ in ear.voiced[1:]] + [now()]
    fell_silent = next(
        (
            end
            for (_, end), begin in zip(ear.voiced, next_begins, strict=True)
            if end > spoke and begin - end > GAP_S
        ),
        None,
    )
    if fell_silent is None:
        results.not_interrupted += 1
    else:
        results.interrupt.append(1000 * (fell_silent - spoke))


async def measure(calls: int, turns: int, barges: int) -> dict[str, object]:
    """Measure on a stage of its own."""
    install = find_asterisk()
    if install is None:
        raise SystemExit("call_latency: no Asterisk here; run scripts/install-asterisk .asterisk")
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        async with open_stage(
            install, Path(folder), bot="webshop", bind="127.0.0.1", tell=lambda _: None
        ) as stage:
            usage = Usage(stage.voicebot)
            await asyncio.gather(
                *(line(stage, results, turns // calls, barges // calls) for _ in range(calls))
            )
            usage.look()
    return {
        "calls": calls,
        "asterisk": install.version,
        "response_ms": percentiles(results.response),
        "interrupt_ms": percentiles(results.interrupt),
        "greeting_ms": percentiles(results.greeting),
        "missed": results.missed,
        "premature": results.premature,
        "not_interrupted": results.not_interrupted,
        "cpu_per_call_second": round(usage.cpu_s / results.call_seconds, 4),
        "caller_late_ms": round(results.late_ms, 1),
    }


def main() -> None:
    """Measure, and print a table and JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=2, help="lines at once")
    parser.add_argument("--turns", type=int, default=52, help="answers to time, over all lines")
    parser.add_argument("--barges", type=int, default=10, help="interruptions to time, over all lines")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.calls, options.turns, options.barges))
    print(f"{'':12}{'n':>5}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
    for name in ("response_ms", "interrupt_ms", "greeting_ms"):
        row = figures[name]
        assert isinstance(row, dict)
        print(
            f"{name:12}"
            + f"{row['n']:>5}"
            + "".join(f"{row.get(key, '-'):>8}" for key in ("p50", "p95", "p99", "max"))
        )
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
