"""The vocabulary: to JSON and back, and personal values stay hidden."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.event_json import decode, encode
from voicebot.events import (
    BackendReplied,
    CallStarted,
    IntentRecognised,
    Listen,
    Message,
    Say,
    Transfer,
    UtteranceEnded,
)
from voicebot.expectation import Expectation
from voicebot.values import Personal, TimedWord, Value, fill

pytestmark = pytest.mark.unit

PERSONAL = st.builds(Personal, st.text(min_size=1), st.text())
VALUES: st.SearchStrategy[dict[str, Value]] = st.dictionaries(
    st.text(), st.one_of(PERSONAL, st.text(), st.integers(), st.booleans())
)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(IntentRecognised, st.text(), st.floats(0, 1), VALUES),
    st.builds(BackendReplied, st.integers(), st.text(), VALUES),
    st.builds(Say, st.integers(), st.text(), st.text(), VALUES, st.booleans()),
    st.builds(Transfer, st.text(), st.text(), st.text(), VALUES),
    st.builds(Listen, st.builds(Expectation, st.none() | st.text(), st.none() | st.text())),
    st.builds(
        UtteranceEnded,
        st.text(),
        st.integers(),
        st.integers(),
        st.lists(st.builds(TimedWord, st.text(), st.integers(), st.integers())).map(tuple),
    ),
    st.builds(CallStarted, st.text(), st.text(), st.text(), st.text(), st.text(), st.none() | PERSONAL),
)


@given(MESSAGES)
def test_json_and_back_is_the_same_message(message: Message) -> None:
    assert decode(json.loads(json.dumps(encode(message)))) == message


def test_a_log_from_before_words_had_times_is_read() -> None:
    old = {"type": "UtteranceEnded", "text": "ja", "started_ms": 3, "ended_ms": 4}
    assert decode(old) == UtteranceEnded("ja", 3, 4)


@pytest.mark.parametrize("data", [{}, {"type": "Nonsense"}, {"type": "Say", "prompt": "x"}, {"type": None}])
def test_anything_else_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(data)


def test_personal_values_hide_themselves() -> None:
    value = Personal("postcode", "5611BJ")
    assert "5611" not in f"{value} {value!r}"
    assert fill("Uw postcode {p}.", {"p": value}, reveal=False) == "Uw postcode <postcode>."
    assert fill("Uw postcode {p}.", {"p": value}, reveal=True) == "Uw postcode 5611BJ."
