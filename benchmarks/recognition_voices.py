"""Who speaks in recognition.py: people recorded (never in this repository), and synthetic voices."""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from voicebot.audio import (
    FRAME_SAMPLES,
    RATE,
    Samples,
    normalise,
    read_audio,
    rms_dbfs,
    voiced_dbfs,
    write_audio,
)
from voicebot.speaking import Synthesiser, Voice

READERS = {"reader m": "flemishguy", "reader f": "nathalie"}
HELD_OUT_DIGITS = ("3", "7")
"""Prompts whose number ends so are for measuring only, for either reader. The first model held out those in
7, which the folder of recordings has no more, and was trained on those in 3."""
MBROLA = Path(__file__).parents[1] / ".mbrola" / "bin" / "espeak-ng"
"""Where `scripts/install-mbrola .mbrola` puts it; else the one on PATH."""
SHORT = ("'s", "'t", "'n", "'k")
GAP_S = 0.15
"""Between the words of a joined string."""
SILENT_DB = 30.0
"""What is so much softer than the voice in a recording is the silence around it."""
SPEECH_DBFS = -20.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said."""

    name: str
    speaker: str
    text: str
    sound: Callable[[], Samples]
    """Makes it: int16 mono 8 kHz."""


@dataclass(frozen=True, slots=True)
class Voicing:
    """A synthetic voice at a speed."""

    voice: str
    rate_wpm: int


TRAINED = tuple(Voicing(f"nl+{name}", rate) for name in ("f2", "m3", "f4", "m1") for rate in (140, 170))
"""Variants of espeak-ng that the first model, and the fixtures, know."""
RESERVED = tuple(
    Voicing(f"nl+{name}", rate)
    for name in ("AnxiousAndy", "klatt4", "norbert", "sandro", "shelby", "travis")
    for rate in (140, 170)
)
"""Variants that no model may be trained on. They sound more like the trained ones than people do."""
OTHER_ENGINE = tuple(Voicing(name, rate) for name in ("mb-nl2", "mb-nl3") for rate in (130, 150, 170))
"""MBROLA's Dutch man and woman: recorded diphones, spoken by espeak-ng's Dutch."""


def spoken(text: str) -> str:
    """Return the words of `text`: small letters, no punctuation but the apostrophes that belong to words."""
    plain = unicodedata.normalize("NFC", text.lower()).replace("’", "'")
    words = "".join(letter if letter.isalnum() or letter == "'" else " " for letter in plain).split()
    return " ".join(word if word in SHORT else word.strip("'") for word in words).strip()


def folded(text: str) -> tuple[str, ...]:
    """Return words as they are compared: without accents, as models differ in writing them (één is een)."""
    bare = (letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return tuple("".join(bare).split())


# --------------------------------------------------------------------------- people


def read_sentences(folder: Path, reader: str) -> list[Utterance]:
    """Return all that one of READERS read, in the order of the manifest."""
    return [
        _recorded(folder / READERS[reader], row, reader, spoken(row["transcript"]))
        for row in _manifest(folder / READERS[reader])
    ]


def is_held_out(folder: Path, reader: str) -> dict[str, bool]:
    """Say of each of the reader's utterances, by name, whether it is for measuring only."""
    return {
        row["file"]: row["prompt_id"].endswith(HELD_OUT_DIGITS) for row in _manifest(folder / READERS[reader])
    }


def spoken_words(folder: Path) -> list[Utterance]:
    """Return isolated words of other people; `text` is "" where nobody noted what is said."""
    rows = _manifest(folder / "words")
    return [_recorded(folder / "words", row, row["speaker"], row["expected_word"]) for row in rows]


def german(folder: Path) -> list[Utterance]:
    """Return the German sentences of EMO-DB."""
    return [_recorded(folder / "emodb", row, row["speaker"], "") for row in _manifest(folder / "emodb")]


