"""Cases of turn_taking.py over real SIP and Asterisk, and before its ear alone: do they agree.

    python benchmarks/turn_taking_line.py [--count 50] [--lines 2] [--json FILE]

Each case is a call of its own to the webshop's bot, with recognition, dialogue, speech and playing in it.
Whole and hesitating requests are said at the opening question, the others in the midst of an answer.

cut in     the bot is heard in the caller's pause; compared where there is one
answer     from the caller's last voiced sample until the bot is heard; the ear's is the end of the turn, and
           what machine and line add (`AUDIBLE_MS`)
goes on    the bot is heard again within 900 ms of the beginning of who speaks over it

They agree when "cut in" and "goes on" are the same, and answers lie within 150 ms of each other.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import turn_taking_cases as cases
from call_latency import ANSWER_S, QUIET_S, Ear, now, say
from echo_false_transfers import speak_greeting
from recognition_figures import percent
from recognition_voices import READERS, Voices
from rich.progress import Progress
from turn_taking import AUDIBLE_MS, SEED
from turn_taking_cases import OPEN, Case
from turn_taking_ear import Bot, listen

from voicebot.audio import RATE, read_audio
from voicebot.bot_model import open_bot_model
from voicebot.demo import Stage, open_stage
from voicebot.dialogue import load_bot
from voicebot.hearing import Floor, choose_model, load_model
from voicebot.house import understanding_of
from voicebot.replay import recordings_folder, voiced_edges
from voicebot.speaking import Synthesiser
from voicebot.telephony import SipPhone, find_asterisk

QUESTION = Path(__file__).parents[1] / "audio_fixtures" / "webshop" / "wat_zijn_de_openingstijden.flac"
BOT = "webshop"
CLOSE_MS = 150
GOES_ON_MS = 900
INTO_ANSWER_S = 1.0
AFTER_S = 3.0


@dataclass(frozen=True, slots=True)
class Trial:
    """A case, and whether it is said over the bot."""

    case: Case
    over_bot: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the bot did about it."""

    cut_in: bool = False
    answer_ms: float | None = None
    goes_on: bool = False


def draw(voices: Voices, people: Path, count: int) -> list[Trial]:
    """Return so many cases, of all kinds."""

    def open_ones(drawn: Iterator[Case], share: float) -> list[Case]:
        return list(
            itertools.islice((case for case in drawn if case.expectation == OPEN), int(share * count))
        )

    many = 20 * count
    read = cases.hesitating_people(people, list(READERS), count, SEED) if people.is_dir() else iter(())
    first = [
        *open_ones(cases.complete(voices, many, SEED), 0.3),
        *open_ones(cases.hesitating(voices, many, SEED), 0.2),
        *open_ones(read, 0.1),
    ]
    over = [
        *open_ones(cases.requests(voices, many, SEED), 0.2),
        *open_ones(cases.backchannels(voices, count, SEED), 0.1),
        *open_ones(cases.coughs(count, SEED), 0.1),
    ]
    return [Trial(case, False) for case in first] + [Trial(case, True) for case in over]


def by_ear(trials: list[Trial]) -> list[Verdict]:
    """Return what the bot would do, by the ear alone."""
    bot = load_bot(BOT)
    understanding = understanding_of(bot)
    with Synthesiser() as synthesiser, tempfile.TemporaryDirectory() as folder:
        prompt = speak_greeting(bot, synthesiser)
        with open_bot_model(BOT, choose_model(None).path, Path(folder), print) as found:
            model = load_model(found.path)
            speaking = Bot(np.concatenate((prompt, prompt)))
            verdicts = []
            for trial in trials:
                case = trial.case
                heard = listen(
                    model, understanding, case.sound, case.expectation, speaking if trial.over_bot else None
                )
                if trial.over_bot:
                    resumed = heard.floor_ms(Floor.RESUME)
                    on = resumed is not None and resumed - case.begins_ms + AUDIBLE_MS <= GOES_ON_MS
                    verdicts.append(Verdict(goes_on=on or not heard.floors))
                else:
                    heard_at = [at + AUDIBLE_MS for at in heard.ended_ms]
                    verdicts.append(_verdict(case, heard_at))
    return verdicts


