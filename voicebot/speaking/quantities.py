"""Amounts of money, percentages, measures, ranks and plain numbers, as people say them."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speaking.number_words import cardinal, ordinal, whole
from voicebot.speaking.rules import INTEGER, NUMBER, quantity, rule

_UNITS: Final = {
    "km/u": ("kilometer per uur", "kilometer per uur"),
    "km": ("kilometer", "kilometer"),
    "m2": ("vierkante meter", "vierkante meter"),
    "m3": ("kubieke meter", "kubieke meter"),
    "m": ("meter", "meter"),
    "cm": ("centimeter", "centimeter"),
    "mm": ("millimeter", "millimeter"),
    "kg": ("kilo", "kilo"),
    "g": ("gram", "gram"),
    "gr": ("gram", "gram"),
    "mg": ("milligram", "milligram"),
    "l": ("liter", "liter"),
    "cl": ("centiliter", "centiliter"),
    "ml": ("milliliter", "milliliter"),
    "km/h": ("kilometer per uur", "kilometer per uur"),
    "m/s": ("meter per seconde", "meter per seconde"),
    "dl": ("deciliter", "deciliter"),
    "kWh": ("kilowattuur", "kilowattuur"),
    "kW": ("kilowatt", "kilowatt"),
    "dB": ("decibel", "decibel"),
    "Mbit/s": ("megabit per seconde", "megabit per seconde"),
    "Mbps": ("megabit per seconde", "megabit per seconde"),
    "Gbit/s": ("gigabit per seconde", "gigabit per seconde"),
    "Gbps": ("gigabit per seconde", "gigabit per seconde"),
    "W": ("watt", "watt"),
    "V": ("volt", "volt"),
    "MB": ("megabyte", "megabyte"),
    "GB": ("gigabyte", "gigabyte"),
    "TB": ("terabyte", "terabyte"),
    "°C": ("graden", "graden"),
    "°": ("graad", "graden"),
    "x": ("keer", "keer"),
    "sec": ("seconde", "seconden"),
    "min": ("minuut", "minuten"),
    "st": ("stuk", "stuks"),
    "mnd": ("maand", "maanden"),
    "wk": ("week", "weken"),
}
"""Written unit -> for one, for more."""
_UNIT: Final = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_AMOUNT: Final = (
    rf"(?P<integer>{INTEGER})(?:[,.](?P<cents>\d\d?|--?|[–—])(?!\d))?"
    r"(?:\s+(?P<size>duizend|miljoen|miljard)\b)?"
)


def _money(found: re.Match[str]) -> str:
    integer, fraction, size = found["integer"], found["cents"] or "", found["size"]
    cents = int(fraction) if fraction.isdecimal() else 0
    if size:
        return f"{quantity(integer, fraction if cents else None)} {size} euro"
    if cents and len(fraction) == 1:
        return f"{quantity(integer, fraction)} euro"
    euros = quantity(integer)
    if not cents:
        return f"{euros} euro"
    if euros == "nul":
        return f"{cardinal(cents)} cent"
    return f"{euros} euro {cardinal(cents)}" if cents >= 10 else f"{euros} euro en {cardinal(cents)} cent"


def _measure(found: re.Match[str]) -> str:
    number = quantity(found[1], found[2])
    one, more = _UNITS[found[3]]
    return f"{number} {one if number == 'één' else more}"


def _rank(found: re.Match[str]) -> str:
    number = int(found[1].replace(".", ""))
    return ordinal(number) if number else found[0]


def _range(found: re.Match[str]) -> str:
    low, high = found[1], found[2]
    return f"{low} tot {high}" if int(low) < int(high) else found[0]


MEASURES: Final = (
    rule(r"(?<![\w.,-])([1-9]\d{0,2})\s?[-–—]\s?([1-9]\d{0,2})(?![\w-]|[.,]\d)", _range),
    rule(r"(€\s*)[-−]\s?(?=\d)", r"-\1"),
    rule(r"(?<![\w-])(?<!\d )[-−](?=€?\s*\d)", "min "),
    rule(r"\b([Mm])ax\.\s+(?=[\d€])", r"\1aximaal "),
    rule(r"\b([Mm])in\.\s+(?=[\d€])", r"\1inimaal "),
    rule(rf"(?:€|\bEUR)\s*{_AMOUNT}(?:\s*(?:euro|EUR)\b)?", _money),
    rule(rf"(?<![\w.,]){_AMOUNT}\s*(?:€|(?:euro|EUR)\b)", _money),
    rule(rf"{NUMBER}\s?%", lambda found: f"{quantity(found[1], found[2])} procent"),
    rule(r"\b(\d{1,2})(?:\s?u\.(?!\w)|u\b)", lambda found: f"{cardinal(int(found[1]))} uur"),
    rule(rf"{NUMBER}\s?({_UNIT})(?![\w/])(?:\.(?=\s+[a-z]))?", _measure),
    rule(r"(?<![\w.,])(\d{1,4}|\d\.\d{3})(?:e|de|ste)\b", _rank),
)
"""Numbers that say what they count."""

PLAIN_NUMBERS: Final = (
    rule(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " "),
    rule(
        r"(?<![\w.,])(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?(?![\d.,]*\d)",
        lambda found: quantity(found[1], found[2]),
    ),
    rule(r"(?<![\w.,])(\d+),(\d+)(?![\d.,]*\d)", lambda found: quantity(found[1], found[2])),
    rule(r"(?<=\d)[.](?=\d)", " punt "),
    rule(r"(?<=\d)\s*[-–—]\s*(?=\d)", ", "),
    rule(r"\d+", lambda found: whole(found[0])),
)
"""All other numbers; after these no digit is left."""
