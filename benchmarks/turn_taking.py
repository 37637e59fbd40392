"""How the bot takes turns: how soon it answers, whom it cuts off, what silences it, and for how long.

    python benchmarks/turn_taking.py [--count 300] [--bot webshop] [--model FOLDER] [--json FILE]

Real recognition and the bot's understanding, one ear on a virtual clock (`turn_taking_ear.py`); what machine
and line add is measured by `call_latency.py` on a real SIP line. Times are in ms, from the caller's last (or
first) voiced sample.

answers      whole answers and requests: until the turn is taken to be over
hesitating   the same, and recorded people's sentences, with a pause of 0.3-1.5 s in the middle. "cut in":
             the bot would be heard in that pause; "joined": of these, the bot fell silent when the caller
             went on, and all was decided again. Whose words before the pause are a whole answer ("ja ...
             dat klopt") are apart: they are to be answered
breaking in  requests while the bot speaks: until it falls silent, and until it stops for good
listening    "ja", "hm", coughs, knocks, and the bot's own echo while it speaks: "stopped" is not resumed
             within 700 ms of its beginning
"medewerker" requests for a human by the voices that no model is trained on: understood as such, also in city
             noise (which was mixed into training) and over the bot; and how often the readers, who ask for
             none, are taken to (our models are trained on them)
digits       five in a row when an order number is asked for: right, taken for another number, or for none
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import turn_taking_cases as cases
import turn_taking_words as words
from echo_false_transfers import speak_greeting
from recognition_figures import percent
from recognition_voices import READERS, Voices
from rich.progress import track
from turn_taking_cases import Case
from turn_taking_ear import Bot, Heard, listen

from voicebot.audio import Samples
from voicebot.dialogue import load_bot
from voicebot.expectation import Completeness
from voicebot.hearing import Floor, Model, choose_model, load_model
from voicebot.house import understanding_of
from voicebot.replay import recordings_folder
from voicebot.speaking import Synthesiser
from voicebot.understanding import Understanding

AUDIBLE_MS = 32
"""From the end of a turn until the caller hears the bot: `call_latency.py` less "answers" here."""
RESUMED_MS = 700
TAIL_MS = 150
"""What a voice may still fade away after its last word can be told."""
ECHO_DB = -20.0
SEED = 6

Figures = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=300, help="cases of each kind")
    parser.add_argument("--bot", default="webshop")
    parser.add_argument(
        "--model",
        type=Path,
        help="folder of a speech model, best the bot's own; default: the one that is used",
    )
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    bot = load_bot(options.bot)
    model, understanding = load_model(choose_model(options.model).path), understanding_of(bot)
    with Synthesiser() as synthesiser, TemporaryDirectory() as kept:
        voices = Voices(synthesiser, None, Path(kept))
        prompt = speak_greeting(bot, synthesiser)
        figures = measure(model, understanding, voices, prompt, recordings_folder(), options.count)
    for name, row in figures.items():
        print(f"{name:22}", "  ".join(f"{key} {value}" for key, value in row.items()))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


def measure(
    model: Model, understanding: Understanding, voices: Voices, prompt: Samples, people: Path, count: int
) -> dict[str, Figures]:
    """Return all figures, by what was tried."""

    def alone(name: str, drawn: Iterable[Case]) -> list[tuple[Case, Heard]]:
        return [
            (case, listen(model, understanding, case.sound, case.expectation))
            for case in track(list(drawn), name)
        ]

    def over(name: str, drawn: Iterable[Case], echo_db: float | None = -30.0) -> list[tuple[Case, Heard]]:
        long = np.concatenate((prompt, prompt))
        return [
            (case, listen(model, understanding, case.sound, case.expectation, Bot(long, echo_db=echo_db)))
            for case in track(list(drawn), name)
        ]

    def is_whole(case: Case) -> bool:
        before, _ = case.name.split(cases.PAUSE)
        return understanding.completeness(case.expectation, before) is Completeness.COMPLETE

    pausing = list(cases.hesitating(voices, count + count // 4, SEED))
    hesitating = [case for case in pausing if not is_whole(case)][:count]
    found = {
        "answers": responses(alone("answers", cases.complete(voices, count, SEED))),
        "hesitating": cut_ins(alone("hesitating", hesitating)),
        "whole before a pause": cut_ins(alone("whole", filter(is_whole, pausing))),
    }
    if people.is_dir():
        drawn = cases.hesitating_people(people, list(READERS), count, SEED)
        found["hesitating people"] = cut_ins(alone("hesitating people", drawn))
    found["breaking in"] = interruptions(over("breaking in", cases.requests(voices, count, SEED)))
    found["signs of listening"] = false_stops(
        over("signs of listening", cases.backchannels(voices, count, SEED))
    )
    found["coughs and knocks"] = false_stops(over("coughs and knocks", cases.coughs(count, SEED)))
    found[f"echo at {ECHO_DB:.0f} dB"] = echoes(over("echo", cases.silences(count // 10), ECHO_DB))
    bot = Bot(np.concatenate((prompt, prompt)), echo_db=-30.0)
    return found | words.measure(words.Ear(model, understanding), voices, bot, people, count, SEED)


def responses(tried: Sequence[tuple[Case, Heard]]) -> Figures:
    """Return how long whole answers wait; one that ended in several pieces counts from its end, too."""
    waits = [heard.ended_ms[-1] - case.ends_ms for case, heard in tried if heard.ended_ms]
    early = sum(
        heard.ended_ms[0] + AUDIBLE_MS < case.ends_ms - TAIL_MS for case, heard in tried if heard.ended_ms
    )
    return {
        "n": len(tried),
        **percentiles(waits),
        "at the ear p50": round(float(np.percentile(waits, 50)) + AUDIBLE_MS),
        "p95 at the ear": round(float(np.percentile(waits, 95)) + AUDIBLE_MS),
        "ended too soon": early,
        "not heard": sum(not heard.ended_ms for _, heard in tried),
    }


def cut_ins(tried: Sequence[tuple[Case, Heard]]) -> Figures:
    """Return in how many pauses the bot is heard."""
    cut = joined = 0
    for case, heard in tried:
        assert case.pause_ms is not None
        begins, ends = case.pause_ms
        inside = [at for at in heard.ended_ms if begins < at and at + AUDIBLE_MS < ends]
        cut += bool(inside)
        joined += bool(inside) and any(at > inside[0] for at in heard.continued_ms)
    return {"n": len(tried), "cut in": cut, "%": percent(cut, len(tried)), "of these joined": joined}


def interruptions(tried: Sequence[tuple[Case, Heard]]) -> Figures:
    """Return how soon the bot falls silent, and stops for good."""
    paused = [(heard.floor_ms(Floor.PAUSE), case) for case, heard in tried]
    stopped = [(heard.floor_ms(Floor.STOP), case) for case, heard in tried]
    return {
        "n": len(tried),
        "silent": percentiles([at - case.begins_ms for at, case in paused if at is not None]),
        "decided": percentiles([at - case.begins_ms for at, case in stopped if at is not None]),
        "never stopped": sum(at is None for at, _ in stopped),
    }


def false_stops(tried: Sequence[tuple[Case, Heard]]) -> Figures:
    """Return how often the bot did not go on in time."""
    paused = [(case, heard) for case, heard in tried if heard.floors]
    late = [(case, heard) for case, heard in paused if not _resumed(case, heard)]
    stopped = {"stopped": len(late), "%": percent(len(late), len(tried))}
    return {"n": len(tried), "paused": len(paused), **stopped}


def echoes(tried: Sequence[tuple[Case, Heard]]) -> Figures:
    """Return how often the bot is silenced by itself."""
    return {
        "n": len(tried),
        "paused": sum(bool(heard.floors) for _, heard in tried),
        "stopped": sum(heard.floor_ms(Floor.STOP) is not None for _, heard in tried),
    }


def _resumed(case: Case, heard: Heard) -> bool:
    at = heard.floor_ms(Floor.RESUME)
    return heard.floor_ms(Floor.STOP) is None and at is not None and at - case.begins_ms <= RESUMED_MS


def percentiles(values: Sequence[float]) -> Figures:
    """Return the median and the 95th percentile, in ms."""
    return {f"p{cut}": round(float(np.percentile(values, cut))) for cut in (50, 95)} if values else {}


if __name__ == "__main__":
    sys.exit(main())
