"""How many calls one machine carries: `voicebot load` with more and more callers, until it no longer holds.

    python benchmarks/capacity.py [--steps 1 2 5 10 ...] [--seconds 120] [--workers 1] [--json FILE]

Each step starts a voicebot anew and calls it over AudioSocket; callers and bot share this machine. Callers
have four kinds of calls, without noise, in turn: an order's status (4 turns, a back-end in between), opening
hours (2), the same order and then a human (4), and a return, which is for a human at once (1).

A step holds when
- p95 of the response is at most 1.5 times that of the first step (the caller's last voiced sample to the
  bot's first one after it; n, and so the firmness of the first p95, grows with --seconds);
- at most 0.1 % of the bot's frames were late (left out because its clock stalled);
- at most 1 % of the callers' own frames left over 20 ms late: beyond that the callers are what is measured;
- every call was completed.
The knee is the largest number of callers that holds, with every smaller one; the first that does not ends it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"
CALLS = ("status_onderweg_vandaag", "openingstijden", "medewerker_na_het_antwoord", "retour")
SLOWER = 1.5
LATE_PERCENT = 0.1
CALLER_LATE_PERCENT = 1.0

Step = dict[str, Any]
"""What `voicebot load --json` prints."""


def broken(step: Step, first: Step) -> list[str]:
    """Return what does not hold in a step."""
    p95, first_p95 = (each["response_ms"].get("p95", float("inf")) for each in (step, first))
    checks = {
        "response": p95 <= SLOWER * first_p95 < float("inf"),
        "bot late": step["bot"]["late_percent"] <= LATE_PERCENT,
        "callers late": step["caller_late_percent"] <= CALLER_LATE_PERCENT,
        "calls": step["calls"]["completed"] == step["calls"]["begun"] > 0,
    }
    return [name for name, holds in checks.items() if not holds]


def knee(steps: Sequence[Step]) -> int | None:
    """Return the largest number of callers that holds, with every smaller one; None when none does."""
    found = None
    for step in steps:
        if broken(step, steps[0]):
            break
        found = step["calls_at_once"]
    return found


def load(calls: int, seconds: float, workers: int) -> Step:
    """Run `voicebot load` as its user would."""
    command = [sys.executable, "-m", "voicebot", "load", "--json"]
    command += [f"--calls={calls}", f"--seconds={seconds}", f"--workers={workers}"]
    command += [str(FIXTURES / f"{name}.yaml") for name in CALLS]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if not ran.stdout:
        raise SystemExit(f"capacity: no figures for {calls} calls; see above")
    step: Step = json.loads(ran.stdout)
    return step


def row(step: Step, first: Step) -> str:
    """Return a line of the table."""
    response, bot = step["response_ms"], step["bot"]
    cells = [
        step["calls_at_once"],
        f"{step['calls']['completed']}/{step['calls']['begun']}",
        *(response.get(name, "-") for name in ("n", "p50", "p95", "p99")),
        step["missed"],
        f"{bot['late_percent']:.3f}",
        f"{step['caller_late_percent']:.2f}",
        f"{bot['cpu_per_call_second']:.4f}",
        f"{bot['memory_mb']['peak']:.0f}",
    ]
    return "".join(f"{cell!s:>9}" for cell in cells) + "  " + (", ".join(broken(step, first)) or "holds")


def main() -> None:
    """Climb, and print a table and JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    steps = [1, 2, 5, 10, 15, 20, 30, 40, 60]
    parser.add_argument("--steps", type=int, nargs="+", default=steps, help="callers at once, rising")
    parser.add_argument("--seconds", type=float, default=120, help="calls are begun for so long, each step")
    parser.add_argument("--workers", type=int, default=1, help="processes that answer calls")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    names = ("callers", "calls", "n", "p50", "p95", "p99", "missed", "late %", "own late", "CPU", "MB")
    print("".join(f"{name:>9}" for name in names))
    done: list[Step] = []
    for calls in sorted(options.steps):
        done.append(load(calls, options.seconds, options.workers))
        print(row(done[-1], done[0]), flush=True)
        if broken(done[-1], done[0]):
            break
    figures = {"knee": knee(done), "steps": done}
    print(f"knee: {figures['knee']} callers at once with {options.workers} worker(s)")
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
