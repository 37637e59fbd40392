"""What a stream of training features is made of: people and synthetic voices, made into many others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.corpus import RATE, Corpus, Segment, Utterance
from training.features import telephone
from training.line import Line
from training.nonspeech import nonspeech
from training.settings import SpeakerSpread, StreamSettings
from training.shard import Shard, in_frames, join
from training.voice import Speaker, invent
from voicebot.audio import RATE as LINE_RATE
from voicebot.audio import Samples

Source: TypeAlias = Literal["people", "foreign", "synthetic", "nonspeech"]
Part: TypeAlias = tuple[NDArray[np.float16], list[tuple[int, int]]]
_LONGEST_PIECE: Final = 4
_EDGE_S: Final = 0.015
_NONSPEECH_S: Final = 4.0
"""How long one piece of it is on average."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be heard in a stream."""

    source: Source
    index: int = 0
    """Of the utterance in its corpus."""
    words: tuple[int, int] | None = None
    """From this word to before that one; None for all of it."""


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What streams are made from."""

    people: Corpus
    """Aligned; see `alignment`."""
    foreign: Corpus
    """The same, in another language."""
    synthetic: Corpus
    ambiences: Sequence[Samples]


def list_items(
    ingredients: Ingredients,
    readers_used: Sequence[int],
    strangers: Sequence[int],
    settings: StreamSettings,
    random: np.random.Generator,
) -> list[Item]:
    """Return all that the stream consists of, in random order.

    `readers_used` and `strangers` index the utterances to use of the people, and of those of other languages.
    """
    whole = [Item("people", index) for index in readers_used] * settings.reader_copies
    whole += [Item("foreign", index) for index in strangers] * settings.foreign_copies
    cut = _pieces("people", ingredients.people, readers_used, settings.piece_copies, random)
    cut += _pieces("foreign", ingredients.foreign, strangers, settings.piece_copies, random)
    spoken = [Item("synthetic", index) for index in range(len(ingredients.synthetic.utterances))]
    silent = [Item("nonspeech")] * round(settings.nonspeech_minutes * 60 / _NONSPEECH_S)
    items = [*whole, *cut, *spoken * settings.synthetic_copies, *silent]
    return [items[place] for place in random.permutation(len(items))]


def _pieces(
    source: Source, corpus: Corpus, used: Sequence[int], copies: int, random: np.random.Generator
) -> list[Item]:
    return [
        Item(source, index, words)
        for _ in range(copies)
        for index in used
        for words in _cuts(len(corpus.utterances[index].text.split()), random)
    ]


def make_shard(
    items: Sequence[Item], ingredients: Ingredients, settings: StreamSettings, random: np.random.Generator
) -> Shard:
    """Return the stream of `items`, each by a speaker and over a line of its own."""
    line = Line(random, settings.line, ingredients.ambiences)
    parts = (_part(item, ingredients, settings, line, random) for item in items)
    return join(part for part in parts if part is not None)


def _part(
    item: Item, ingredients: Ingredients, settings: StreamSettings, line: Line, random: np.random.Generator
) -> Part | None:
    """Return the features and segments of `item`; None when there is nothing of it."""
    if item.source == "nonspeech":
        return telephone.features(nonspeech(random, line)).astype(np.float16), [(0, 0)]
    corpus, spread = _source(item.source, ingredients, settings)
    utterance, sound = corpus.utterances[item.index], corpus.sound(item.index)
    if item.words is not None:
        utterance, sound = piece(utterance, sound, item.words)
    if not utterance.segments:
        return None
    return heard(utterance, sound, invent(random, spread), line, random)


def _source(
    source: Source, ingredients: Ingredients, settings: StreamSettings
) -> tuple[Corpus, SpeakerSpread]:
    if source == "people":
        return ingredients.people, settings.people
    if source == "foreign":
        return ingredients.foreign, settings.people
    return ingredients.synthetic, settings.synthetic


def heard(
    utterance: Utterance, sound: NDArray[np.int16], speaker: Speaker, line: Line, random: np.random.Generator
) -> Part:
    """Return an utterance as `speaker` says it, with some silence around it, at the other end of `line`."""
    spoken = speaker.speak(sound, RATE)
    lead, tail = (int(LINE_RATE * random.uniform(0.05, most)) for most in (0.5, 0.6))
    carried = line.carry(np.pad(spoken, (lead, tail)))
    scale, shift = spoken.size / LINE_RATE / (sound.size / RATE), lead / LINE_RATE
    moved = [
        segment._replace(start=segment.start * scale + shift, end=segment.end * scale + shift)
        for segment in utterance.segments
    ]
    features = telephone.features(carried)
    return features.astype(np.float16), in_frames(moved, len(features))


def piece(
    utterance: Utterance, sound: NDArray[np.int16], words: tuple[int, int]
) -> tuple[Utterance, NDArray[np.int16]]:
    """Return some words of an utterance, cut out at their edges with a short fade."""
    inside = [segment for segment in utterance.segments if words[0] <= segment.word < words[1]]
    if not inside:
        return Utterance(utterance.name, utterance.speaker, ""), sound[:0]
    start, end = max(0.0, inside[0].start - _EDGE_S), inside[-1].end + _EDGE_S
    cut = sound[int(start * RATE) : int(end * RATE)].astype(np.float64)
    fade = np.minimum(1.0, np.arange(cut.size) / (_EDGE_S * RATE))
    faded = (cut * fade * fade[::-1]).astype(np.int16)
    kept = [segment for segment in utterance.segments if start <= segment.start and segment.end <= end]
    moved = tuple(Segment(one.phone, one.start - start, one.end - start, one.word) for one in kept)
    text = " ".join(utterance.text.split()[slice(*words)])
    return Utterance(utterance.name, utterance.speaker, text, moved), faded


def _cuts(words: int, random: np.random.Generator) -> list[tuple[int, int]]:
    """Return pieces of 1-4 words, short ones more often; half of the sentence is left out."""
    cuts, start = [], 0
    while start < words:
        end = min(words, start + int(random.choice([1, 1, 2, 2, 3, _LONGEST_PIECE])))
        if random.random() < 0.5:
            cuts.append((start, end))
        start = end
    return cuts
