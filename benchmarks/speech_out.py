"""How soon the bot's voice is heard, also when speech processes die, and whether it can be understood.

    python benchmarks/speech_out.py [--voice NAME] [--kills 200] [--model FOLDER] [--json FILE]

first audio   from `Speaker.say` until the first frame of the prompt leaves for the line (frames leave every
              20 ms): a prompt from the cache, a new sentence alone, and new sentences of 20 callers at once
killed        the same 20 callers talk on while a speech process is killed or stopped again and again: until
              the first frame, and the longest silence inside a prompt beyond its own
round trip    all sentences of the bot, spoken by its voice over an A-law line, heard back by its own speech
              model: word accuracy, and the ten worst with what was heard
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from recognition_figures import align, percent

from voicebot.audio import FRAME_MS, telephone
from voicebot.bot_model import open_bot_model
from voicebot.callers import heard_words
from voicebot.clock import WallClock
from voicebot.dialogue import Bot, load_bot
from voicebot.dialogue.steps import ConfirmSpec, RetrySpec, SaySpec, walk
from voicebot.events import Event, PromptFinished, PromptStarted, Say
from voicebot.hearing import Recogniser, choose_model, load_model
from voicebot.speaking import Player, PromptCache, Speaker, Synthesiser, Voice, normalise, sentences
from voicebot.values import fill

BOT = "webshop"
CALLERS = 20
ALONE = 100
EACH = 5
"""Prompts of each of the callers at once, in a round."""
SPEECH_PROCESSES = 2
"""As a worker has them by default."""
KILL_EVERY_S = 1.0
WORDS = ("bestelling", "fiets", "morgen", "winkel", "pakket", "adres", "factuur", "avond", "collega", "lamp")
VALUES = {
    "order_number": "12345",
    "delivery_day": "morgen",
    "window": "tussen 14:00 en 16:00",
    "carrier": "de bezorger",
}
"""For the places in the bot's sentences."""

Figures = dict[str, Any]


class Line:
    """One caller's end: when prompts begin and end, and where there is sound."""

    def __init__(self, synthesiser: Synthesiser, voice: Voice, clock: WallClock) -> None:
        self._asked: dict[int, float] = {}
        self.first_ms: list[float] = []
        self.longest_gap_ms = 0
        """The longest silence inside a prompt, the pauses that belong there too."""
        self._quiet = 0
        self._speaking = False
        self._done = asyncio.Event()
        self.player = Player(self._send, self._tell, lambda frame: None)
        self.speaker = Speaker(self.player, synthesiser, voice, clock.run)

    async def say(self, number: int, text: str, *, personal: bool, brief: bool) -> None:
        """Say a prompt and wait until it is over, or only begun if `brief`; a personal one is never kept."""
        self._done.clear()
        self._asked[number] = time.monotonic()
        template, values = ("{text}", {"text": text}) if personal else (text, {})
        self.speaker.say(Say(number, "prompt", template, values))
        if brief:
            while len(self.first_ms) < number:
                await asyncio.sleep(0.02)
            self.speaker.stop()
        else:
            await self._done.wait()

    def _tell(self, event: Event) -> None:
        match event:
            case PromptStarted(prompt=prompt):
                self.first_ms.append(1000 * (time.monotonic() - self._asked[prompt]))
                self._speaking, self._quiet = True, 0
            case PromptFinished():
                self._speaking = False
                self._done.set()

    def _send(self, frame: bytes) -> None:
        self._quiet = 0 if any(frame) else self._quiet + FRAME_MS
        if self._speaking:
            self.longest_gap_ms = max(self.longest_gap_ms, self._quiet)


def texts(seed: int) -> Iterator[str]:
    """Yield two sentences at a time that nobody ever said before."""
    chance = random.Random(seed)
    while True:
        yield " ".join(chance.choices(WORDS, k=6)).capitalize() + f". Dat is {chance.randrange(10**6)}."


