"""How fast replay is, what part of that is recognition, and what a call costs apart from it.

    python benchmarks/replay_speed.py [PATH...] [--work DIR] [--json FILE]

Replays the library twice in this process, in virtual time; the first time renders voices and prompts, the
second is measured. Speed: seconds of call per second of computing, as `voicebot replay --jobs 1` gives it.
Recognition: CPU of this process (its threads too) within the methods of `Recogniser`, where Vosk is called.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from voicebot.hearing import Recogniser
from voicebot.replay import Rehearsal, at_hand, fixtures_in, summary

LIBRARY = Path(__file__).parents[1] / "audio_fixtures"
WORK = Path(__file__).parents[1] / ".cache" / "replay"


class Meter:
    """CPU seconds spent in what it wraps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wrap(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `method`, metered."""

        @functools.wraps(method)
        def metered(*args: Any, **kwargs: Any) -> Any:
            begun = time.process_time()
            try:
                return method(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - begun

        return metered


def measure(paths: list[Path], work: Path) -> dict[str, float]:
    recognition = Meter()
    for name in ("start", "accept", "finish"):
        setattr(Recogniser, name, recognition.wrap(getattr(Recogniser, name)))
    files = at_hand(fixtures_in(paths))
    with Rehearsal(work) as rehearsal:
        for file in files:
            rehearsal.run(file)
        recognition.seconds, begun = 0.0, time.process_time()
        results = [rehearsal.run(file) for file in files]
        cpu = time.process_time() - begun
    total = summary(results)
    seconds = total["audio_seconds"]
    return {
        "fixtures": len(files),
        "passed": total["passed"],
        "audio_seconds": seconds,
        "elapsed_seconds": total["elapsed_seconds"],
        "speed": total["speed"],
        "cpu_seconds": round(cpu, 2),
        "recognition_share_of_cpu": round(recognition.seconds / cpu, 3),
        "recognition_ms_per_call_second": round(1000 * recognition.seconds / seconds, 2),
        "other_ms_per_call_second": round(1000 * (cpu - recognition.seconds) / seconds, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="*", default=[LIBRARY])
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = measure(arguments.paths, arguments.work.absolute())
    for name, figure in figures.items():
        print(f"{name.replace('_', ' '):32} {figure:>10}")
    print(json.dumps(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
