"""Finds personal values in free Dutch text, as spoken to a recogniser or as written.

Each finder returns the text with what it found replaced by a token such as ``<number:1>``; a later finder
leaves tokens alone. The lists are conservative: an unknown word where a name could stand is taken for a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeAlias

Hide: TypeAlias = Callable[[str, str], str]
"""(kind, value) -> token."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"<[a-z_]+:\d{1,3}>|[^\W_]+")
"""A token, or a run of letters and digits."""

# --------------------------------------------------------------------------- numbers

_TIME = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3])(?::[0-5]\d(?!\d|[ :.-]*\d)|\.[0-5]\d(?=\s*uur\b))")
_NUMBER_PARTS = {
    0: "en",
    1: "nul een twee drie vier vijf zes zeven acht negen",
    2: "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien "
    "twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd",
    3: "duizend",
}
"""Digits that each part of a Dutch number word is worth."""
_DIGITS_OF = {word: digits for digits, words in _NUMBER_PARTS.items() for word in words.split()}
_PARTS = "|".join(sorted(_DIGITS_OF, key=len, reverse=True))
_NUMBER_WORD = re.compile(rf"(?:{_PARTS})+")
_BETWEEN = _words("en eh ehm uh uhm dan dubbel streepje plus")
"""Words within a spoken number that are no part of it."""
_LETTERS = _words("bee cee dee gee haa jee kaa pee tee uu vee wee iks zet")
"""Names of letters; after four digits a word of two letters is taken for letters too ("5611 bj", "bé")."""
_NO_LETTERS = _words("en is of op in ik je er om al de we ze nu zo ja")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?\b", re.IGNORECASE)


def hide_numbers(text: str, hide: Hide, *, asked: bool = False) -> str:
    """Hide every number that could be somebody's: at least three words, or four digits' worth.

    Times ("14:00", "twee uur"), small counts ("drie dagen") and single short numbers stay. When a number
    was `asked` for, a part of it is hidden as well: two words, or two digits' worth.
    """
    text = _IBAN.sub(lambda match: hide("number", match[0]), text)
    times = [match.span() for match in _TIME.finditer(text)]
    words = [m for m in _WORD.finditer(text) if not any(start <= m.start() < end for start, end in times)]
    spans = [(words[first].start(), words[last].end()) for first, last in _number_runs(words, asked)]
    return _replace(text, spans, "number", hide)


def _number_runs(words: list[re.Match[str]], asked: bool) -> Iterator[tuple[int, int]]:
    """Yield (first, last) word of each run that identifies; letters belong to a run ("5611 b j")."""
    position = 0
    while position < len(words):
        last, tokens, digits = position - 1, 0, 0
        for index in range(position, len(words)):
            word = _plain(words[index][0])
            worth = _digits(word)
            if worth or (_is_letter(word, after_digits=digits == 4) and (word != "u" or tokens)):
                last, tokens, digits = index, tokens + 1, digits + worth
            elif not (word in _BETWEEN and tokens and index - last < 3):
                break
        written = any(_written_digits(words[i][0]) >= 3 for i in range(position, last + 1))
        part = asked and (digits >= 2 or tokens >= 2)
        if part or written or digits >= 4 or tokens >= (3 if digits >= 2 else 4):
            yield position, last
        position = max(last, position) + 1


def _is_letter(word: str, *, after_digits: bool) -> bool:
    short = len(word) == 1 or (after_digits and len(word) == 2 and word not in _NO_LETTERS)
    return word in _LETTERS or (short and word.isalpha())


def _digits(word: str) -> int:
    """Return how many digits `word` is worth: "12" 2, "zesenvijftig" 2, "twaalfhonderd" 4, "huis" 0."""
    if word.startswith("<"):
        return 0
    if written := _written_digits(word):
        return written
    if not _NUMBER_WORD.fullmatch(word):
        return 0
    parts: list[str] = re.findall(_PARTS, word)
    shared = sum(left == "en" and right.endswith("tig") for left, right in pairwise(parts))
    return sum(_DIGITS_OF[part] for part in parts) - shared


def _written_digits(word: str) -> int:
    return sum(character.isdigit() for character in word)


# --------------------------------------------------------------------------- e-mail addresses

_WRITTEN_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_AT = _words("apenstaartje apenstaart apestaartje apestaart")
_AT_BEFORE_POINT = _words("at ad et")
"""How people, and recognisers, say the sign in English: only when a "punt" follows."""
_POINTS = _words("punt dot")
_BEFORE_EMAIL = _words("is adres mail email mailadres emailadres op naar mijn ja nee heb via")
_EMAIL_WORDS = 8
"""At most this many words stand on each side of the spoken at-sign."""


def hide_emails(text: str, hide: Hide) -> str:
    """Hide e-mail addresses: "jan@voorbeeld.nl", and "jan punt jansen apenstaartje voorbeeld punt nl"."""
    text = _WRITTEN_EMAIL.sub(lambda match: hide("email", match[0]), text)
    words = list(_WORD.finditer(text))
    plain = [_plain(word[0]) for word in words]
    spans = []
    for at, word in enumerate(plain):
        english = word in _AT_BEFORE_POINT and _POINTS & set(plain[at + 1 : at + 5])
        if word not in _AT and not english:
            continue
        first = at
        while first > max(0, at - _EMAIL_WORDS) and plain[first - 1] not in _BEFORE_EMAIL:
            first -= 1
        after = range(at + 1, min(at + _EMAIL_WORDS, len(words) - 1))
        points = [index for index in after if plain[index] in _POINTS]
        last = points[-1] + 1 if points else min(at + 1, len(words) - 1)
        spans.append((words[first].start(), words[last].end()))
    return _replace(text, spans, "email", hide)


