"""Invented values have the right shape, hold their checksums, and are always the same."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban
from stdnum.nl import bsn, postcode

from voicebot.expectation import Expectation
from voicebot.replay.substitutes import Substitutes

pytestmark = pytest.mark.unit

SLOTS = {
    "order_number": Expectation("order_number", "digits", 5),
    "customer": Expectation("customer", "digits", 3),
    "home": Expectation("home", "postcode"),
}
TOKEN = st.builds(
    "<{}:{}>".format,
    st.sampled_from([*SLOTS, "number", "iban", "bsn", "email", "address"]),
    st.integers(1, 9),
)


@given(TOKEN)
def test_the_shape_fits(token: str) -> None:
    value = Substitutes(SLOTS).value(token)
    assert {
        "order_number": lambda: re.fullmatch(r"[1-9]\d{4}", value),
        "customer": lambda: re.fullmatch(r"[1-9]\d{2}", value),
        "home": lambda: postcode.is_valid(value),
        "number": lambda: re.fullmatch(r"\d{4}", value),  # 3 would be a customer
        "iban": lambda: iban.is_valid(value),
        "bsn": lambda: bsn.is_valid(value),
        "email": lambda: value.endswith("@example.nl"),
        "address": lambda: re.fullmatch(r"[a-z]+ [a-z]+", value),
    }[token[1:].partition(":")[0]]()


@given(st.lists(TOKEN, unique=True, max_size=20))
def test_the_same_token_has_the_same_value_and_another_token_another(tokens: list[str]) -> None:
    one, two = Substitutes(SLOTS), Substitutes(SLOTS)
    assert [one.value(token) for token in tokens] == [one.value(token) for token in tokens]
    assert [one.value(token) for token in tokens] == [two.value(token) for token in tokens]
    assert len({one.value(token) for token in tokens}) == len(tokens)


def test_numbers_are_spoken_digit_by_digit() -> None:
    substitutes = Substitutes(SLOTS)
    words = substitutes.spoken("<home:1>").split()
    assert len(words) == 6
    assert "".join(words[4:]).upper() == substitutes.value("<home:1>")[4:]
    assert len(substitutes.spoken("<order_number:1>").split()) == 5
    assert substitutes.spoken("<name:1>").isalpha() or " " in substitutes.spoken("<name:1>")
