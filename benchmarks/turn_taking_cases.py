"""Who says what, and how, in turn_taking.py. Synthetic voices are those that no model is trained on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from recognition_voices import DIGITS, RESERVED, Voices, Voicing, read_sentences

from voicebot.audio import FRAME_SAMPLES, RATE, Samples, telephone, to_samples
from voicebot.expectation import Expectation

OPEN = Expectation()
ORDER = Expectation("order_number", "digits", 5)
POSTCODE = Expectation("postcode", "postcode")
AGREED = Expectation("order_number", "digits", 5, confirming=True)
WISHES = (
    "waar is mijn bestelling",
    "wanneer komt mijn pakket",
    "wat zijn de openingstijden",
    "ik wil een medewerker spreken",
    "ik heb een klacht over de bezorging",
    "hoe laat zijn jullie open",
    "ik wil mijn bestelling retourneren",
    "medewerker",
    "nee dat was het",
)
ANSWERS = ("ja", "ja hoor", "dat klopt", "ja dat klopt")
BACKCHANNELS = ("ja", "ja ja", "oké", "mm", "hm hm", "ja hoor", "aha", "precies", "is goed", "oh")
RATES_WPM = (110, 200)
PAUSE_MS = (300, 1500)
PAUSE = " | "
"""In a case's name, where the caller hesitates."""
LEAD_MS = 400
"""Of the line's own noise before a caller speaks."""
ROOM = 5.0
"""Standard deviation of that noise: about -76 dBFS."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something a caller says, and where it ends; ms since the first sample."""

    name: str
    sound: Samples
    expectation: Expectation
    begins_ms: float
    ends_ms: float
    pause_ms: tuple[float, float] | None = None
    """From when to when the caller hesitates in it."""


def complete(voices: Voices, count: int, seed: int) -> Iterator[Case]:
    """Yield whole answers and requests, said in one go."""
    for text, expectation, voice in _said(count, seed):
        yield _case(text, [voices.utterance(text, voice).sound()], 0, expectation, seed)


def hesitating(voices: Voices, count: int, seed: int) -> Iterator[Case]:
    """Yield the same with a pause between two words."""
    chance = random.Random(seed)
    drawn = (
        (text, expectation, voice) for text, expectation, voice in _said(10 * count, seed) if " " in text
    )
    for (text, expectation, voice), _ in zip(drawn, range(count), strict=False):
        spoken = text.split()
        cut = chance.randrange(1, len(spoken))
        parts = [voices.utterance(" ".join(part), voice).sound() for part in (spoken[:cut], spoken[cut:])]
        yield _case(
            PAUSE.join((" ".join(spoken[:cut]), " ".join(spoken[cut:]))),
            parts,
            chance.uniform(*PAUSE_MS),
            expectation,
            seed,
        )


def hesitating_people(folder: Path, readers: Sequence[str], count: int, seed: int) -> Iterator[Case]:
    """Yield recorded sentences with a pause where the reader is softest, in the middle half."""
    chance = random.Random(seed)
    said = [one for reader in readers for one in read_sentences(folder, reader)]
    for one in chance.sample(said, count):
        sound = one.sound()
        cut = _softest(sound)
        yield _case(one.name, [sound[:cut], sound[cut:]], chance.uniform(*PAUSE_MS), OPEN, seed)