def _verdict(case: Case, bot_begins: list[float]) -> Verdict:
    """Return what became of a case over which nobody spoke, by when the bot began to speak."""
    low, high = case.pause_ms or (0.0, 0.0)
    after = [at - case.ends_ms for at in bot_begins if at > max(high, case.begins_ms)]
    return Verdict(any(low < at < high for at in bot_begins), after[0] if after else None)


async def on_line(stage: Stage, trial: Trial) -> Verdict:
    """Return what the bot did in a call."""
    async with SipPhone("caller", stage.sip) as phone:
        call = await phone.call(stage.number)
        ear, case = Ear(), trial.case
        call.stream.on_frame = ear.hear
        await ear.speaks(now(), ANSWER_S)
        await ear.quiet(QUIET_S)
        if trial.over_bot:
            _, asked = await say(call, read_audio(QUESTION))
            await ear.speaks(asked, ANSWER_S)
            await asyncio.sleep(INTO_ANSWER_S)
        _, ended = await say(call, case.sound)
        span = voiced_edges(case.sound)
        assert span is not None
        began = ended - (span[1] + 1) / RATE
        await asyncio.sleep(AFTER_S)
        await call.hang_up()
        heard = [(1000 * (begin - began), 1000 * (end - began)) for begin, end in ear.voiced]
    if trial.over_bot:
        return Verdict(goes_on=_goes_on(case, heard))
    gaps = zip([(0.0, 0.0), *heard], heard, strict=False)
    return _verdict(case, [begin for (_, end), (begin, _) in gaps if begin > 0 and begin - end > 100])


def _goes_on(case: Case, heard: list[tuple[float, float]]) -> bool:
    """Return whether the bot still speaks when it should have gone on."""
    return any(GOES_ON_MS - 200 <= begin - case.begins_ms <= GOES_ON_MS + 100 for begin, _ in heard)


async def call_all(trials: list[Trial], lines: int) -> list[Verdict]:
    """Return what the bot did in each call, so many at once."""
    install = find_asterisk()
    if install is None:
        raise SystemExit("turn_taking_line: no Asterisk here; run scripts/install-asterisk .asterisk")
    free = asyncio.Semaphore(lines)
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        async with open_stage(install, Path(folder), bot=BOT, bind="127.0.0.1", tell=lambda _: None) as stage:
            bar = progress.add_task("calls", total=len(trials))

            async def one(trial: Trial) -> Verdict:
                async with free:
                    verdict = await on_line(stage, trial)
                    progress.advance(bar)
                    return verdict

            return list(await asyncio.gather(*map(one, trials)))


def agree(line: Verdict, ear: Verdict) -> bool:
    """Return whether the line bears the ear out."""
    if (line.cut_in, line.goes_on) != (ear.cut_in, ear.goes_on):
        return False
    if line.answer_ms is None or ear.answer_ms is None:
        return line.answer_ms is ear.answer_ms
    return abs(line.answer_ms - ear.answer_ms) <= CLOSE_MS


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=50, help="cases in all")
    parser.add_argument("--lines", type=int, default=2, help="calls at once")
    parser.add_argument("--json", type=Path, help="write every case here")
    options = parser.parse_args()
    with Synthesiser() as synthesiser, tempfile.TemporaryDirectory() as kept:
        trials = draw(Voices(synthesiser, None, Path(kept)), recordings_folder(), options.count)
    ear = by_ear(trials)
    line = asyncio.run(call_all(trials, options.lines))
    rows = [
        {"case": trial.case.name, "over bot": trial.over_bot, "line": asdict(one), "ear": asdict(other)}
        for trial, one, other in zip(trials, line, ear, strict=True)
    ]
    agreed = [agree(one, other) for one, other in zip(line, ear, strict=True)]
    for row, same in zip(rows, agreed, strict=True):
        if not same:
            print(json.dumps(row, ensure_ascii=False))
    apart = [
        abs(one.answer_ms - other.answer_ms)
        for one, other in zip(line, ear, strict=True)
        if one.answer_ms is not None and other.answer_ms is not None
    ]
    print(f"{sum(agreed)} of {len(agreed)} agree: {percent(sum(agreed), len(agreed))}")
    print(f"answers apart: p50 {np.percentile(apart, 50):.0f} ms, p95 {np.percentile(apart, 95):.0f} ms")
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
