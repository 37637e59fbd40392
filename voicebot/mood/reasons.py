"""Why a turn sounds frustrated, in plain Dutch for a supervisor."""

from __future__ import annotations

from typing import Final, NamedTuple

from voicebot.mood.prosody import FEATURES
from voicebot.mood.spectrum import Values

TOO_LITTLE_VOICE: Final = "te weinig spraak"

_MOST: Final = 3
_LEAST: Final = 0.05
"""The least that a reason must add to the log-odds."""


class Aspect(NamedTuple):
    """Something a listener would notice, and how to say it."""

    features: tuple[str, ...]
    changed: str
    """When it is compared with the same caller's earlier turns."""
    striking: str
    """When it is compared with other people."""


ASPECTS: Final = (
    Aspect(("pitch_level",), "spreekt hoger dan eerst", "hoge stem"),
    Aspect(
        ("pitch_range", "pitch_slope"),
        "de toon gaat meer op en neer dan eerst",
        "de toon gaat sterk op en neer",
    ),
    Aspect(("level_range", "level_slope"), "legt meer nadruk dan eerst", "legt veel nadruk"),
    Aspect(
        ("alpha_ratio", "hammarberg", "middle_slope"), "de stem klinkt scherper dan eerst", "scherpe stem"
    ),
    Aspect(("openness",), "het klinkt meer als roepen dan eerst", "het klinkt als roepen"),
    Aspect(("tempo",), "spreekt sneller dan eerst", "spreekt snel"),
    Aspect(("pauses",), "pauzeert minder dan eerst", "pauzeert weinig"),
)


def strongest(parts: Values, *, compared_with_self: bool) -> tuple[str, ...]:
    """Return at most three reasons, the strongest first; `parts`: log-odds added by each of `FEATURES`."""
    added = dict(zip(FEATURES, parts, strict=True))
    told = [
        (sum(added[name] for name in one.features), one.changed if compared_with_self else one.striking)
        for one in ASPECTS
    ]
    ranked = sorted(told, key=lambda pair: pair[0], reverse=True)
    return tuple(words for strength, words in ranked[:_MOST] if strength > _LEAST)
