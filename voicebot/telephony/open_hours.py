"""When agents answer: as Asterisk checks it, and as callers hear it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.errors import ConfigError

_WEEKDAYS = {
    "mon": "maandag",
    "tue": "dinsdag",
    "wed": "woensdag",
    "thu": "donderdag",
    "fri": "vrijdag",
    "sat": "zaterdag",
    "sun": "zondag",
}


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Part of a week in which agents answer."""

    days: tuple[str, ...]
    """Of ``mon`` .. ``sun``."""
    opens: str
    """First minute, ``HH:MM``."""
    closes: str
    """First minute after, ``HH:MM``; ``24:00`` is midnight."""

    def condition(self, timezone: str) -> str:
        """Return it as GotoIfTime wants it; Asterisk counts the last minute in, we do not.

        Raises ConfigError for days and times that are none.
        """
        opens, closes = _minute(self.opens), _minute(self.closes)
        if not opens < closes:
            raise ConfigError(
                f"dialplan: hours {self.opens}-{self.closes} end before they begin; split them at 24:00"
            )
        if not self.days or not set(self.days) <= _WEEKDAYS.keys():
            raise ConfigError(f"dialplan: days {self.days} must be some of {', '.join(_WEEKDAYS)}")
        last = closes - 1
        span = f"{opens // 60:02}:{opens % 60:02}-{last // 60:02}:{last % 60:02}"
        return f"{span},{'&'.join(self.days)},*,*,{timezone}"


def written_hours(hours: Sequence[OpenHours]) -> str:
    """Return the opening hours in one Dutch sentence."""
    parts = [f"{_days(part.days)} van {_time(part.opens)} tot {_time(part.closes)}" for part in hours]
    return f"Wij zijn bereikbaar {_listed(parts, ', en')}."


def _days(days: Sequence[str]) -> str:
    """Return "van maandag tot en met vrijdag", "op zaterdag", "op maandag en donderdag" or "elke dag"."""
    order = list(_WEEKDAYS)
    places = sorted(order.index(day) for day in days)
    names = [_WEEKDAYS[order[place]] for place in places]
    if len(places) == len(order):
        return "elke dag"
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"van {names[0]} tot en met {names[-1]}"
    return f"op {_listed(names, ' en')}"


def _time(time: str) -> str:
    return "middernacht" if time == "24:00" else time.removeprefix("0")


def _listed(items: Sequence[str], last: str) -> str:
    return f"{last} ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def _minute(time: str) -> int:
    """Return minutes since midnight of ``HH:MM``."""
    match = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", time)
    if match is None or time > "24:00":
        raise ConfigError(f"dialplan: {time!r} is not a time; write HH:MM, such as 08:30")
    return 60 * int(match[1]) + int(match[2])
