"""Utterances on disk: who said what, when each sound in it began and ended, and the sound itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16000
"""Samples per second of a corpus: room to lower a voice's pitch and still fill the telephone's band."""


class Segment(NamedTuple):
    """One phone of an utterance, or a pause."""

    phone: int
    """Index in `voicebot.modelling.PHONES`; 0 is silence."""
    start: float
    """Seconds since the first sample."""
    end: float
    word: int
    """Index of its word in the text; -1 for a pause."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is known of one utterance."""

    name: str
    speaker: str
    text: str
    """Lower case, words only."""
    segments: tuple[Segment, ...] = ()
    """In order, without gaps between the first and the last; () when it was not aligned."""
    score: float = 0.0
    """Log-likelihood per frame of its alignment."""
    language: str = "nl"
    """As espeak names it."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Utterances with their sound; made by `write_corpus`."""

    utterances: tuple[Utterance, ...]
    _starts: tuple[int, ...]
    _samples: NDArray[np.int16]

    def sound(self, index: int) -> NDArray[np.int16]:
        """Return the samples of utterance `index`: mono at `RATE`, shape (n,)."""
        return self._samples[self._starts[index] : self._starts[index + 1]]

    @property
    def hours(self) -> float:
        """How much sound it holds."""
        return self._starts[-1] / RATE / 3600

    def with_utterances(self, utterances: tuple[Utterance, ...]) -> Corpus:
        """Return the same sound with other knowledge of it, in the same order."""
        return replace(self, utterances=utterances)

    def __iter__(self) -> Iterator[tuple[Utterance, NDArray[np.int16]]]:
        return ((utterance, self.sound(index)) for index, utterance in enumerate(self.utterances))


def write_corpus(folder: Path, utterances: Iterable[tuple[Utterance, NDArray[np.int16]]]) -> Corpus:
    """Write `utterances` to ``folder``/samples.npy and utterances.jsonl, and return them."""
    known, sounds, starts = [], [np.zeros(0, np.int16)], [0]
    for utterance, sound in utterances:
        known.append(utterance)
        sounds.append(sound)
        starts.append(starts[-1] + sound.size)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "samples.npy", np.concatenate(sounds))
    np.save(folder / "starts.npy", np.array(starts))
    write_utterances(folder / "utterances.jsonl", known)
    return read_corpus(folder)


def read_corpus(folder: Path) -> Corpus:
    """Open what `write_corpus` wrote; the sound stays on disk until it is used."""
    samples = np.load(folder / "samples.npy", mmap_mode="r")
    starts = np.load(folder / "starts.npy").tolist()
    return Corpus(read_utterances(folder / "utterances.jsonl"), tuple(starts), samples)


def write_utterances(file: Path, utterances: Iterable[Utterance]) -> None:
    """Write one JSON line for each utterance."""
    with file.open("w", encoding="utf-8") as lines:
        for utterance in utterances:
            print(json.dumps(asdict(utterance), ensure_ascii=False), file=lines)


def read_utterances(file: Path) -> tuple[Utterance, ...]:
    """Read what `write_utterances` wrote."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        segments = tuple(Segment(*segment) for segment in fields.pop("segments"))
        found.append(Utterance(**fields, segments=segments))
    return tuple(found)
