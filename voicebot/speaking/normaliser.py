"""Written Dutch to Dutch as it is spoken: no digit, sign or abbreviation left for the engine to guess at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import chain
from typing import Final

from voicebot.speaking.abbreviations import ABBREVIATIONS
from voicebot.speaking.codes import ADDRESSES, CODES
from voicebot.speaking.moments import MOMENTS
from voicebot.speaking.quantities import MEASURES, PLAIN_NUMBERS
from voicebot.speaking.rules import rule
from voicebot.speaking.shorthand import SHORTHAND

_SIGNS: Final = {
    "€": "euro",
    "%": "procent",
    "&": "en",
    "+": "plus",
    "=": "is",
    "@": "apenstaartje",
    "#": "hekje",
    "*": "sterretje",
    "°": "graden",
    "×": "keer",
}
_FRACTIONS: Final = {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3"}
_TYPOGRAPHY: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": None, "”": None, "„": None, "«": None, "»": None, '"': None} | _FRACTIONS
)

_SIGN_RULES: Final = (
    *(rule(re.escape(sign), f" {word} ") for sign, word in _SIGNS.items()),
    rule(r"[/\\|<>{}\[\]^~`_]", " "),
    rule(r"(?:^|\s)[-–—]+(?=\s|$)|[–—]", ", "),
)
_TIDY: Final = (
    rule(r"\s+", " "),
    rule(r" (?=[,.;:!?])", ""),
    rule(r"[,;](?:\s*[,;])+", ","),
    rule(r"^[\s,;-]+|[\s,;-]+$", ""),
)
_RULES: Final = tuple(
    chain(ADDRESSES, SHORTHAND, MOMENTS, CODES, MEASURES, ABBREVIATIONS, PLAIN_NUMBERS, _SIGN_RULES, _TIDY)
)

_UNSPEAKABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"})
"""Unicode categories without a sound: controls, halves of pairs, pictures, loose accents."""


def normalise(text: str, respell: Mapping[str, str] = {}) -> str:
    """Return `text` in plain words, as a Dutch speaker reads it aloud.

    Times become "half drie", amounts "negentien euro vijfennegentig",
    postcodes and order numbers are dictated in groups. Words stay as they
    are, except those in `respell` (whole words, any case), which are replaced
    by a spelling that the voice says better. Never raises.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY))
    spoken = "".join(map(_speakable, plain.replace("\N{FRACTION SLASH}", "/")))
    for step in _RULES:
        spoken = step.apply(spoken)
    return _respelled(spoken, respell) if respell else spoken


def _speakable(sign: str) -> str:
    return sign if sign == "°" or unicodedata.category(sign) not in _UNSPEAKABLE else " "


def _respelled(text: str, respell: Mapping[str, str]) -> str:
    spelling = {word.casefold(): better for word, better in respell.items()}
    words = "|".join(re.escape(word) for word in sorted(spelling, key=len, reverse=True))
    return re.sub(
        rf"(?<!\w)(?:{words})(?!\w)",
        lambda found: spelling.get(found[0].casefold(), found[0]),
        text,
        flags=re.IGNORECASE,
    )
