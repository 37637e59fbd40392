import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speaking.number_words import LARGEST, cardinal, decimals, digits, ordinal, whole

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "nul"),
        (1, "één"),
        (999, "negenhonderdnegenennegentig"),
        (1000, "duizend"),
        (1001, "duizend één"),
        (1100, "elfhonderd"),
        (1998, "negentienhonderd achtennegentig"),
        (2026, "tweeduizend zesentwintig"),
        (100_000, "honderdduizend"),
        (1_234_567, "één miljoen tweehonderdvierendertigduizend vijfhonderdzevenenzestig"),
        (2_000_000_000, "twee miljard"),
    ],
)
def test_cardinal(number: int, words: str) -> None:
    assert cardinal(number) == words


@given(st.integers(0, LARGEST), st.integers(0, LARGEST))
def test_different_numbers_sound_different(one: int, other: int) -> None:
    assert (cardinal(one) == cardinal(other)) == (one == other)


@given(st.text("0123456789", min_size=1, max_size=30))
def test_digits_are_dictated_in_groups_of_two_or_three(text: str) -> None:
    groups = [group.split() for group in digits(text).split(", ")]
    assert sum(map(len, groups)) == len(text)
    assert all(len(group) == 2 for group in groups[:-1])
    assert len(groups[-1]) in ({1} if len(text) == 1 else {2, 3})


def test_ordinal() -> None:
    assert [ordinal(n) for n in (1, 3, 8, 20)] == ["eerste", "derde", "achtste", "twintigste"]


def test_decimals() -> None:
    assert [decimals(t) for t in ("5", "14", "05", "141")] == ["vijf", "veertien", "nul vijf", "één vier één"]


def test_long_numbers_and_leading_zeros_are_dictated() -> None:
    assert [whole(t) for t in ("1234", "007", "0")] == ["twaalfhonderd vierendertig", "nul nul zeven", "nul"]
    assert whole("12345") == "één twee, drie vier vijf"
