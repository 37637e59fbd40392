"""One form for Dutch text: what a recogniser writes and what a person types become the same words."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile(r"[\u0300-\u036f]")
_NO_WORD = re.compile(r"[\W_]+")
_DIGITS_THEN_LETTERS = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")
_DOT_IN_NUMBER = re.compile(r"(?<=\d)\.(?=\d)")

HESITATIONS = frozenset({"eh", "ehm", "uh", "uhm", "hm", "hmm", "mm", "mmm", "euh", "euhm"})
"""Sounds of thinking; they never carry meaning."""


def normalise(text: str) -> str:
    """Return `text` as lower-case words with one space between: no accents, no punctuation.

    "Eén pakket, 5611BJ!" gives "een pakket 5611 bj"; "e-mail" gives "email" and "12.345" gives "12345".
    """
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()
    plain = _DOT_IN_NUMBER.sub("", plain).replace("e-mail", "email")
    return " ".join(_DIGITS_THEN_LETTERS.sub(" ", _NO_WORD.sub(" ", plain)).split())


def words(text: str) -> list[str]:
    """Return the words of `text` in the form of `normalise`, without hesitations ("eh", "hm")."""
    return [word for word in normalise(text).split() if word not in HESITATIONS]


def hesitates(text: str) -> bool:
    """Return whether `text` ends in a sound of thinking: whoever says it means to go on."""
    return bool(spoken := normalise(text).split()) and spoken[-1] in HESITATIONS
