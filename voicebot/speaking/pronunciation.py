"""Dutch as espeak needs to see it: what its Dutch voice says wrong, spelled so that it says it right.

Found by reading espeak-ng 1.52's own phonemes. Its number words are better
than its reading of ours ("zesentwintig" comes out as "zeezentwintig",
"vijftien" with the weight on "tien"), so the tens go back to digits here.
"""

from __future__ import annotations

import re
from typing import Final

from voicebot.speaking.number_words import cardinal

_TENS: Final = {cardinal(number): str(number) for number in range(13, 100)}
_BELOW_HUNDRED: Final = frozenset(map(cardinal, range(1, 100)))
_HUNDREDS: Final = re.compile(r"(\w*honderd)(\w+)")
_WORDS: Final = {
    **_TENS,
    "bijvoorbeeld": "bij voorbeeld",
    "e-mailadres": "e-mail adres",
    "klantenservice": "klantensurvis",
    "mail": "meel",
    "mailen": "meelen",
    "mevrouw": "me-vrouw",
    "minuten": "mi-nuten",
    "minuut": "mi-nuut",
    "retour": "retoer",
    "s": "es",
    "service": "survis",
    "smartphone": "smartfoon",
    "trace": "trees",
    "track": "trek",
    "update": "updeet",
    "voicebot": "vojsbot",
    "voicemail": "vojs-meel",
    "w": "wee",
}
_WORD: Final = re.compile(r"(?<![\w'-])\w+(?:-\w+)*")


def for_espeak(text: str) -> str:
    """Return normalised `text` in the spelling that espeak's Dutch voice pronounces best."""
    return _WORD.sub(lambda found: _WORDS.get(found[0].lower(), found[0]), _HUNDREDS.sub(_split, text))


def _split(found: re.Match[str]) -> str:
    hundreds, rest = found.groups()
    return f"{hundreds} {rest}" if rest in _BELOW_HUNDRED else found[0]
