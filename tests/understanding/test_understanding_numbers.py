from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from voicebot.understanding.numbers import find_digits, find_score, split_numbers
from voicebot.understanding.text import words

pytestmark = pytest.mark.unit

UNITS = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")


def read(text: str, length: int | None) -> str | None:
    found = find_digits(split_numbers(words(text)), length)
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("een twee drie vier vijf", "12345"),
        ("één twee drie vier vijf", "12345"),
        ("1 2 3 4 5", "12345"),
        ("12345", "12345"),
        ("12 345", "12345"),
        ("12.345", "12345"),
        ("eh dat is een twee drie vier vijf", "12345"),
        ("een twee eh drie vier ehm vijf", "12345"),
        ("een twee drie en dan vier vijf", "12345"),
        ("mijn bestelnummer is een twee drie vier vijf", "12345"),
        ("mijn nummer is twaalf vierendertig vijf alstublieft", "12345"),
        ("twaalf drie vijfenveertig", "12345"),
        ("een drieëntwintig vijfenveertig", "12345"),
        ("een drieentwintig vijf en veertig", "12345"),
        ("een twee drie vijf en veertig", "12345"),
        ("een twee drie vijf n veertig", "12345"),
        ("honderd drieëntwintig vijfenveertig", "12345"),
        ("twaalf driehonderdvijfenveertig", "12345"),
        ("twaalf drie honderd vijf en veertig", "12345"),
        ("twaalfduizend driehonderdvijfenveertig", "12345"),
        ("twaalfduizenddriehonderdvijfenveertig", "12345"),
        ("twaalf duizend drie honderd vijf en veertig", "12345"),
        ("tienduizend vijf", "10005"),
        ("tienduizend en vijf", "10005"),
        ("twintigduizend", "20000"),
        ("negenennegentigduizend negenhonderdnegenennegentig", "99999"),
        ("elfduizend honderdelf", "11111"),
        ("elfduizend honderd en elf", "11111"),
        ("dubbel vijf een twee drie", "55123"),
        ("dubbele vijf een twee drie", "55123"),
        ("een twee drie dubbel vier", "12344"),
        ("een dubbel nul dubbel zeven", "10077"),
        ("drie keer nul een twee", "00012"),
        ("drie maal de nul een twee", "00012"),
        ("een twee driemaal vijf", "12555"),
        ("vier keer de negen en dan acht", "99998"),
        ("tweemaal zes een twee drie", "66123"),
        ("nul nul zes zeven acht", "00678"),
        ("nul zesenvijftig achtenzeventig", "05678"),
        ("zeuven zeuven een twee drie", "77123"),
        ("vijf vijf vijf vijf vijf", "55555"),
        ("tien elf twaalf", None),
        ("tien elf een", "10111"),
        ("twintig dertig veertig", None),
        ("twintig dertig vier", "20304"),
        ("een streepje twee streepje drie vier vijf", "12345"),
        ("een twee drie vier", None),
        ("een twee drie vier vijf zes", None),
        ("een twee drie vier vijf nee zes", None),
        ("een twee drie vier vijf sorry een twee drie vier zes", "12346"),
        ("een twee nee een twee drie vier vijf", "12345"),
        ("een twee drie vier vijf ik herhaal een twee drie vier vijf", "12345"),
        ("een twee drie vier vijf of een twee drie vier zes", None),
        ("ik heb twee keer gebeld over een twee drie vier vijf", "12345"),
        ("een twee unk vier vijf", None),
        ("ik heb een vraag over een fiets", None),
        ("duizend", None),
        ("dubbel", None),
        ("keer keer keer", None),
        ("", None),
    ],
)
def test_order_numbers(text: str, number: str | None) -> None:
    assert read(text, 5) == number


