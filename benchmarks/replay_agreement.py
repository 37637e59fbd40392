"""Whether fixtures come to the same over a real SIP call through a real Asterisk as in virtual time.

    python benchmarks/replay_agreement.py [PATH...] [--via asterisk] [--jobs 8] [--work DIR] [--json FILE]

Replays the library directly, then `--via` a real line in real time, and compares per fixture the intents, the
slots and the outcome. Give `--jobs` as many as the machine carries: a late machine is no reason to disagree.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from voicebot.replay import Gist, Result, at_hand, fixtures_in, gist, replay_all

LIBRARY = Path(__file__).parents[1] / "audio_fixtures"
WORK = Path(__file__).parents[1] / ".cache" / "replay"
PARTS = ("intents", "slots", "outcome")


def differences(direct: Result, real: Result) -> dict[str, tuple[object, object]]:
    """Return the parts in which two replays of a fixture differ: (direct, real)."""
    if not real.replayed.entries:
        return {"call": ("a call to its end", "; ".join(map(str, real.failures)))}
    one, other = gist(direct.replayed), gist(real.replayed)
    return {part: both for part in PARTS if (both := _both(part, one, other))[0] != both[1]}


def _both(part: str, one: Gist, other: Gist) -> tuple[object, object]:
    return getattr(one, part), getattr(other, part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="*", default=[LIBRARY])
    parser.add_argument("--via", choices=["audiosocket", "asterisk"], default="asterisk")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    files, work = at_hand(fixtures_in(arguments.paths)), arguments.work.absolute()
    direct = replay_all(files, work)
    real = replay_all(files, work, via=arguments.via, jobs=arguments.jobs)

    differing = {
        str(one.file): found
        for one, other in zip(direct, real, strict=True)
        if (found := differences(one, other))
    }
    for file, found in differing.items():
        print(file)
        for part, (one, other) in found.items():
            print(f"  {part:8}  direct {one}\n            real   {other}")
    figures = {
        "via": arguments.via,
        "jobs": arguments.jobs,
        "fixtures": len(files),
        "agree": len(files) - len(differing),
        "share": round(1 - len(differing) / len(files), 3),
        "passed_direct": sum(result.passed for result in direct),
        "passed_real": sum(result.passed for result in real),
        "differing": differing,
        "failed_only_real": {
            str(other.file): list(map(str, other.failures))
            for one, other in zip(direct, real, strict=True)
            if one.passed and not other.passed
        },
    }
    print(json.dumps(figures, ensure_ascii=False, default=dict))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, default=dict, indent=2))


if __name__ == "__main__":
    main()
