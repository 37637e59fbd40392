"""Customer-service Dutch, drawn from the templates in `dutch.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voicebot.errors import PlaceError
from voicebot.strict_yaml import StrictYaml

_FILE: Final = Path(__file__).with_name("dutch.yaml")
_MEASURED: Final = _FILE.parents[2] / "benchmarks" / "recognition_sentences.txt"
"""What the recognition benchmark has voices say that are new to a model."""
_CHOICE: Final = re.compile(r"\(([^()]*)\)")
_SLOT: Final = re.compile(r"\{([^{}]+)\}")
_RANGE: Final = re.compile(r"(\d+)\.\.(\d+)")
_WITH_NUMBER: Final = re.compile(r"\S*\{\d+\.\.\d+\}\S*")
"""A number, and what is written on to it."""
_UNITS: Final = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
_TEENS: Final = (
    *("tien", "elf", "twaalf", "dertien", "veertien"),
    *("vijftien", "zestien", "zeventien", "achttien", "negentien"),
)
_TENS: Final = ("twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")

Phrases = tuple[Annotated[str, Field(min_length=1)], ...]


class Sentences(BaseModel):
    """Templates to draw sentences from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slots: Mapping[str, Phrases]
    openings: Phrases
    closings: Phrases
    with_opening: float
    with_closing: float
    topics: Mapping[str, Phrases]
    never: frozenset[str] = frozenset()
    """Sentences that are for measuring, and so are never drawn."""

    def draw(self, random: np.random.Generator) -> str:
        """Return one sentence: lower case, words only, numbers as they are spoken."""
        while (sentence := self._drawn(random)) in self.never:
            pass
        return sentence

    def _drawn(self, random: np.random.Generator) -> str:
        topic = self._topics[int(random.integers(len(self._topics)))]
        sentence = self._fill(_one(topic, random), random)
        chance = random.random()
        if chance < self.with_opening:
            sentence = f"{_one(self.openings, random)} {sentence}"
        elif chance < self.with_opening + self.with_closing:
            sentence = f"{sentence} {_one(self.closings, random)}"
        return " ".join(sentence.split())

    def vocabulary(self) -> tuple[str, ...]:
        """Return every word that a sentence can have, sorted; of numbers up to 99, 100 and 1000."""
        templates = [*self.openings, *self.closings, *_all(self.slots), *_all(self.topics)]
        text = " ".join(_SLOT.sub(" ", _WITH_NUMBER.sub(" ", template)) for template in templates)
        words = {word for word in re.split(r"[\s()|]+", text) if word}
        return tuple(sorted(words | {spoken_number(number) for number in (*range(100), 100, 1000)}))

    @cached_property
    def _topics(self) -> tuple[Phrases, ...]:
        return tuple(self.topics.values())

    def _fill(self, template: str, random: np.random.Generator) -> str:
        """Return `template` with a choice made for each bracket and slot."""
        while "(" in template or "{" in template:
            template = _CHOICE.sub(lambda found: _one(found[1].split("|"), random), template)
            template = _SLOT.sub(lambda found: self._slot(found[1], random), template)
        return template

    def _slot(self, name: str, random: np.random.Generator) -> str:
        if numbers := _RANGE.fullmatch(name):
            return spoken_number(int(random.integers(int(numbers[1]), int(numbers[2]) + 1)))
        return _one(self.slots[name], random)


def load_sentences(file: Path = _FILE) -> Sentences:
    """Read the templates, less what `_MEASURED` holds; raises PlaceError at the line that is wrong."""
    yaml = StrictYaml(file, file.read_bytes(), PlaceError)
    try:
        sentences = Sentences.model_validate(yaml.keys)
    except ValidationError as problem:
        raise yaml.explain(problem, Sentences) from None
    measured = frozenset(_MEASURED.read_text(encoding="utf-8").splitlines())
    return sentences.model_copy(update={"never": measured})


def spoken_number(number: int) -> str:
    """Return 0..9999 as it is said; what is below a hundred is one word, as dictionaries write it."""
    if number < 20:
        return (_UNITS + _TEENS)[number]
    if number < 100:
        tens, unit = divmod(number, 10)
        joint = "ën" if _UNITS[unit].endswith("e") else "en"
        return (_UNITS[unit] + joint if unit else "") + _TENS[tens - 2]
    size, name = (1000, "duizend") if number >= 1000 else (100, "honderd")
    count, rest = divmod(number, size)
    parts = (spoken_number(count) if count > 1 else "", name, spoken_number(rest) if rest else "")
    return " ".join(part for part in parts if part)


def _one(phrases: tuple[str, ...] | list[str], random: np.random.Generator) -> str:
    return phrases[int(random.integers(len(phrases)))]


def _all(phrases: Mapping[str, Phrases]) -> Iterator[str]:
    for several in phrases.values():
        yield from several