@pytest.mark.parametrize(
    ("text", "length", "number"),
    [
        ("zesenvijftig elf", 4, "5611"),
        ("zesenvijftighonderd elf", 4, "5611"),
        ("vijfduizend zeshonderdelf", 4, "5611"),
        ("driehonderd een twee", 4, "3012"),
        ("driehonderd een twee", 5, "30012"),
        ("duizend", 4, "1000"),
        ("honderd", 3, "100"),
        ("honderdeneen", 3, "101"),
        ("vijf", 1, "5"),
        ("een", 1, "1"),
        ("ik heb een vraag", 1, None),
        ("nul zes twaalf vierendertig zesenvijftig achtenzeventig", 10, "0612345678"),
        ("nul zes een twee drie vier vijf zes zeven acht", 10, "0612345678"),
        ("twee", None, "2"),
        ("twee keer gebeld", None, None),
        ("het is zevenhonderd twaalf", None, "712"),
        ("nummer vier zes acht", None, "468"),
    ],
)
def test_numbers_of_other_lengths(text: str, length: int | None, number: str | None) -> None:
    assert read(text, length) == number


def by_digit(number: str) -> str:
    return " ".join(UNITS[int(digit)] for digit in number)


def in_pairs(number: str) -> str:
    """Say 12345 as "twaalf vierendertig vijf": a pair with a zero in front digit by digit."""
    pairs = (number[at : at + 2] for at in range(0, len(number), 2))
    return " ".join(by_digit(pair) if pair[0] == "0" else num2words(int(pair), lang="nl") for pair in pairs)


def by_two_and_three(number: str) -> str:
    """Say 12345 as "twaalf driehonderdvijfenveertig"; nobody says 12145 as "twaalf honderdvijfenveertig"."""
    parts = (number[:2], number[2:])
    return " ".join(by_digit(part) if part[0] in "01" else num2words(int(part), lang="nl") for part in parts)


def as_amount(number: str) -> str:
    return by_digit(number) if number[0] == "0" else num2words(int(number), lang="nl")


def as_amount_in_pieces(number: str) -> str:
    return (
        as_amount(number)
        .replace("duizend", " duizend ")
        .replace("honderd", " honderd ")
        .replace("en", " en ")
    )


def with_doubles(number: str) -> str:
    said, at = [], 0
    while at < len(number):
        double = number[at : at + 2] == 2 * number[at]
        said.append(("dubbel " if double else "") + UNITS[int(number[at])])
        at += 2 if double else 1
    return " ".join(said)


def hesitating(number: str) -> str:
    return "eh ja mijn nummer is " + " ehm ".join(UNITS[int(digit)] for digit in number) + " dank u"


@pytest.mark.parametrize(
    "say", [by_digit, in_pairs, by_two_and_three, as_amount, with_doubles, hesitating, str]
)
@given(number=st.from_regex(r"\A[0-9]{5}\Z"))
def test_any_order_number_is_read_back_in_any_style(say, number: str) -> None:
    assert read(say(number), 5) == number


@given(st.text(max_size=80), st.none() | st.integers(1, 12))
def test_any_text_gives_a_number_of_that_length_or_none(text: str, length: int | None) -> None:
    number = read(text, length)
    assert number is None or (number.isdecimal() and (length is None or len(number) == length))


@given(
    st.lists(st.sampled_from([*UNITS, "honderd", "duizend", "en", "keer", "dubbel", "twintig"]), max_size=60)
)
def test_no_pile_of_number_words_takes_long(pile: list[str]) -> None:
    number = read(" ".join(pile), 12)
    assert number is None or len(number) == 12


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("vier", "4"),
        ("een vier", "4"),
        ("een", "1"),
        ("ik geef u een vijf", "5"),
        ("doe maar drie of vier", "4"),
        ("5", "5"),
        ("acht", None),
        ("heel goed", None),
    ],
)
def test_a_mark_is_from_one_to_five(text: str, score: str | None) -> None:
    found = find_score(text.split())
    assert (found.value if found else None) == score
