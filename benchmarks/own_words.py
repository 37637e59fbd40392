"""What a speech model gains when it learns the words of a bot that it was not made for.

    python benchmarks/own_words.py [--model DIR] [--utterances 300] [--json]

The bot is a town hall (own_words.txt), which nothing in voicebot was written for. Sentences are drawn from
what the model is adapted to: this is about words, not about how people put things. Voices of espeak-ng, over
a telephone line with noise, recognised without a grammar; shown are word error rate and whole utterances.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from voicebot.audio import RATE, Samples, telephone
from voicebot.hearing import Recogniser, choose_model, load_model
from voicebot.modelling import Espeak, adapt_model
from voicebot.speaking import for_espeak
from voicebot.understanding import IntentSpec, SlotSpec, example_sentences

TEMPLATES = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
INTENTS = {f"wish {number}": IntentSpec((template,)) for number, template in enumerate(TEMPLATES)}
SLOTS = {"customer": SlotSpec("digits", 6), "postcode": SlotSpec("postcode")}
VOICES = ("nl+f3", "nl+m4", "nl+m7", "nl+f1")
NOISE = 60.0
"""Standard deviation, of samples whose voice is at half of espeak's level."""
HESITATIONS = ("eh", "ehm", "hm")
Said = Sequence[tuple[str, str]]
"""(kind, sentence)"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help="folder of a model; default: the best here")
    parser.add_argument("--utterances", type=int, default=300)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    options = parser.parse_args()
    base = choose_model(options.model).path
    with tempfile.TemporaryDirectory() as folder, Espeak() as espeak:
        said = drawn(options.utterances)
        sounds = [sound(espeak, text, number) for number, (_, text) in enumerate(said)]
        started = time.process_time()
        adapted = Path(folder) / "adapted"
        adapt_model(
            base,
            adapted,
            example_sentences(INTENTS, SLOTS),
            lambda word: espeak.pronounce(for_espeak(word)),
            {},
        )
        result: dict[str, Any] = {"adapting_cpu_s": round(time.process_time() - started, 1)}
        result |= {"before": heard(base, said, sounds), "after": heard(adapted, said, sounds)}
    if not options.json:
        for when in ("before", "after"):
            for kind, (count, wer, exact) in result[when].items():
                print(f"{when:7} {kind:7} {100 * wer:5.1f} % word errors, {exact} of {count} whole")
    print(json.dumps(result))
    return 0


def drawn(count: int) -> Said:
    """Return wishes, numbers and postcodes, and both in one breath."""
    anybody = example_sentences({}, {}).keys()
    wishes = example_sentences(INTENTS, {}).keys() - anybody
    answers = example_sentences({}, SLOTS).keys() - anybody
    both = example_sentences(INTENTS, SLOTS).keys() - anybody - wishes - answers
    chance = random.Random(77)
    kinds = {"wish": wishes, "value": answers, "both": both}
    return [
        (kind, text)
        for kind, texts in kinds.items()
        for text in chance.sample(sorted(texts), count // len(kinds))
    ]


def sound(espeak: Espeak, text: str, number: int) -> Samples:
    """Return a sentence in one of the voices, as it comes over the telephone."""
    spoken = espeak.speak(
        text, VOICES[number % 4], rate_wpm=140 + 10 * (number % 4), pitch=40 + 7 * (number % 5)
    )
    voice = soxr.resample(spoken.samples.astype(np.float32), spoken.rate, RATE) / 2
    padded = np.concatenate([np.zeros(RATE // 4), voice, np.zeros(RATE // 4)])
    noise = np.random.default_rng(number).normal(0, NOISE, len(padded))
    return telephone(np.clip(padded + noise, -32768, 32767).astype(np.int16))


def heard(model: Path, said: Said, sounds: Sequence[Samples]) -> dict[str, tuple[int, float, int]]:
    """Return by kind: utterances, word error rate, and how many were heard whole."""
    recogniser = Recogniser(load_model(model))
    figures: dict[str, tuple[int, float, int]] = {}
    for kind in dict.fromkeys(kind for kind, _ in said):
        pairs = list(
            _heard(recogniser, [pair for pair in zip(said, sounds, strict=True) if pair[0][0] == kind])
        )
        wrong = sum(_edits(told, text) for told, text in pairs)
        words = sum(len(told) for told, _ in pairs)
        figures[kind] = len(pairs), round(wrong / words, 4), sum(told == text for told, text in pairs)
    return figures


def _heard(
    recogniser: Recogniser, pairs: Sequence[tuple[tuple[str, str], Samples]]
) -> Iterator[tuple[list[str], list[str]]]:
    for (_, text), samples in pairs:
        recogniser.start(None)
        recogniser.accept(samples)
        yield _meant(text), _meant(recogniser.finish().text)


def _meant(text: str) -> list[str]:
    """Return the words without hesitations."""
    return [word for word in text.split() if word not in HESITATIONS]


def _edits(told: Sequence[str], text: Sequence[str]) -> int:
    """Return the least number of words to put in, leave out or change (Levenshtein 1966)."""
    row = list(range(len(text) + 1))
    for number, word in enumerate(told, start=1):
        before, row[0] = row[0], number
        for at, other in enumerate(text, start=1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1]


if __name__ == "__main__":
    raise SystemExit(main())