def no_speech(folder: Path, label: str, piece_s: float) -> list[Utterance]:
    """Return recorded noise or music whose label begins so, cut in pieces."""
    pieces = []
    for row in _manifest(folder / "noise"):
        for place in range(int(float(row["duration_s"]) / piece_s)) if row["label"].startswith(label) else ():
            make = partial(_piece, folder / "noise" / row["file"], place, round(piece_s * RATE))
            pieces.append(Utterance(f"{row['file']} {place}", row["file"], "", make))
    return pieces


def joined(words: Sequence[Utterance]) -> Utterance:
    """Return one utterance made of words of one speaker, with pauses between them as in careful speech."""
    name, text = (" ".join(getattr(word, field) for word in words) for field in ("name", "text"))
    return Utterance(name, words[0].speaker, text, partial(_join, words))


def _manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _recorded(folder: Path, row: dict[str, str], speaker: str, text: str) -> Utterance:
    return Utterance(row["file"], speaker, text, partial(read_audio, folder / row["file"]))


def _piece(file: Path, place: int, size: int) -> Samples:
    return read_audio(file)[place * size : (place + 1) * size]


def _join(words: Iterable[Utterance]) -> Samples:
    gap = np.zeros(round(GAP_S * RATE), np.int16)
    return np.concatenate([part for word in words for part in (gap, _trimmed(word.sound()))][1:])


def _trimmed(samples: Samples) -> Samples:
    """Return whole frames from the first voiced one to the last, at one level for all."""
    floor = voiced_dbfs(samples) - SILENT_DB
    starts = range(0, samples.size, FRAME_SAMPLES)
    loud = [start for start in starts if rms_dbfs(samples[start : start + FRAME_SAMPLES]) > floor]
    return normalise(samples[loud[0] : loud[-1] + FRAME_SAMPLES], SPEECH_DBFS)


# --------------------------------------------------------------------------- synthetic voices


def find_mbrola() -> Path | None:
    """Return an espeak-ng that speaks with MBROLA's voices, or None."""
    if MBROLA.is_file():
        return MBROLA
    found = shutil.which("espeak-ng") if shutil.which("mbrola") else None
    return Path(found) if found else None


class Voices:
    """Synthetic voices. What they said is kept in `folder`: espeak never says a text twice quite the same."""

    def __init__(self, synthesiser: Synthesiser, mbrola: Path | None, folder: Path) -> None:
        self._synthesiser, self._mbrola, self._folder = synthesiser, mbrola, folder
        folder.mkdir(parents=True, exist_ok=True)

    def utterance(self, text: str, voicing: Voicing) -> Utterance:
        """Return `text` said by a voice; digits and letters are written as words."""
        name = f"{voicing.voice} {voicing.rate_wpm} {text}"
        return Utterance(name, voicing.voice, text, partial(self._said, name, text, voicing))

    def _said(self, name: str, text: str, voicing: Voicing) -> Samples:
        file = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.flac"
        if not file.is_file():
            spelling = " ".join(
                "één" if word == "een" and _is_number(text) else word for word in text.split()
            )
            engine = self._by_mbrola if voicing in OTHER_ENGINE else self._by_espeak
            write_audio(file, normalise(engine(spelling, voicing), SPEECH_DBFS))
        return read_audio(file)

    def _by_espeak(self, text: str, voicing: Voicing) -> Samples:
        return self._synthesiser.speak(text, Voice(voicing.voice, voicing.rate_wpm))

    def _by_mbrola(self, text: str, voicing: Voicing) -> Samples:
        assert self._mbrola is not None
        file = self._folder / "mbrola.wav"
        speaking = [
            str(self._mbrola),
            "-v",
            voicing.voice,
            "-s",
            str(voicing.rate_wpm),
            "-w",
            str(file),
            text,
        ]
        subprocess.run(speaking, check=True, stderr=subprocess.DEVNULL)
        try:
            return read_audio(file)
        finally:
            file.unlink()


def _is_number(text: str) -> bool:
    """Say whether "een" in it is a digit, not an article: nothing but digits, and perhaps letters."""
    return all(len(word) == 1 or word in DIGITS for word in text.split())


DIGITS = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