def backchannels(voices: Voices, count: int, seed: int) -> Iterator[Case]:
    """Yield what listeners say to show that they listen, each time at a speed of its own."""
    chance = random.Random(seed)
    for number in range(count):
        text = BACKCHANNELS[number % len(BACKCHANNELS)]
        voice = RESERVED[number // len(BACKCHANNELS) % len(RESERVED)].voice
        spoken = voices.utterance(text, Voicing(voice, chance.randrange(*RATES_WPM))).sound()
        yield _case(text, [spoken], 0, OPEN, seed)


def coughs(count: int, seed: int) -> Iterator[Case]:
    """Yield bursts of shaped noise like coughs and knocks: made here, as no recordings of them are free."""
    random_ = np.random.default_rng(seed)
    for number in range(count):
        size = int(RATE * random_.uniform(0.08, 0.45))
        noise = np.convolve(
            random_.normal(size=size + 40), random_.normal(size=40) * np.hanning(40), "valid"
        )[:size]
        shaped = noise * np.exp(-np.arange(size) / (size * random_.uniform(0.15, 0.5)))
        sound = (shaped / np.abs(shaped).max() * 32767 * 10 ** (random_.uniform(-20, -3) / 20)).astype(
            np.int16
        )
        yield _case(f"burst {number}", [sound], 0, OPEN, seed)


def requests(voices: Voices, count: int, seed: int) -> Iterator[Case]:
    """Yield what callers say to break in."""
    for text, _, voice in _said(count * 2, seed):
        if text not in ANSWERS and " " in text:
            yield _case(text, [voices.utterance(text, voice).sound()], 0, OPEN, seed)


def quiet(name: str, said: Samples, expectation: Expectation, seed: int) -> Case:
    """Return something said on a quiet line."""
    return _case(name, [said], 0, expectation, seed)


def _said(count: int, seed: int) -> Iterator[tuple[str, Expectation, Voicing]]:
    chance = random.Random(seed)
    for number in range(count):
        digits = [chance.choice(DIGITS) for _ in range(7)]
        letters = [chance.choice("bdfghjklmnprstvwxz") for _ in range(2)]
        text, expectation = (
            (" ".join(digits[:5]), ORDER),
            (" ".join([chance.choice(DIGITS[1:]), *digits[:3], *letters]), POSTCODE),
            (chance.choice(ANSWERS), AGREED),
            (chance.choice(WISHES), OPEN),
            (f"mijn bestelnummer is {' '.join(digits[:5])}", ORDER),
        )[number % 5]
        yield text, expectation, chance.choice(RESERVED)


def _case(text: str, parts: Sequence[Samples], pause_ms: float, expectation: Expectation, seed: int) -> Case:
    """Return parts with a pause between them, in the noise of a quiet line."""
    spoken = [_trimmed(part) for part in parts]
    gap = round(pause_ms * RATE / 1000)
    lead = LEAD_MS * RATE // 1000
    joined = np.concatenate(
        [np.zeros(lead), *([spoken[0]] if len(spoken) == 1 else [spoken[0], np.zeros(gap), spoken[1]])]
    )
    noise = np.random.default_rng((seed, len(text), joined.size)).normal(0, ROOM, joined.size)
    ends = 1000 * joined.size / RATE
    pause = None
    if len(spoken) > 1:
        first = LEAD_MS + 1000 * spoken[0].size / RATE
        pause = (first, first + pause_ms)
    sound = telephone(to_samples(joined + noise))
    return Case(text, sound, expectation, LEAD_MS, ends, pause)


def _trimmed(samples: Samples) -> Samples:
    """Return from the first to the last sample above -42 dBFS, about where call_latency.py puts the edges."""
    loud = np.flatnonzero(np.abs(samples.astype(np.float64)) > 32768 * 10 ** (-42 / 20))
    return samples[loud[0] : loud[-1] + 1] if loud.size else samples


def _softest(samples: Samples) -> int:
    """Return the middle of the softest 60 ms in the middle half."""
    frames = (
        samples[: samples.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    )
    power = np.convolve((frames**2).mean(axis=1), np.ones(3), mode="valid")
    low, high = len(power) // 4, 3 * len(power) // 4
    return (low + int(power[low:high].argmin()) + 1) * FRAME_SAMPLES + FRAME_SAMPLES // 2


def silences(count: int) -> Iterator[Case]:
    """Yield callers who say nothing for ten seconds."""
    for number in range(count):
        noise = np.random.default_rng(number).normal(0, ROOM, 10 * RATE)
        yield Case(f"nobody {number}", to_samples(noise), OPEN, 0, 10_000)
