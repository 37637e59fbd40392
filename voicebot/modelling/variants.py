"""Other ways in which people say the same word, as rules over its phones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Self

from voicebot.errors import ModelError
from voicebot.modelling.phones import Pronunciation

_MOST: Final = 8
"""Pronunciations of one word: more make every word sound like another."""


@dataclass(frozen=True, slots=True)
class Variants:
    """Rules, each a pattern over space-separated phones and what it turns into."""

    rules: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def of_regions(cls, regions: Iterable[str] = ("all", "north")) -> Self:
        """Return the rules of variants.txt for these regions: ``all``, ``north``; raises ModelError."""
        lines = files(__package__).joinpath("variants.txt").read_text("utf-8").splitlines()
        rules = [line.split("\t") for line in lines if line and not line.startswith("#")]
        wanted = set(regions)
        if missing := wanted - {region for region, _, _ in rules}:
            raise ModelError(f"variants.txt has no rules for {', '.join(sorted(missing))}")
        return cls(tuple((re.compile(old), new) for region, old, new in rules if region in wanted))

    def expand(self, pronunciations: Iterable[Pronunciation]) -> tuple[Pronunciation, ...]:
        """Return `pronunciations` and what the rules, each after those before it, make of them."""
        forms = [" ".join(phones) for phones in pronunciations]
        for pattern, new in self.rules:
            forms += [pattern.sub(new, form) for form in forms if pattern.search(form)]
        return tuple(tuple(form.split()) for form in dict.fromkeys(forms))[:_MOST]

    def expand_all(
        self, lexicon: Mapping[str, tuple[Pronunciation, ...]]
    ) -> dict[str, tuple[Pronunciation, ...]]:
        """Return a lexicon with the variants of each of its words."""
        return {word: self.expand(ways) for word, ways in lexicon.items()}
