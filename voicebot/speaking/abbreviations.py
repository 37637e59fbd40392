"""Dutch abbreviations, written out."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speaking.rules import rule

_WRITTEN_OUT: Final = {
    "a.s.": "aanstaande",
    "a.u.b.": "alstublieft",
    "afd.": "afdeling",
    "art.": "artikel",
    "aub": "alstublieft",
    "b.v.": "bijvoorbeeld",
    "bijv.": "bijvoorbeeld",
    "blz.": "bladzijde",
    "bv.": "bijvoorbeeld",
    "ca.": "circa",
    "d.m.v.": "door middel van",
    "d.w.z.": "dat wil zeggen",
    "dhr.": "de heer",
    "dr.": "dokter",
    "e.d.": "en dergelijke",
    "e.v.": "en volgende",
    "enz.": "enzovoort",
    "etc.": "et cetera",
    "evt.": "eventueel",
    "excl.": "exclusief",
    "i.o.m.": "in overleg met",
    "i.p.v.": "in plaats van",
    "i.v.m.": "in verband met",
    "incl.": "inclusief",
    "jl.": "jongstleden",
    "m.a.w.": "met andere woorden",
    "m.b.t.": "met betrekking tot",
    "m.b.v.": "met behulp van",
    "m.i.v.": "met ingang van",
    "m.n.": "met name",
    "m.u.v.": "met uitzondering van",
    "mevr.": "mevrouw",
    "mw.": "mevrouw",
    "n.a.v.": "naar aanleiding van",
    "n.v.t.": "niet van toepassing",
    "nr.": "nummer",
    "nrs.": "nummers",
    "o.a.": "onder andere",
    "o.b.v.": "op basis van",
    "p.j.": "per jaar",
    "p.m.": "per maand",
    "p.p.": "per persoon",
    "p.st.": "per stuk",
    "pag.": "pagina",
    "prof.": "professor",
    "resp.": "respectievelijk",
    "s.v.p.": "alstublieft",
    "t.a.v.": "ter attentie van",
    "t.b.v.": "ten behoeve van",
    "t.g.v.": "ten gevolge van",
    "t.n.v.": "ten name van",
    "t.o.v.": "ten opzichte van",
    "t.w.v.": "ter waarde van",
    "t/m": "tot en met",
    "tel.": "telefoon",
    "v.a.": "vanaf",
    "z.o.z.": "zie ommezijde",
    "z.s.m.": "zo snel mogelijk",
}
_TITLES: Final = frozenset(
    {"afd.", "art.", "dhr.", "dr.", "mevr.", "mw.", "nr.", "prof.", "t.a.v.", "t.n.v."}
)
"""A capital after these is a name, not a new sentence."""
_ANY: Final = "|".join(re.escape(short) for short in sorted(_WRITTEN_OUT, key=len, reverse=True))


def _written_out(found: re.Match[str]) -> str:
    short = found[1].lower()
    ends_sentence = short.endswith(".") and found["end"] is not None and short not in _TITLES
    return _WRITTEN_OUT[short] + ("." if ends_sentence else "")


def _initials(found: re.Match[str]) -> str:
    letters = " ".join(found[0].split(".")[:-1])
    return letters if letters == "B V" or found[0].lower() not in _WRITTEN_OUT else found[0]


ABBREVIATIONS: Final = (
    rule(r"(?<![\w.])(?:[A-Z]\.){2,}", _initials),
    rule(rf"(?<![\w.])((?i:{_ANY}))(?!\w)(?P<end>(?=\s+[A-Z])|(?=\s*$))?", _written_out),
)
