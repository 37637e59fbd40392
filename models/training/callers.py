"""What callers are expected to say: the language model of the exported model.

Half of it is drawn from the templates in `dutch.yaml`: numbers, dates, requests in every form. Half
is `callers/*.txt`, thousands of different sentences, one a line: what templates leave out is what a language
model needs most. A drawn sentence counts for little, as the same ones are drawn again and again; counted in
full, everything that the templates lack would seem out of the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from training.sentences import Sentences, load_sentences
from training.settings import ExportSettings
from voicebot.modelling import UNKNOWN, LanguageModel, mix, train_language_model

_FOLDER: Final = Path(__file__).with_name("callers")
_SILENT_SHARE: Final = 0.2
"""Of the sentences are empty: silence and noise must be free to give nothing."""
_FLOOR: Final = 0.1
"""How often a word counts beside what was counted: it may be said where nobody said it."""


def read_callers(never: frozenset[str], folder: Path = _FOLDER) -> tuple[str, ...]:
    """Return the written sentences, each once, less those in `never`."""
    files = sorted(folder.glob("*.txt"))
    lines = (line.strip() for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in dict.fromkeys(lines) if line and line not in never)


class Callers:
    """Everything that callers are expected to say."""

    def __init__(
        self, settings: ExportSettings, random: np.random.Generator, templates: Sentences | None = None
    ) -> None:
        templates = templates or load_sentences()
        self._settings = settings
        self.written = read_callers(templates.never)
        self.drawn: Mapping[str, int] = Counter(templates.draw(random) for _ in range(settings.sentences))
        self.words = {*templates.vocabulary()} | _words(self.drawn) | _words(self.written)

    def language_model(self, vocabulary: Iterable[str]) -> LanguageModel:
        """Return what is said, and how often, in words of `vocabulary`; `UNKNOWN` stands for others."""
        known = frozenset(vocabulary)
        written = Counter(
            " ".join(word if word in known else UNKNOWN for word in sentence.split())
            for sentence in self.written
        )
        drawn = {sentence: count * self._settings.drawn_weight for sentence, count in self.drawn.items()}
        return mix(_trained(written, known), _trained(drawn, known), self._settings.written)


def _words(sentences: Iterable[str]) -> set[str]:
    return {word for sentence in sentences for word in sentence.split()}


def _trained(said: Mapping[str, float], vocabulary: frozenset[str]) -> LanguageModel:
    silence = {"": _SILENT_SHARE * sum(said.values())}
    return train_language_model({**said, **silence}, vocabulary, floor=_FLOOR, rarest=0)
