"""Speech of espeak-ng, whose every sound is known to the millisecond."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from training.corpus import RATE, Segment, Utterance
from training.features import Floats, telephone
from training.sentences import Sentences
from training.settings import DataSettings
from voicebot.audio import RATE as LINE_RATE
from voicebot.audio import to_samples
from voicebot.errors import ModelError
from voicebot.modelling import PHONES, Espeak, Spoken, from_espeak

_PANGRAM: Final = "waar blijft de zeer gewone lijst met zes mooie deuren en vijf huizen"
_NORTHERN: Final = (
    (re.compile(r"\bv"), "f"),
    (re.compile(r"\bz"), "s"),
    (re.compile(r"(?<=\w[bdfgklmnprstvwz])en\b"), "e"),
)
"""Spelling, and how the same is spelled if it sounds as above the rivers: "fijf", "seve", "lope"."""
_LEAST_S: Final = 0.2
_MOST_WORDS: Final = 6


def speak_sentences(
    espeak: Espeak,
    settings: DataSettings,
    words: Sequence[str],
    random: np.random.Generator,
    templates: Sentences,
    on_progress: Callable[[int, int], None],
) -> Iterator[tuple[Utterance, NDArray[np.int16]]]:
    """Yield utterances by many voices: customer-service sentences, and `words` in a row.

    What espeak says with a sound that is none of ours is left out.
    """
    voices = distant_voices(espeak, settings.voice_variants, settings.voices)
    for number in range(settings.sentences):
        text = templates.draw(random)
        if random.random() >= settings.templates:
            text = " ".join(random.choice(words, int(random.integers(1, _MOST_WORDS + 1))))
        is_northern = random.random() < settings.northern
        voice = voices[int(random.integers(len(voices)))]
        spoken = espeak.speak(
            northern(text) if is_northern else text,
            voice,
            rate_wpm=int(random.uniform(*settings.words_per_minute)),
            pitch=int(random.uniform(*settings.pitch)),
            pitch_range=int(random.integers(20, 80)),
        )
        on_progress(number + 1, settings.sentences)
        if spoken.samples.size < _LEAST_S * spoken.rate:
            continue
        try:
            segments = _segments(spoken)
        except ModelError:
            continue
        yield Utterance(f"{voice}/{number}", voice, text, segments), _at_corpus_rate(spoken)


def northern(text: str) -> str:
    """Return `text` respelled so that espeak says it as in the North: v and z devoiced, -en without n.

    Neither the readers nor espeak's Dutch voice do that, so without it no network would ever hear "fijf".
    """
    for pattern, spelling in _NORTHERN:
        text = pattern.sub(spelling, text)
    return text


def distant_voices(espeak: Espeak, variants: Sequence[str], count: int) -> list[str]:
    """Return `count` Dutch voices, each as far as can be from those before it (farthest-point sampling).

    Far is measured on the mean and the spread of the cepstra of one sentence at one pitch and speed.
    """
    voices = ["nl", *(f"nl+{variant}" for variant in variants)]
    places = np.stack([_place(espeak, voice) for voice in voices])
    places /= places.std(axis=0) + 1e-6
    chosen = [0]
    distance = np.linalg.norm(places - places[0], axis=1)
    while len(chosen) < min(count, len(voices)):
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(places - places[chosen[-1]], axis=1))
    return [voices[index] for index in chosen]


def _place(espeak: Espeak, voice: str) -> Floats:
    spoken = espeak.speak(_PANGRAM, voice)
    cepstra = telephone.features(soxr.resample(spoken.samples, spoken.rate, LINE_RATE))
    voiced = cepstra[cepstra[:, 0] > np.median(cepstra[:, 0])]
    return np.concatenate([voiced[:, 1:13].mean(axis=0), voiced[:, 1:13].std(axis=0)])


def _segments(spoken: Spoken) -> tuple[Segment, ...]:
    """Return the phones of an utterance; an espeak phoneme that is two of ours is cut in halves."""
    segments = []
    for phoneme in spoken.phonemes:
        phones = from_espeak(phoneme.mnemonic)
        start, end = phoneme.start_ms / 1000, phoneme.end_ms / 1000
        if not phones and end > start:
            segments.append(Segment(0, start, end, -1))
        step = (end - start) / max(1, len(phones))
        for place, phone in enumerate(phones):
            first = start + place * step
            segments.append(Segment(PHONES.index(phone), first, first + step, phoneme.word))
    return tuple(segments)


def _at_corpus_rate(spoken: Spoken) -> NDArray[np.int16]:
    return to_samples(soxr.resample(spoken.samples.astype(np.float32), spoken.rate, RATE))
