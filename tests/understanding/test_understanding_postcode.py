from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from voicebot.understanding.numbers import split_numbers
from voicebot.understanding.postcode import find_postcode
from voicebot.understanding.text import words

pytestmark = pytest.mark.unit

UNITS = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
NAMES = (
    *("anton", "bernard", "cornelis", "dirk", "eduard", "ferdinand", "gerard", "hendrik", "izaak", "johan"),
    *("karel", "lodewijk", "maria", "nico", "otto", "pieter", "quotiënt", "rudolf", "simon", "teunis"),
    *("utrecht", "victor", "willem", "xantippe", "ypsilon", "zaandam"),
)
SPELLING = {name[0]: name for name in NAMES}


def read(text: str) -> str | None:
    found = find_postcode(split_numbers(words(text)))
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("5611 BJ", "5611BJ"),
        ("5611bj", "5611BJ"),
        ("5611 B.J.", "5611BJ"),
        ("vijf zes een een b j", "5611BJ"),
        ("zesenvijftig elf b j", "5611BJ"),
        ("zes en vijftig elf b j", "5611BJ"),
        ("zesenvijftighonderd elf b j", "5611BJ"),
        ("vijfduizend zeshonderdelf b j", "5611BJ"),
        ("mijn postcode is zesenvijftig elf b j", "5611BJ"),
        ("eh de postcode is vijf zes een een en dan b en j", "5611BJ"),
        ("vijf zes dubbel een b j", "5611BJ"),
        ("dertien nul een a a", "1301AA"),
        ("dertienhonderd a b", "1300AB"),
        ("duizend a b", "1000AB"),
        ("zesenvijftig elf bee jee", "5611BJ"),
        ("zesenvijftig elf be je", "5611BJ"),
        ("zesenvijftig elf em ef", "5611MF"),
        ("zesenvijftig elf ka zet", "5611KZ"),
        ("zesenvijftig elf iks ij", "5611XY"),
        ("zesenvijftig elf pe we", "5611PW"),
        ("zesenvijftig elf dubbel b", "5611BB"),
        ("zesenvijftig elf de b van bernard de j van johan", "5611BJ"),
        ("zesenvijftig elf b van bernard en de j van johan", "5611BJ"),
        ("zesenvijftig elf bernard johan", "5611BJ"),
        ("zesenvijftig elf b als in bakker j als in jan", "5611BJ"),
        ("zesenvijftig elf p van bernard j van johan", "5611BJ"),
        ("zesenvijftig elf bravo juliett", "5611BJ"),
        ("zesenvijftig elf brussel jozef", "5611BJ"),
        ("zesenvijftig elf letters b en j", "5611BJ"),
        ("zesenvijftig elf met de letters b j huisnummer twaalf", "5611BJ"),
        ("zesenvijftig elf b j dank u wel", "5611BJ"),
        ("een twee drie vier vijf en vijf zes een een b j", "5611BJ"),
        ("een twee drie vier vijf vijf zes een een b j", "5611BJ"),
        ("12345 en mijn postcode is 5611 BJ", "5611BJ"),
        ("5611 BJ nee 5612 BJ", "5612BJ"),
        ("5611 BJ ik herhaal 5611 BJ", "5611BJ"),
        ("5611 BJ of 5612 BJ", None),
        ("5611 b j nee g j", None),
        ("vijf vijf zes een een b j", None),
        ("zesenvijftig elf", None),
        ("zesenvijftig elf b", None),
        ("zesenvijftig elf b en", None),
        ("zesenvijftig elf de b van bernard", None),
        ("zesenvijftig elf en er is nog iets", None),
        ("zesenvijftig elf is mijn postcode", None),
        ("nul zes een een b j", None),
        ("5611 SA", None),
        ("5611 SD", None),
        ("5611 SS", None),
        ("b j", None),
        ("ik weet mijn postcode niet", None),
        ("", None),
    ],
)
def test_postcodes(text: str, postcode: str | None) -> None:
    assert read(text) == postcode


@given(st.from_regex(r"\A[1-9][0-9]{3}\Z"), st.from_regex(r"\A[A-Z]{2}\Z"), st.booleans())
def test_any_postcode_is_read_back(digits: str, letters: str, spelled: bool) -> None:
    assume(letters not in ("SA", "SD", "SS"))
    numbers = " ".join(UNITS[int(digit)] for digit in digits)
    low = letters.lower()
    said = " en ".join(f"de {x} van {SPELLING[x]}" for x in low) if spelled else " ".join(low)
    assert read(f"mijn postcode is {numbers} {said}") == digits + letters


@given(st.text(max_size=60))
def test_any_text_gives_a_postcode_or_none(text: str) -> None:
    postcode = read(text)
    assert postcode is None or (len(postcode) == 6 and postcode[0] != "0" and postcode[:4].isdecimal())
