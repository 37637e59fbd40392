"""Keys on virtual time: single keys, whole numbers, pauses."""

import asyncio

import pytest

from voicebot.clock import run_virtual
from voicebot.expectation import Expectation
from voicebot.hearing.keys import INTER_DIGIT_S, KeyCollector

pytestmark = pytest.mark.unit


PHONE = Expectation("phone_number", "phone")
CONFIRM = Expectation("phone_number", "phone", confirming=True)


def heard(
    *presses: str | float, length: int | None = None, expectation: Expectation | None = None
) -> tuple[list[str], list[str]]:
    """Press keys, with pauses in seconds in between; return the keys and the numbers told."""
    keys: list[str] = []
    numbers: list[str] = []

    async def press() -> None:
        collector = KeyCollector(keys.append, numbers.append)
        collector.expect(expectation or Expectation("number", "digits", length))
        for item in presses:
            if isinstance(item, float):
                await asyncio.sleep(item)
            else:
                collector.press(item)
        collector.close()

    run_virtual(press())
    return keys, numbers


def test_zero_alone_is_a_wish() -> None:
    assert heard("0", length=5) == (["0"], [])


def test_zero_inside_a_number_is_a_digit() -> None:
    assert heard(*"10203", length=5) == (["digit"] * 5, ["10203"])


def test_hash_ends_a_number() -> None:
    assert heard(*"123#") == (["digit"] * 3, ["123"])


def test_a_pause_ends_a_number() -> None:
    assert heard(*"12", INTER_DIGIT_S - 0.1, "3", INTER_DIGIT_S + 0.1, "4") == (["digit"] * 4, ["123"])


def test_a_hash_after_a_whole_number_is_habit() -> None:
    assert heard(*"12345#", length=5) == (["digit"] * 5, ["12345"])


def test_after_a_number_zero_is_a_wish_again() -> None:
    assert heard(*"12345", "0", length=5) == (["digit"] * 5 + ["0"], ["12345"])


def test_star_and_lone_hash_stand_by_themselves() -> None:
    assert heard("*", "#", "A") == (["*", "#"], [])


def test_closing_forgets() -> None:
    assert heard(*"123") == (["digit"] * 3, [])


def test_a_telephone_number_begins_with_zero_and_is_whole_at_ten_digits() -> None:
    assert heard(*"0612345678", expectation=PHONE) == (["digit"] * 10, ["0612345678"])


@pytest.mark.parametrize("after", [INTER_DIGIT_S + 0.1, "#"])
def test_where_a_telephone_number_is_asked_a_zero_alone_is_still_a_wish(after: str | float) -> None:
    assert heard("0", after, expectation=PHONE) == (["digit", "0"], [])


@pytest.mark.parametrize("expectation", [CONFIRM, Expectation("sure", "yes_no")])
def test_a_yes_or_a_no_is_one_key(expectation: Expectation) -> None:
    assert heard("1", "2", expectation=expectation) == (["digit"] * 2, ["1", "2"])
    assert heard("0", expectation=expectation) == (["0"], [])
