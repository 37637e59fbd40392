"""How well and how fast the webshop bot understands text.

    python benchmarks/understanding.py [--out-of-scope CSV] [--json]

Held-out sentences (tests/understanding/webshop_held_out.yaml) measure: nothing was tuned on their wishes and
unrelated ones, but the rules for a human were widened after 3 of its 20 requests had been refused. The
tuned-on sentences are shown beside them. A CSV with a `text` column (and perhaps `set`) of unrelated Dutch
gives the share that is falsely accepted; it is never trained or tuned on.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from voicebot.dialogue import Bot, load_bot
from voicebot.expectation import Expectation
from voicebot.understanding import IntentSpec, SlotSpec, Understanding

SETS = Path(__file__).parent.parent / "tests" / "understanding"
OPEN = Expectation()
Sentences = Mapping[str, Sequence[str]]
NO_WISH = ("none", "human", "mention")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out-of-scope", type=Path, metavar="CSV")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    options = parser.parse_args()
    bot = load_bot("webshop")
    started = time.perf_counter()
    understanding = train(bot)
    result: dict[str, Any] = {"construct_s": round(time.perf_counter() - started, 2)}
    held_out, tuned_on = (read(f"webshop_{name}.yaml") for name in ("held_out", "tuned_on"))
    result["held_out"] = wishes(understanding, held_out)
    result["held_out_human"] = humans(understanding, held_out)
    result["tuned_on"] = wishes(understanding, tuned_on)
    if options.out_of_scope:
        result["out_of_scope"] = accepted(understanding, options.out_of_scope)
    result["ms"] = timings(understanding, [text for said in held_out.values() for text in said])
    if not options.json:
        print_table(result)
    print(json.dumps(result, ensure_ascii=False))
    return 0


def train(bot: Bot) -> Understanding:
    intents = {name: IntentSpec(spec.templates) for name, spec in bot.intents.items()}
    return Understanding(
        intents, {name: SlotSpec(spec.type, spec.length) for name, spec in bot.slots.items()}
    )


def read(name: str) -> Sentences:
    sentences: Sentences = YAML(typ="safe", pure=True).load((SETS / name).read_text("utf-8"))
    return sentences


def wishes(understanding: Understanding, sentences: Sentences) -> dict[str, int]:
    counts = Counter({"sentences": 0, "right": 0, "wrong": 0, "rejected": 0, "by_template": 0})
    for name, said in sentences.items():
        for text in said if name not in NO_WISH else ():
            meaning = understanding.understand(text, OPEN)
            verdict = "rejected" if meaning.intent is None else "right" if meaning.intent == name else "wrong"
            counts.update(["sentences", verdict] + (["by_template"] if meaning.confidence == 1.0 else []))
    unrelated = [understanding.understand(text, OPEN).intent for text in sentences["none"]]
    return dict(counts) | {
        "unrelated": len(unrelated),
        "unrelated_accepted": sum(intent is not None for intent in unrelated),
    }


def humans(understanding: Understanding, sentences: Sentences) -> dict[str, int]:
    def to_human(said: Sequence[str]) -> int:
        return sum(understanding.understand(text, OPEN).intent == "human" for text in said)

    return {
        "requests": len(sentences["human"]),
        "granted": to_human(sentences["human"]),
        "mentions": len(sentences["mention"]),
        "taken_for_requests": to_human(sentences["mention"]),
    }


def accepted(understanding: Understanding, file: Path) -> dict[str, Any]:
    totals: Counter[str] = Counter()
    intents: dict[str, Counter[str]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            name = row.get("set") or file.stem
            totals[name] += 1
            if intent := understanding.understand(row["text"], OPEN).intent:
                intents.setdefault(name, Counter())[intent] += 1
    return {
        name: {"sentences": total, "accepted": dict(intents.get(name, {}))} for name, total in totals.items()
    }


def timings(understanding: Understanding, texts: Sequence[str]) -> dict[str, dict[str, float]]:
    ways: dict[str, Callable[[str], object]] = {
        "understand": lambda text: understanding.understand(text, OPEN),
        "completeness": lambda text: understanding.completeness(OPEN, text),
    }
    return {way: percentiles([_ms(do, text) for text in texts]) for way, do in ways.items()}


def _ms(do: Callable[[str], object], text: str) -> float:
    started = time.perf_counter()
    do(text)
    return 1000 * (time.perf_counter() - started)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=20)
    return {"p50": round(cuts[9], 2), "p95": round(cuts[18], 2)}


def print_table(result: Mapping[str, Any]) -> None:
    for part, figures in result.items():
        rows = figures.items() if isinstance(figures, Mapping) else [("", figures)]
        for name, figure in rows:
            print(f"{part:15} {name:20} {figure}")


if __name__ == "__main__":
    sys.exit(main())
