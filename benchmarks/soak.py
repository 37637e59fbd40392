"""Whether memory grows with the calls that were had: in a process that replays, and in a worker that serves.

    python benchmarks/soak.py [--replayed 2000] [--minutes 0] [--calls 20] [--json FILE]

replayed  The library's calls, over and over, in this process and in virtual time. Memory is what is this
          process's own, at each pass from the second on: in the first one everything is loaded and rendered.
          Growth is the slope of the line through the last two thirds of the passes, per 100 calls.
served    With --minutes: `voicebot load --via asterisk` for so long, with so many SIP callers at once. Growth
          is that of its second half (`voicebot.demo.bot_figures.memory_figures`): workers and speech, PSS.

The goal is less than 1 MB per 100 calls.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.replay import Rehearsal, at_hand, fixtures_in
from voicebot.serve.processes import private_bytes

LIBRARY = Path(__file__).parents[1] / "audio_fixtures" / "webshop"
MB = 1e6


def replayed(calls: int, work: Path) -> dict[str, float]:
    """Replay so many calls; return memory in MB and its growth."""
    files = at_hand(fixtures_in([LIBRARY]))
    done, had, memory = 0, [], []
    with Rehearsal(work) as rehearsal:
        while done < calls:
            for file in files:
                rehearsal.run(file)
            done += len(files)
            had.append(done)
            memory.append(private_bytes(os.getpid()) / MB)
            print(f"replayed {done} calls: {memory[-1]:.1f} MB", file=sys.stderr, flush=True)
    settled = len(had) // 3
    slope = np.polyfit(had[settled:], memory[settled:], 1)[0] if len(had) - settled > 1 else float("nan")
    return {
        "calls": done,
        "after_first_pass_mb": round(memory[0], 1),
        "at_the_end_mb": round(memory[-1], 1),
        "growth_per_100_calls_mb": round(100 * float(slope), 3),
    }


def served(calls: int, minutes: float, work: Path) -> dict[str, Any]:
    """Have so many callers at once for so long; return what `voicebot load` says of calls and memory."""
    command = [sys.executable, "-m", "voicebot", "load", "--json", "--via=asterisk", f"--work={work}"]
    command += [f"--calls={calls}", f"--seconds={60 * minutes}"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if not ran.stdout:
        raise SystemExit("soak: no figures from `voicebot load`; see above")
    told = json.loads(ran.stdout)
    return {"calls_at_once": calls, "calls": told["calls"], "memory_mb": told["bot"]["memory_mb"]}


def main() -> None:
    """Soak, and print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replayed", type=int, default=2000, help="calls to replay; 0 for none")
    parser.add_argument("--minutes", type=float, default=0, help="of real calls; 0 for none")
    parser.add_argument("--calls", type=int, default=20, help="real calls at once")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="vb-soak-") as work:
        if options.replayed:
            figures["replayed"] = replayed(options.replayed, Path(work) / "replay")
        if options.minutes:
            figures["served"] = served(options.calls, options.minutes, Path(work) / "load")
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
