"""Whether the bot's own greeting, echoed by the line, is ever taken for the caller.

    python benchmarks/echo_false_transfers.py [--calls 300] [--json]

The webshop's greeting, which names "medewerker", comes back at -12 to -30 dB after 0 to 300 ms, through A-law
and noise; every third call loses 1 % of the frames on each side. Counted: calls in which speech was heard at
all, calls with any text, and calls with "medewerker" in it, which would have gone to a human. As a check on
deafness, in a fifth as many calls more a caller (another voice, at most 6 dB under the bot's own) says
"medewerker" over the echoed greeting: those must be heard. The exit code is 1 when an echo transferred or a
caller was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from voicebot.audio import FRAME_MS, FRAME_SAMPLES, RATE, Samples, alaw_decode, alaw_encode, to_samples
from voicebot.clock import run_virtual
from voicebot.dialogue import Bot, load_bot
from voicebot.events import Event, UtteranceEnded
from voicebot.hearing import Listener, Model, Recogniser, choose_model, load_model
from voicebot.house import understanding_of
from voicebot.speaking import Synthesiser, Voice, normalise, sentences
from voicebot.understanding import Understanding

T = TypeVar("T")

LEVELS_DB = (-12, -15, -18, -24, -30)
LOSS = 0.01
CALLERS = ("nl+f2", "nl+m3", "nl+f4")
WORD = "medewerker"


@dataclass(frozen=True)
class Line:
    """How one call echoes."""

    level_db: int
    delay_ms: float
    loss: float
    caller: Samples | None


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    options = parser.parse_args()
    model, bot = load_model(choose_model(None).path), load_bot("webshop")
    understanding = understanding_of(bot)
    with Synthesiser() as synthesiser:
        greeting = speak_greeting(bot, synthesiser)
        callers = [synthesiser.speak(WORD, Voice(name, 150)) for name in CALLERS]
    started = time.process_time()
    calls = [
        (line, listen(model, understanding, greeting, line, seed))
        for seed, line in enumerate(lines(options.calls, callers))
    ]
    figures = summarise(calls)
    seconds = len(calls) * greeting.size / RATE
    figures["cpu_ms_per_second"] = round(1000 * (time.process_time() - started) / seconds, 1)
    if not options.json:
        print_table(calls)
    print(json.dumps(figures))
    return 1 if figures["transfers"] or figures["callers_heard"] < figures["callers"] else 0


def speak_greeting(bot: Bot, synthesiser: Synthesiser) -> Samples:
    voice = Voice(bot.voice.name, bot.voice.rate_wpm)
    spoken = [
        synthesiser.speak(text, voice) for text in sentences(normalise(bot.prompts.disclosure, bot.respell))
    ]
    samples: Samples = np.concatenate([*spoken, np.zeros(RATE, np.int16)])
    return samples[: samples.size - samples.size % FRAME_SAMPLES]


def lines(calls: int, callers: list[Samples]) -> list[Line]:
    """Spread levels, losses and delays evenly over the calls without a caller, and over those with one."""
    return [
        Line(
            LEVELS_DB[call % len(LEVELS_DB)],
            300.0 * call / max(1, count - 1),
            LOSS if call % 3 == 2 else 0.0,
            callers[call % len(callers)] if spoken else None,
        )
        for spoken, count in ((False, calls), (True, calls // 5))
        for call in range(count)
    ]


def echoed(greeting: Samples, line: Line, random: np.random.Generator) -> Samples:
    """Return what the line brings back."""
    delay = round(line.delay_ms * RATE / 1000)
    heard = np.concatenate((np.zeros(delay), greeting * 10 ** (line.level_db / 20)))[: greeting.size]
    if line.caller is not None:
        place = int(random.integers(RATE, greeting.size - 2 * RATE - line.caller.size))
        heard[place : place + line.caller.size] += line.caller * 10 ** (random.uniform(-6, 0) / 20)
    return alaw_decode(alaw_encode(to_samples(heard + random.normal(0, 5, heard.size))))


def listen(
    model: Model, understanding: Understanding, greeting: Samples, line: Line, seed: int
) -> list[Event]:
    """Return what a Listener tells while the greeting is spoken."""
    random = np.random.default_rng(seed)
    received = echoed(greeting, line, random)
    events: list[Event] = []

    async def inline(work: Callable[[], T], /) -> T:
        return work()

    async def call() -> None:
        ear = Listener(Recogniser(model), inline, events.append, lambda floor: None, understanding)
        ear.prompt_changed(1)
        listening = asyncio.create_task(ear.run())
        for start in range(0, greeting.size, FRAME_SAMPLES):
            if random.random() >= line.loss:
                ear.bot_frame(greeting[start : start + FRAME_SAMPLES].tobytes())
            await asyncio.sleep(FRAME_MS / 1000)
            if random.random() >= line.loss:
                ear.hear(received[start : start + FRAME_SAMPLES].tobytes())
        await asyncio.sleep(1)
        listening.cancel()

    run_virtual(call())
    return events


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, UtteranceEnded)]


def summarise(calls: list[tuple[Line, list[Event]]]) -> dict[str, float]:
    echoes = [texts(events) for line, events in calls if line.caller is None]
    spoken = [texts(events) for line, events in calls if line.caller is not None]
    return {
        "echoes": len(echoes),
        "speech_heard": sum(bool(heard) for heard in echoes),
        "with_text": sum(any(heard) for heard in echoes),
        "transfers": sum(WORD in " ".join(heard) for heard in echoes),
        "callers": len(spoken),
        "callers_heard": sum(WORD in " ".join(heard) for heard in spoken),
    }


def print_table(calls: list[tuple[Line, list[Event]]]) -> None:
    print(f"{'echo':>8}{'loss':>6}{'calls':>7}{'speech':>8}{'text':>6}{'transfers':>11}")
    for level in LEVELS_DB:
        for loss in (0.0, LOSS):
            group = summarise([call for call in calls if (call[0].level_db, call[0].loss) == (level, loss)])
            print(
                f"{level:>5} dB{loss:>6.0%}{group['echoes']:>7}{group['speech_heard']:>8}"
                f"{group['with_text']:>6}{group['transfers']:>11}"
            )


if __name__ == "__main__":
    sys.exit(main())
