"""Telephone numbers, said, keyed and told; and yes or no to one that was read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from voicebot.expectation import Completeness, Expectation
from voicebot.understanding import SlotSpec, Understanding, phone_number

pytestmark = pytest.mark.unit

ASKED = Expectation("phone_number", "phone")
READ_BACK = Expectation("phone_number", "phone", confirming=True)
UNITS = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")


@pytest.fixture(scope="module")
def desk() -> Understanding:
    """Understands who comes to leave a number."""
    return Understanding({}, {"phone_number": SlotSpec("phone")})


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("0612345678", "0612345678"),
        ("+31612345678", "0612345678"),
        ("0031612345678", "0612345678"),
        ("31612345678", "0612345678"),
        ("+31 (0)6 12 34 56 78", "0612345678"),
        ("040-1234567", "0401234567"),
        ("+32470123456", "+32470123456"),
        ("003221234567", "+3221234567"),
        ("+4915112345678", "+4915112345678"),
        ("100", None),
        ("anonymous", None),
        ("", None),
        ("0900123456", None),
        ("08001234567", None),
        ("061234567", None),
        ("06123456789", None),
        ("+31012345678", None),
        ("+316123456789", None),
        ("+1234567890123456", None),
    ],
)
def test_a_number_has_one_form(told: str, number: str | None) -> None:
    assert phone_number(told) == number


@given(st.text(max_size=30))
def test_whatever_a_telephone_calls_itself_is_a_number_or_nothing(told: str) -> None:
    number = phone_number(told)
    assert number is None or (number.removeprefix("+").isdecimal() and number.isascii())
    assert number is None or phone_number(number) == number


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("nul zes een twee drie vier vijf zes zeven acht", "0612345678"),
        ("nul zes twaalf vierendertig zesenvijftig achtenzeventig", "0612345678"),
        ("mijn nummer is nul zes dubbel vijf een twee drie vier vijf zes", "0655123456"),
        ("ja nul veertig twee drie vier vijf zes zeven acht", "0402345678"),
        ("0 6 1 2 3 4 5 6 7 8", "0612345678"),
        ("drie een zes een twee drie vier vijf zes zeven acht", "0612345678"),
        ("plus tweeëndertig vier zeven nul een twee drie vier vijf zes", "+32470123456"),
        (
            "nul zes een twee drie vier vijf zes zeven negen nee sorry "
            "nul zes een twee drie vier vijf zes zeven acht",
            "0612345678",
        ),
    ],
)
def test_a_number_is_heard_as_people_say_it(desk: Understanding, said: str, number: str) -> None:
    meaning = desk.understand(said, ASKED)
    assert (meaning.intent, meaning.slots) == ("inform", {"phone_number": number})
    assert desk.completeness(ASKED, said) is Completeness.COMPLETE


@given(st.lists(st.sampled_from(["digits", "pair"]), min_size=8, max_size=8), st.integers(0, 99_999_999))
def test_any_grouping_of_a_number_gives_its_digits(desk: Understanding, groups: list[str], rest: int) -> None:
    digits = f"06{rest:08}"
    words, at = ["nul", "zes"], 2
    for group in groups:
        pair = digits[at : at + 2]
        if group == "pair" and len(pair) == 2 and pair[0] not in "01":
            words.append(num2words(int(pair), lang="nl"))
            at += 2
        elif at < 10:
            words.append(UNITS[int(digits[at])])
            at += 1
    if at == 10:
        assert desk.understand(" ".join(words), ASKED).slots == {"phone_number": digits}


@pytest.mark.parametrize(
    "said",
    [
        "nul zes een twee drie vier",
        "nul zes een twee drie vier vijf zes zeven acht negen",
        "nul negenhonderd een twee drie vier",
        "plus een twee een twee vijf vijf vijf een twee drie vier",
        "nul zes een twee drie vier vijf zes zeven acht of nul zes een een een een een een een een",
    ],
)
def test_what_is_not_surely_one_number_is_none(desk: Understanding, said: str) -> None:
    assert desk.understand(said, ASKED).slots == {}


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("ja", "yes"),
        ("ja hoor dat mag", "yes"),
        ("graag", "yes"),
        ("ja bel mij maar terug", "yes"),
        ("kunt u mij terugbellen", "yes"),
        ("een collega mag mij terugbellen", "yes"),
        ("1", "yes"),
        ("nee", "no"),
        ("nee dat is het oude nummer", "no"),
        ("liever een ander nummer", "no"),
        ("nee u hoeft mij niet terug te bellen", "no"),
        ("2", "no"),
        ("ik wil een medewerker spreken", "human"),
        ("medewerker", "human"),
        ("tot ziens", "goodbye"),
        ("3", None),
        ("mooi weer vandaag", None),
    ],
)
def test_an_answer_to_a_number_that_was_read_back(desk: Understanding, said: str, intent: str | None) -> None:
    assert desk.understand(said, READ_BACK).intent == intent


def test_a_better_number_comes_along_with_the_no(desk: Understanding) -> None:
    meaning = desk.understand("nee nul zes een twee drie vier vijf zes zeven acht", READ_BACK)
    assert (meaning.intent, meaning.slots) == ("no", {"phone_number": "0612345678"})


def test_after_a_no_the_better_number_is_waited_for(desk: Understanding) -> None:
    assert desk.completeness(READ_BACK, "ja dat klopt") is Completeness.COMPLETE
    assert desk.completeness(READ_BACK, "nee") is Completeness.OPEN


def test_asking_to_be_called_back_is_asking_for_a_human_where_nothing_is_offered(
    understanding: Understanding,
) -> None:
    assert understanding.understand("kunt u mij terugbellen", Expectation()).intent == "human"
