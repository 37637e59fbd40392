"""Written shorthand that is written out before anything is read: what stands for a word, not for a number."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speaking.number_words import cardinal, ordinal
from voicebot.speaking.rules import INTEGER, rule

_PER: Final = {
    "m": "maand",
    "mnd": "maand",
    "j": "jaar",
    "jr": "jaar",
    "w": "week",
    "wk": "week",
    "u": "uur",
    "min": "minuut",
    "st": "stuk",
    "p": "persoon",
    "km": "kilometer",
    "kg": "kilo",
    "m2": "vierkante meter",
    "m3": "kubieke meter",
    "l": "liter",
}
"""What a price or a use is counted by."""
_DAYS: Final = {
    "ma": "maandag",
    "di": "dinsdag",
    "wo": "woensdag",
    "do": "donderdag",
    "vr": "vrijdag",
    "za": "zaterdag",
    "zo": "zondag",
}
_DATE_FOLLOWS: Final = r"(?=\d{1,2}(?:[-/]\d|\s+(?:jan|feb|mrt|maart|apr|mei|jun|jul|aug|sep|okt|nov|dec)))"
_AMOUNT: Final = rf"{INTEGER}(?:,\d\d|,-)?"
_HALVES_OF: Final = "uur|uurtje|jaar|pond|brood|procent|miljoen|miljard"
"""What has "een half"; all else has "een halve"."""
_PARTED: Final = "liter|kilo|dag|week|maand|meter|kilometer|beker|kop|fles"
"""What people have half of, or a quarter."""
_PARTS: Final = {"1/4": "een kwart", "3/4": "driekwart", "1/3": "een derde", "2/3": "twee derde"}
_ROMAN: Final = {"I": 1, "V": 5, "X": 10}
_RANKED: Final = "hoofdstuk|deel|bijlage|fase|klasse|artikel|categorie|groep|niveau|akte|band|boek"
_RULERS: Final = (
    "Willem|Lodewijk|Karel|Filips|Elizabeth|Johannes|Paulus|Pius|Benedictus|Hendrik|Frederik|George|"
    "Napoleon|Leopold|Albert|Peter|Catharina|Nicolaas|Alexander"
)


def _per(found: re.Match[str]) -> str:
    return f" per {_PER.get(found[1], found[1])}"


def _and_a_half(found: re.Match[str]) -> str:
    count = int(found[1])
    if count == 1:
        return "anderhalf" if found[2] else "anderhalve"
    words = cardinal(count)
    joined = f"{words}{'ën' if words.endswith('e') else 'en'}half"
    return joined if found[2] else f"{joined.removesuffix('half')}halve"


def _emergency(found: re.Match[str]) -> str:
    return f"{found[1]}{' '.join(found[2])}"


def _ruler(found: re.Match[str]) -> str:
    return f"{found[1]} de {ordinal(_roman(found[2])).capitalize()}"


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )


SHORTHAND: Final = (
    rule(r"(?<=[a-z]{3})nr(?:\.(?=\s)|(?=\s))", "nummer"),
    rule(r"\b([Tt])el\.\s?(?:nr\.|nummer)", r"\1elefoonnummer"),
    rule(r"\bmln\.(?=\s+[a-z])|\bmln\b", "miljoen"),
    rule(r"\bmld\.(?=\s+[a-z])|\bmld\b", "miljard"),
    rule(rf"\$\s*({_AMOUNT})", r"\1 dollar"),
    rule(rf"£\s*({_AMOUNT})", r"\1 pond"),
    rule(r"§\s*(?=\d)", "paragraaf "),
    rule(rf"(€\s*{_AMOUNT})\s?[-–—]\s?(?=€\s*\d)", r"\1 tot "),
    rule(rf"€\s*({_AMOUNT})\s?[-–—]\s?(?={INTEGER}(?:,\d\d)?(?![\w-]))", r"\1 tot € "),
    rule(r"(?<=[\w,-])\s?/\s?(maand|jaar|week|dag|nacht|uur|stuk|persoon|mnd|min|km|kg)\b", _per),
    rule(r"(?<=\d )p/(m|j|w|u|st|p)\b", lambda found: _per(found).lstrip()),
    rule(r"\s+per (m2|m3|mnd|min|km|kg|u|st|l)\b(?:\.(?=\s+[a-z]))?", _per),
    rule(r"(\d\d:\d\d)\s?h\b", r"\1 uur"),
    rule(r"\b(om|tot|van|vanaf|tegen|na|rond) (\d{1,2}) u\b(?!\s?\d)", r"\1 \2 uur"),
    rule(rf"(?i:\b({'|'.join(_DAYS)}))\b\.?\s+{_DATE_FOLLOWS}", lambda found: f"{_DAYS[found[1].lower()]} "),
    rule(r"(\d)\s?[x×]\s?(?=(?:\d+\s?[x×]\s?)?\d+(?:,\d+)?\s?(?:mm|cm|m)\b)", r"\1 bij "),
    rule(r"'(?=\d\d\b)", ""),
    rule(r"\b(heer|mevrouw|meneer) ([A-Z])\.(?=\s)", r"\1 \2"),
    rule(r"(\b[Bb]el(?:t|len)?(?: \w+){0,2} )(112|144)\b(?! \w*euro)", _emergency),
    rule(r"\((0\d{1,3})\)\s*(?=\d)", r"\1 "),
    rule(r"\+31\s?6(?=\d{8}\b)", "+31 6 "),
    rule(rf"\b({_RULERS}) ([IVX]{{1,6}})\b", _ruler),
    rule(rf"\b((?i:{_RANKED})) ([IVX]{{1,6}})\b", lambda found: f"{found[1]} {cardinal(_roman(found[2]))}"),
    rule(rf"(?<![\w/.,-])([1-9]\d?) 1/2\b(?![/\d])(?=( (?:{_HALVES_OF})\b)?)", _and_a_half),
    rule(rf"(?<![\w/.,-])1/2 (?=(?:{_HALVES_OF})\b)", "een half "),
    rule(rf"(?<![\w/.,-])1/2 (?=(?:{_PARTED})\b)", "een halve "),
    rule(
        rf"(?<![\w/.,-])(1/4|3/4|1/3|2/3)(?= (?:van|{_HALVES_OF}|{_PARTED})\b)",
        lambda found: _PARTS[found[1]],
    ),
)
"""After web addresses, before times and dates."""
