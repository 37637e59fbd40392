"""Many calls at once over SIP and Asterisk: how much sound is lost.

    python benchmarks/simultaneous_calls.py [--calls 10] [--json FILE]

Each caller asks for the opening hours, hears the answer and asks for a human; all start within a second.
Lost to the caller: frames that voicebot's own clock left out (`frames_late`) and RTP packets that did not
come. Lost to the bot: 20 ms frames sent by the callers during our part of the call that it did not receive.
CPU: user + system seconds of the worker per second of call, all calls together.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from call_latency import cpu_seconds

from voicebot.audio import read_audio
from voicebot.demo import Stage, open_stage
from voicebot.events import CallEnded
from voicebot.records import EventStore
from voicebot.replay import Turn, VirtualCaller
from voicebot.telephony import SipPhone, find_asterisk

FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"
TALK_S = 40.0
"""Longer than any of these calls."""


async def one_call(stage: Stage, turns: list[Turn], delay_s: float) -> tuple[int, int]:
    """Have a call; return the packets that came and those that were lost."""
    await asyncio.sleep(delay_s)
    async with SipPhone("caller", stage.sip) as phone:
        call = await phone.call(stage.number)
        caller = VirtualCaller(turns)

        def listen(frame: object, at: float) -> None:
            if (turn := caller.listen(frame)) is not None:  # type: ignore[arg-type]
                call.say(turn.samples)

        call.stream.on_frame = listen
        await asyncio.sleep(TALK_S)
        statistics = call.statistics()
        return statistics.packets, statistics.lost


async def measure(calls: int) -> dict[str, object]:
    """Measure on a stage of its own."""
    install = find_asterisk()
    if install is None:
        raise SystemExit("simultaneous_calls: no Asterisk here; run scripts/install-asterisk .asterisk")
    names = ("wat_zijn_de_openingstijden", "medewerker_spreken")
    turns = [Turn(read_audio(FIXTURES / f"{name}.flac")) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        async with open_stage(
            install, Path(folder), bot="webshop", bind="127.0.0.1", tell=lambda _: None
        ) as stage:
            before = cpu_seconds("voicebot.serve.worker")
            tasks = [one_call(stage, turns, n / calls) for n in range(calls)]
            heard = await asyncio.gather(*tasks)
            used = cpu_seconds("voicebot.serve.worker") - before
            ends = endings(stage)
    sent = sum(end.frames_sent for end in ends)
    late = sum(end.frames_late for end in ends)
    received = sum(end.frames_received for end in ends)
    packets, lost = (sum(column) for column in zip(*heard, strict=True))
    return {
        "calls": calls,
        "asterisk": install.version,
        "transferred": sum(end.outcome == "transferred" for end in ends),
        "frames_sent": sent,
        "frames_late": late,
        "late_percent": round(100 * late / max(sent + late, 1), 4),
        "packets_heard": packets,
        "packets_lost": lost,
        "to_bot_lost_percent": round(100 * max(0, sent + late - received) / max(sent + late, 1), 4),
        "cpu_per_call_second": round(used / (0.02 * max(sent, 1)), 4),
    }


def endings(stage: Stage) -> list[CallEnded]:
    """Return how each call ended."""
    store = EventStore(f"sqlite:///{stage.database}")
    try:
        entries = (store.entries(call.call_id) for call in store.calls(limit=1000))
        return [each[-1].message for each in entries if isinstance(each[-1].message, CallEnded)]
    finally:
        store.close()


def main() -> None:
    """Measure, and print a table and JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10, help="calls at once")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.calls))
    for name, value in figures.items():
        print(f"{name:22}{value!s:>12}")
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
