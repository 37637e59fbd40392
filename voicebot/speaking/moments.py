"""Times and dates, as people say them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from voicebot.speaking.number_words import cardinal
from voicebot.speaking.rules import rule

_MONTHS: Final = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_SHORT_MONTHS: Final = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_MONTH_OF: Final = {
    **{name: name for name in _MONTHS},
    **dict(zip(_SHORT_MONTHS, _MONTHS, strict=True)),
    "sept": "september",
}
_MONTH: Final = "|".join(sorted(_MONTH_OF, key=len, reverse=True))

_HOUR: Final = r"(?<![\d.,:])([01]?\d|2[0-4])"
_MINUTE: Final = r"([0-5]\d)(?![\d.,]*\d)"
_O_CLOCK: Final = r"\s*(?:uur|u(?:\.(?=\s+[a-z]))?)(?!\w)"
_DASH: Final = r"\s*[-–—]\s*"
_DOTTED_ENDS: Final = rf"(?={_O_CLOCK}|\s+(?:tot|en|t/m)\s+\d{{1,2}}[.:]\d\d{_O_CLOCK})"


def _part_of_day(hour: int) -> str:
    """Return what tells an hour from its twin, for hours outside a shop's day (8 to 18)."""
    if hour < 6:
        return " 's nachts"
    if hour < 8:
        return " 's ochtends"
    return " 's avonds" if hour >= 18 else ""


def _clock(found: re.Match[str]) -> str:
    hour, minute = int(found[1]) % 24, int(found[2])
    this, following = (cardinal((at - 1) % 12 + 1) for at in (hour, hour + 1))
    if minute == 0:
        spoken = f"{this} uur"
    elif minute == 15:
        spoken = f"kwart over {this}"
    elif minute < 16:
        spoken = f"{'één minuut' if minute == 1 else cardinal(minute)} over {this}"
    elif minute < 30:
        spoken = f"{cardinal(30 - minute)} voor half {following}"
    elif minute == 30:
        spoken = f"half {following}"
    elif minute < 45:
        spoken = f"{cardinal(minute - 30)} over half {following}"
    elif minute == 45:
        spoken = f"kwart voor {following}"
    else:
        spoken = f"{cardinal(60 - minute)} voor {following}"
    return spoken + _part_of_day(hour)


def _range_of_hours(found: re.Match[str]) -> str:
    between, hour, minute = found.groups()
    return f"{between}{hour}:{minute} en " if between else f"{hour}:{minute} tot "


def _date(found: re.Match[str]) -> str:
    parts = found.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year < 70 else 1900
    try:
        day = date(year, int(parts["month"]), int(parts["day"]))
    except ValueError:
        return found[0]
    return f"{cardinal(day.day)} {_MONTHS[day.month - 1]} {cardinal(day.year)}"


def _named_date(found: re.Match[str]) -> str:
    day, month, year = found.groups()
    spoken = f"{cardinal(int(day))} {_MONTH_OF[month.lower()]}"
    return f"{spoken} {cardinal(int(year))}" if year else spoken


def _day_and_month(found: re.Match[str]) -> str:
    day, month = int(found[2]), int(found[3])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return found[0]
    return f"{found[1]}{cardinal(day)} {_MONTHS[month - 1]}"


MOMENTS: Final = (
    rule(r"(\b(?:maan|dins|woens|donder|vrij|zater|zon)dag )(\d{1,2})/(\d{1,2})(?![\d/])", _day_and_month),
    rule(r"(?<![\w.,-])((?:19|20)\d\d)\s?[-–—]\s?(?=(?:19|20)\d\d(?![\w-]))", r"\1 tot "),
    rule(r"(?<![\w-])(?P<year>[12]\d{3})-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])", _date),
    rule(
        r"(?<![\w.,/-])(?P<day>\d{1,2})([-./])(?P<month>\d{1,2})\2(?P<year>[12]\d{3}|\d\d)(?![\w/-]|[.,]\d)",
        _date,
    ),
    rule(
        rf"(tussen\s+)?{_HOUR}[:.]([0-5]\d)(?:{_O_CLOCK})?{_DASH}"
        rf"(?=\d{{1,2}}:[0-5]\d|\d{{1,2}}\.[0-5]\d{_O_CLOCK})",
        _range_of_hours,
        ignore_case=True,
    ),
    rule(rf"{_HOUR}:{_MINUTE}(?::[0-5]\d)?(?:{_O_CLOCK})?", _clock),
    rule(rf"{_HOUR}\.{_MINUTE}(?:{_O_CLOCK}|{_DOTTED_ENDS})", _clock),
    rule(rf"{_HOUR}\s?u\s?{_MINUTE}(?!\w)", _clock),
    rule(rf"(\d{{1,2}}){_DASH}(?=\d{{1,2}}\s+(?:{_MONTH})\b)", r"\1 tot en met ", ignore_case=True),
    rule(
        rf"(?<![\w.,])(\d{{1,2}})(?:e|de|ste)?\s+({_MONTH})\b(?:\.(?=\s+(?-i:[a-z\d])))?(?:\s+([12]\d{{3}})\b)?",
        _named_date,
        ignore_case=True,
    ),
)
"""In this order, before any other rule that reads digits."""
