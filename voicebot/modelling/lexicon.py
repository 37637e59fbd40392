"""How words sound: files of pronunciations, and making those that no file has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from voicebot.errors import ModelError, PlaceError
from voicebot.modelling.phones import PHONES, SILENCE, Pronunciation
from voicebot.modelling.variants import Variants

Lexicon: TypeAlias = Mapping[str, tuple[Pronunciation, ...]]
"""Word -> its pronunciations, the usual one first."""
Guess: TypeAlias = Callable[[str], Pronunciation]
"""Pronounces a written word; () or ModelError when it cannot."""


@dataclass(frozen=True, slots=True)
class Pronounced:
    """The pronunciations of a vocabulary."""

    lexicon: Lexicon
    guessed: tuple[str, ...]
    """Words that no file knew: worth listening to."""
    mute: tuple[str, ...]
    """Words that the model cannot know, and so are not in the lexicon."""


def pronounce_words(words: Iterable[str], known: Lexicon, guess: Guess, variants: Variants) -> Pronounced:
    """Look `words` up in `known`, else guess them and add the usual variants of that guess."""
    lexicon: dict[str, tuple[Pronunciation, ...]] = {}
    guessed, mute = [], []
    for word in sorted(set(words)):
        if word in known:
            lexicon[word] = known[word]
        elif pronunciation := _guessed(word, guess):
            lexicon[word] = variants.expand((pronunciation,))
            guessed.append(word)
        else:
            mute.append(word)
    return Pronounced(lexicon, tuple(guessed), tuple(mute))


def _guessed(word: str, guess: Guess) -> Pronunciation:
    try:
        return guess(word)
    except ModelError:  # a foreign sound
        return ()


def common_dutch() -> Lexicon:
    """Return the words that are said otherwise than written: short forms, letters, loan words."""
    return parse_lexicon(files(__package__).joinpath("dutch.txt").read_text("utf-8"), "dutch.txt")


def read_lexicon(file: Path) -> Lexicon:
    """Read a lexicon; raises PlaceError at a line that is none."""
    return parse_lexicon(file.read_text("utf-8"), file)


def parse_lexicon(text: str, file: Path | str) -> Lexicon:
    """Return the lexicon in `text`: lines of a word and its phones, as many as it has pronunciations.

    ``#`` begins a comment, where a line begins with it. Raises PlaceError, which names `file` and the line.
    """
    lexicon: dict[str, tuple[Pronunciation, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        word, *phones = line.split() or ["#"]
        if word.startswith("#"):
            continue
        wrong = [phone for phone in phones if phone not in PHONES or phone == SILENCE]
        if wrong or not phones:
            problem = f"{wrong[0]!r} is no phone" if wrong else f"{word!r} has no phones"
            raise PlaceError(f"{problem}; phones are {' '.join(PHONES[1:])}", file, number)
        lexicon[word] = (*lexicon.get(word, ()), tuple(phones))
    return lexicon


def write_lexicon(lexicon: Lexicon, file: Path) -> None:
    """Write a lexicon as `read_lexicon` reads it, in the order of its words."""
    lines = (f"{word} {' '.join(phones)}\n" for word in sorted(lexicon) for phones in lexicon[word])
    file.write_text("".join(lines), "utf-8")
