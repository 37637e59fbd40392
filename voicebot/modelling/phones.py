"""The sounds our models tell apart, and espeak-ng's Dutch phonemes folded to them."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from voicebot.errors import ModelError

Pronunciation: TypeAlias = tuple[str, ...]
"""A word as a sequence of `PHONES`, never silence."""

SILENCE: Final = "SIL"
PHONES: Final[tuple[str, ...]] = (
    *(SILENCE, "@", "A", "E", "EI", "I", "N", "O", "S", "VU", "Wy", "Y", "Y:", "a:", "b", "d", "e:", "f"),
    *("h", "i", "j", "k", "l", "m", "n", "o:", "p", "r", "s", "t", "u", "v", "w", "x", "y", "z"),
)
"""In espeak's notation (https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md); the order is
the numbering of trained networks, so it never changes."""

_ESPEAK: Final = """
@ = @2 @- 3     A = a a2 A~         a: = A:             a: j = aI       b = b2          d = D2 d2
d S = dZ        E = E~ E2 E: e@ &   e: = e              e: w = eU       EI = eI         f = f2
h = h2          I = I2              i = i: i2           i w = iU        j = ;           k = k2
l = l^          N = N2              n j = n^            O = 0 O2 O: O~  O j = OI        o: = oU o
r = * R R2 r-   S = Z               s = s2              t = T t2        t s = ts        t S = tS
u = u: U        v = v2              VU = aU             w = w2 v#       Wy = 9Y         x = g Q x2 X C G
Y = V 8 W Y2    Y: = 3:             y = y:              y w = yU        z = D z2
"""
"""Our phones, and the mnemonics that espeak has for them beside their own."""
_FOLDED: Final[dict[str, Pronunciation]] = {phone: (phone,) for phone in PHONES[1:]} | {
    name: tuple(ours.split())
    for ours, names in (cell.split("=") for cell in re.split(r" {2,}|\n", _ESPEAK.strip()))
    for name in names.split()
}
_STRESS: Final = "',%="
_NO_SOUND: Final = ("", "!", "?")


def from_espeak(mnemonic: str) -> Pronunciation:
    """Return espeak's phoneme `mnemonic` in our phones: () for a pause or a mark without sound.

    Raises ModelError for a phoneme that Dutch speech does not have.
    """
    name = mnemonic.lstrip(_STRESS).rstrip("|")
    if name not in _FOLDED:
        name = name.rstrip("#")
    if name in _NO_SOUND or name[0] in "_(":
        return ()
    if name not in _FOLDED:
        raise ModelError(
            f"espeak's phoneme {mnemonic!r} is none of ours; give the word a pronunciation by hand"
        )
    return _FOLDED[name]