# --------------------------------------------------------------------------- names

_GREETINGS = r"(?:(?:goe|hal|hoi|he|dag|ja|nee)\w*\W+)*"
_INTRODUCTION = re.compile(
    r"""\b(?: (?:mijn|de|m'n|me)\s(?:achter|voor|roep|meisjes)?naam\sis | ik\sheet
        | (?P<being>ik\sben|dit\sis)
        | (?:u|je|jij)\sspreekt\s(?:hier\s)?met | spreekt\su\smet
        | (?:op|onder)\s(?:de\s)?naam\svan | ten\sname\svan | t\.?n\.?v
        | meneer | mijnheer | mevrouw | de\sheer )(?=\W)"""
    rf"| ^\W*{_GREETINGS}met(?=\W)",
    re.IGNORECASE | re.VERBOSE,
)
_PARTICLES = _words("van de der den het ter ten te von la le el t d")
_NAME_WORDS = 4
_NO_NAME = _words(
    """
    en of maar want dus dat die dit deze daar hier er om op uit in over voor bij naar door na sinds tot
    aan als toen dan nu net nog al ook wel niet geen even toch zo te veel weinig heel erg echt best
    helemaal gewoon zelf weer vandaag morgen gisteren vanochtend vanmiddag vanavond altijd nooit vaak
    soms ik jij je u hij zij ze we wij jullie mij me mijn uw jouw zijn haar ons onze hun iets iemand
    niemand wie wat waar wanneer waarom hoe welke hoeveel een was is ben bent heb heeft hebt had hebben
    kan kunt kunnen wil wilt willen moet mag zou zal wou bel belde wacht zoek zit sta ga kom weet denk
    vind krijg vraag spreek praat hoor goedemorgen goedemiddag goedenavond goedendag hallo dag hoi ja
    nee oke graag alsjeblieft alstublieft dank bedankt sorry medewerker collega mens persoon
    klantenservice computer robot
    """
)
"""Words that end a name, or stand where one could."""
_STATES = _words(
    """
    boos kwaad woedend teleurgesteld ontevreden tevreden blij verdrietig verbaasd verrast geschrokken
    benieuwd bang bezorgd zeker onzeker klaar ziek thuis weg onderweg bezig laat vroeg moe zat kwijt
    vergeten verhuisd verkeerd doorverbonden gebeld klant lid eigenaar bereikbaar beschikbaar akkoord
    eens oneens nieuw oud jong doof blind slechthorend aanwezig afwezig gestopt begonnen gewend
    opgelicht bestolen geboren het vrij
    belachelijk schandalig onzin raar vreemd vervelend fout goed slecht duur goedkoop urgent spoed alles
    """
)
"""What people say that they, or things, are; no name directly after "ik ben" and "dit is"."""


def hide_names(text: str, hide: Hide) -> str:
    """Hide what stands where a caller says a name: after "mijn naam is", "u spreekt met", "ik ben", ..."""
    spans = [span for match in _INTRODUCTION.finditer(text) if (span := _name_after(match))]
    return _replace(text, spans, "name", hide)


def _name_after(introduction: re.Match[str]) -> tuple[int, int] | None:
    """Return where the name after `introduction` stands; None when no name does."""
    begin = end = None
    names = 0
    for word in _WORD.finditer(introduction.string, introduction.end()):
        plain = _plain(word[0])
        state = begin is None and introduction["being"] is not None and plain in _STATES
        particle = plain in _PARTICLES
        if state or names == _NAME_WORDS or plain.startswith("<") or _digits(plain):
            break
        if plain in _NO_NAME and not particle:
            break
        begin = word.start() if begin is None else begin
        if not particle:
            end, names = word.end(), names + 1
    return None if begin is None or end is None else (begin, end)


# --------------------------------------------------------------------------- addresses

_STREET = re.compile(
    r"\b\w{2,}(?:straat|laan|weg|plein|gracht|kade|singel|dijk|steeg|hof|plantsoen)\b", re.IGNORECASE
)
_NO_STREET = _words("onderweg halverwege terugweg snelweg vanweg spoorweg gerechtshof rechtdoorweg uitweg")


def hide_streets(text: str, hide: Hide) -> str:
    """Hide street names with the house number after them: "kerkstraat twaalf"."""
    spans = []
    for street in _STREET.finditer(text):
        if _plain(street[0]) in _NO_STREET:
            continue
        end = street.end()
        for word in _WORD.finditer(text, end):
            if not _digits(_plain(word[0])) and _plain(word[0]) != "nummer":
                break
            end = word.end()
        spans.append((street.start(), end))
    return _replace(text, spans, "address", hide)


# --------------------------------------------------------------------------- shared


def _plain(word: str) -> str:
    """Return `word` in small letters without accents: "Één" is "een"."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _replace(text: str, spans: list[tuple[int, int]], kind: str, hide: Hide) -> str:
    """Replace `spans` (in order; one that overlaps its predecessor is joined to it) by tokens."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    pieces, position = [], 0
    for start, end in joined:
        pieces += [text[position:start], hide(kind, text[start:end])]
        position = end
    return "".join([*pieces, text[position:]])
