"""What a supervisor would want to know of: signs of irritation, and subjects that are for humans."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from ruamel.yaml import YAML

from voicebot.errors import BotError
from voicebot.understanding.templates import Grammar
from voicebot.understanding.text import words

_NEAR: Final = r"(?:(?!(?:niet|geen|nooit)\b)\w+ ){0,3}?"
"""Up to three words, but "ik ben niet boos" is no sign."""


_BEFORE_REFUSAL: Final = r"(?:(?:nee|neen|ja) )?"
_AFTER_REFUSAL: Final = r"(?: (?:hoor|graag|alstublieft))?"
"""What belongs to a refusal: "nee geen stemanalyse" is no answer to the question that is open."""


@dataclass(frozen=True, slots=True)
class Warnings:
    """What an utterance holds of it."""

    irritation: tuple[str, ...] = ()
    """Kinds, of those in common.yaml: ``swearing``, ``complaint``, ``repetition``."""
    risk: str = ""
    """The bot's name for the subject; empty: none."""
    refuses: bool = False
    """Whether the caller wants their voice not to be analysed."""
    rest: str = ""
    """What else was said."""

    def __bool__(self) -> bool:
        return bool(self.irritation or self.risk or self.refuses)


class WarningEar:
    """Finds them; made once for a bot, safe for any thread."""

    def __init__(self, risks: Mapping[str, Sequence[str]]) -> None:
        """Take the bot's subjects, as templates; raises BotError for a malformed one."""
        spec = YAML(typ="safe", pure=True).load(files(__package__).joinpath("common.yaml").read_text("utf-8"))
        grammar = Grammar({}, {"near": _NEAR})
        self._irritation = {kind: _anywhere(grammar, told) for kind, told in spec["irritation"].items()}
        refusal = grammar.pattern(spec["asides"]["no_analysis"])
        self._refusal = re.compile(rf"\b{_BEFORE_REFUSAL}{refusal}\b{_AFTER_REFUSAL}")
        self._risks, plain = {}, Grammar({}, {})
        for name, templates in risks.items():
            try:
                self._risks[name] = _anywhere(plain, templates)
            except BotError as error:
                raise BotError(f"risk {name!r}: {error.message}", quote=error.quote) from None

    def listen(self, text: str) -> Warnings:
        """Return what is in `text`; pure and quick (< 1 ms)."""
        said = " ".join(words(text))
        kinds = tuple(kind for kind, known in self._irritation.items() if known.search(said))
        risk = next((name for name, known in self._risks.items() if known.search(said)), "")
        rest, refusals = self._refusal.subn(" ", said)
        return Warnings(kinds, risk, refusals > 0, " ".join(rest.split()) if refusals else text)


def _anywhere(grammar: Grammar, templates: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b{grammar.pattern(templates)}\b")
