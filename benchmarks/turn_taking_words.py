"""What comes through the ear of a call, in turn_taking.py: requests for a human, and numbers.

Through the whole ear, with the bot's understanding, as on the telephone: a request that is cut in two, or
passed over while the bot speaks, is not heard.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import recognition_sets as sets
from recognition_figures import per_hour, percent
from recognition_voices import (
    DIGITS,
    READERS,
    RESERVED,
    Utterance,
    Voices,
    joined,
    no_speech,
    read_sentences,
    spoken_words,
)
from rich.progress import track
from turn_taking_cases import OPEN, ORDER, Case, quiet
from turn_taking_ear import Bot, listen

from voicebot.audio import RATE, Samples, rms_dbfs, telephone, to_samples
from voicebot.hearing import Model
from voicebot.understanding import Understanding

Row = dict[str, str | int]
SNR_DB = 10.0
NOISE_S = 24.0
LENGTH = 5
HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Ear:
    """What hears."""

    model: Model
    understanding: Understanding

    def meanings(self, case: Case, bot: Bot | None = None) -> list[str | None]:
        """Return the intents of what a caller says."""
        heard = listen(self.model, self.understanding, case.sound, case.expectation, bot)
        return [self.understanding.understand(text, case.expectation).intent for text in heard.texts]

    def number(self, case: Case) -> str | None:
        """Return the number that a caller tells."""
        heard = listen(self.model, self.understanding, case.sound, case.expectation)
        slot = str(case.expectation.slot)
        found = (
            self.understanding.understand(text, case.expectation).slots.get(slot) for text in heard.texts
        )
        return next((value for value in found if value), None)


def measure(ear: Ear, voices: Voices, bot: Bot, people: Path, count: int, seed: int) -> dict[str, Row]:
    """Return how often requests and numbers are heard; what needs recordings only where they are."""
    has_people = people.is_dir()
    asking = list(_requests(voices, count, seed))
    digits = list(_numbers(voices, count, seed))
    found = {
        '"medewerker"': _recall(ear, asking, "medewerker"),
        '"medewerker" over the bot': _recall(ear, asking, "medewerker over the bot", bot),
        "digits": _exact(ear, digits, "digits"),
    }
    if has_people:
        city = no_speech(people, "ambience:city", NOISE_S)[0].sound()
        noisy = partial(_in_noise, city, random.Random(seed))
        found['"medewerker" at 10 dB'] = _recall(ear, map(noisy, asking), "medewerker at 10 dB")
        found["digits at 10 dB"] = _exact(
            ear, ((noisy(case), said) for case, said in digits), "digits at 10 dB"
        )
        found["digits, people"] = _exact(ear, _numbers_of_people(people, count // 2, seed), "digits, people")
        found["false requests, readers"] = _false(ear, _sentences(people))
    return found


def _recall(ear: Ear, said: Iterable[Case], name: str, bot: Bot | None = None) -> Row:
    right = [HUMAN in ear.meanings(case, bot) for case in track(list(said), name)]
    return {"n": len(right), "heard": sum(right), "%": percent(sum(right), len(right))}


def _exact(ear: Ear, said: Iterable[tuple[Case, str]], name: str) -> Row:
    heard = [(ear.number(case), number) for case, number in track(list(said), name)]
    right, none = sum(one == number for one, number in heard), sum(one is None for one, _ in heard)
    return {
        "n": len(heard),
        "right": right,
        "%": percent(right, len(heard)),
        "another": len(heard) - right - none,
        "none": none,
    }


def _false(ear: Ear, said: Iterable[tuple[Case, str]]) -> Row:
    """Return how often a human is heard to be asked for by who does not."""
    others = [case for case, text in said if ear.understanding.understand(text, OPEN).intent != HUMAN]
    false = sum(HUMAN in ear.meanings(case) for case in track(others, "false requests"))
    hours = sum(case.sound.size for case in others) / RATE / 3600
    rate = per_hour(false, hours)
    return {
        "hours": f"{hours:.2f}",
        "heard": false,
        "an hour": f"{rate.value:.1f} [{rate.low:.1f}-{rate.high:.1f}]",
    }


def _requests(voices: Voices, count: int, seed: int) -> Iterable[Case]:
    for number in range(count):
        text, voice = sets.WISHES[number % len(sets.WISHES)], RESERVED[number // 10 % len(RESERVED)]
        yield quiet(text, voices.utterance(text, voice).sound(), OPEN, seed)


def _numbers(voices: Voices, count: int, seed: int) -> Iterable[tuple[Case, str]]:
    chance = random.Random(seed)
    for number in range(count):
        digits = [chance.choice(DIGITS) for _ in range(LENGTH)]
        sound = voices.utterance(" ".join(digits), RESERVED[number % len(RESERVED)]).sound()
        yield quiet(" ".join(digits), sound, ORDER, seed), _written(digits)


def _numbers_of_people(folder: Path, count: int, seed: int) -> Iterable[tuple[Case, str]]:
    """Yield numbers joined of the isolated digits of those who said all ten."""
    chance = random.Random(seed)
    speakers: dict[str, dict[str, Utterance]] = {}
    for word in spoken_words(folder):
        speakers.setdefault(word.speaker, {}).setdefault(word.text, word)
    able = [words for words in speakers.values() if {*DIGITS} <= words.keys()]
    for _ in range(count if able else 0):
        digits = [chance.choice(DIGITS) for _ in range(LENGTH)]
        words = chance.choice(able)
        said = joined([words[digit] for digit in digits])
        yield quiet(said.name, said.sound(), ORDER, seed), _written(digits)


def _sentences(folder: Path) -> Iterable[tuple[Case, str]]:
    for reader in READERS:
        for one in read_sentences(folder, reader):
            yield quiet(one.name, one.sound(), OPEN, 0), one.text


def _in_noise(noise: Samples, chance: random.Random, case: Case) -> Case:
    """Return a case in noise from its beginning to long after its end, `SNR_DB` under the voice."""
    spoken = case.sound[round(case.begins_ms * RATE / 1000) :]
    size = case.sound.size + 2 * RATE
    begin = chance.randrange(noise.size)
    around = np.resize(np.roll(noise, -begin), size).astype(np.float64)
    louder = 10 ** ((rms_dbfs(spoken) - SNR_DB - rms_dbfs(noise)) / 20)
    mixed = louder * around
    mixed[: case.sound.size] += case.sound
    return replace(case, sound=telephone(to_samples(mixed)))


def _written(digits: Sequence[str]) -> str:
    return "".join(str(DIGITS.index(digit)) for digit in digits)