async def talk(line: Line, said: list[str], *, personal: bool, brief: bool = False) -> None:
    """Say prompts one after another."""
    running = [asyncio.create_task(line.player.run()), asyncio.create_task(line.speaker.run())]
    talking = asyncio.create_task(_say_all(line, said, personal=personal, brief=brief))
    await asyncio.wait([talking, *running], return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        if task.done():
            task.result()  # speech failed for good
        task.cancel()
    await talking


async def _say_all(line: Line, said: list[str], *, personal: bool, brief: bool) -> None:
    for number, text in enumerate(said, start=1):
        await line.say(number, text, personal=personal, brief=brief)
        await asyncio.sleep(0.2)


async def alone(synthesiser: Synthesiser, voice: Voice, said: list[str], *, personal: bool) -> Figures:
    """Return how soon one caller hears prompts."""
    line = Line(synthesiser, voice, WallClock())
    await talk(line, said, personal=personal, brief=True)
    return percentiles(line.first_ms)


async def at_once(synthesiser: Synthesiser, voice: Voice, kills: int) -> Figures:
    """Return how soon 20 callers hear new sentences, while speech processes are killed `kills` times."""
    clock, made = WallClock(), texts(7)
    lines: list[Line] = []
    killer = Killer(kills)
    killing = asyncio.create_task(killer.run())
    voiceless = 0
    while True:
        calling = [Line(synthesiser, voice, clock) for _ in range(CALLERS)]
        lines += calling
        prompts = [list(itertools.islice(made, EACH)) for _ in calling]
        talks = (talk(line, said, personal=True) for line, said in zip(calling, prompts, strict=True))
        ends = await asyncio.gather(*talks, return_exceptions=True)
        voiceless += sum(isinstance(end, BaseException) for end in ends)
        if killing.done():
            break
    figures = percentiles([ms for line in lines for ms in line.first_ms])
    longest = max(line.longest_gap_ms for line in lines)
    return figures | {"longest silence in a prompt": longest, "killed": killer.killed, "voiceless": voiceless}


class Killer:
    """Kills a speech process, or stops it so that it hangs, again and again."""

    def __init__(self, times: int) -> None:
        self._times = times
        self.killed = 0

    async def run(self) -> None:
        """Kill until it was often enough."""
        chance = random.Random(3)
        for number in range(self._times):
            await asyncio.sleep(KILL_EVERY_S)
            if victims := _speech_processes():
                os.kill(chance.choice(victims), signal.SIGKILL if number % 4 else signal.SIGSTOP)
                self.killed += 1


def _speech_processes() -> list[int]:
    """Return the process ids of our speech processes, whichever thread started them."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = (int(pid) for task in tasks for pid in task.read_text().split())
    return [pid for pid in children if b"workers/serve.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def round_trip(bot: Bot, synthesiser: Synthesiser, voice: Voice, model: Path) -> tuple[Figures, list[str]]:
    """Return how many of the bot's own words its model hears, and the ten sentences that it hears worst."""
    recogniser = Recogniser(load_model(model))
    right = count = 0
    told: list[tuple[float, str]] = []
    for text in _all_sentences(bot):
        said = heard_words(text)
        recogniser.start()
        recogniser.accept(telephone(synthesiser.speak(text, voice)))
        heard = recogniser.finish().text
        good = sum(align(tuple(said), tuple(heard.split())).right)
        right, count = right + good, count + len(said)
        told.append((good / len(said), f"{good}/{len(said)}  {' '.join(said)}  ->  {heard}"))
    told.sort()
    return {"words": count, "right": percent(right, count)}, [line for _, line in told[:10]]


def _all_sentences(bot: Bot) -> list[str]:
    """Return every sentence of the bot, with values in its places."""
    texts = [text for _, _, text in bot.fixed_prompts()]
    for flow in bot.flows.values():
        texts += [
            step.say
            for step in walk(flow)
            if isinstance(step, SaySpec | ConfirmSpec | RetrySpec) and step.say
        ]
    spoken = [part for text in texts for part in sentences(normalise(fill(text, VALUES, reveal=True)))]
    return list(dict.fromkeys(part for part in spoken if heard_words(part)))


def percentiles(values: list[float]) -> Figures:
    """Return n, the median, the 95th percentile and the largest, in ms."""
    p50, p95 = np.percentile(values, (50, 95))
    return {"n": len(values), "p50": round(p50), "p95": round(p95), "max": round(max(values))}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voice", help="one of `voicebot voices list`; default: the bot's own")
    parser.add_argument("--kills", type=int, default=200, help="speech processes to kill, one a second")
    parser.add_argument("--model", type=Path, help="folder of a speech model; default: the best here")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    bot = load_bot(BOT)
    voice = Voice(options.voice or bot.voice.name, bot.voice.rate_wpm)
    with (
        tempfile.TemporaryDirectory() as folder,
        Synthesiser(SPEECH_PROCESSES, PromptCache(Path(folder) / "prompts")) as synthesiser,
        open_bot_model(BOT, choose_model(options.model).path, Path(folder), _tell) as own,
    ):
        figures = asyncio.run(sound(synthesiser, voice, options.kills))
        figures["round trip"], worst = round_trip(bot, synthesiser, voice, own.path)
    for name, row in figures.items():
        print(f"{name:28}", "  ".join(f"{key} {value}" for key, value in row.items()))
    print("heard worst:", *worst, sep="\n  ")
    if options.json:
        options.json.write_text(json.dumps(figures | {"heard worst": worst}, indent=1, ensure_ascii=False))
    return 0


async def sound(synthesiser: Synthesiser, voice: Voice, kills: int) -> dict[str, Figures]:
    """Return all figures about time."""
    made = texts(1)
    known = list(itertools.islice(made, 1))
    _tell("from the cache, and new sentences alone")
    await alone(synthesiser, voice, known, personal=False)
    found = {
        "cached": await alone(synthesiser, voice, known * ALONE, personal=False),
        "new, alone": await alone(synthesiser, voice, list(itertools.islice(made, ALONE)), personal=True),
    }
    _tell(f"{CALLERS} at once")
    found[f"new, {CALLERS} at once"] = await at_once(synthesiser, voice, 0)
    _tell(f"{CALLERS} at once, with {kills} speech processes killed")
    found[f"{CALLERS} at once, killed"] = await at_once(synthesiser, voice, kills)
    return found


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
