"""From the log of a call to the text of a fixture."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from voicebot.errors import UsageError
from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallEnded,
    CallerHungUp,
    CallStarted,
    Entry,
    Event,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Message,
    PromptFinished,
    PromptStarted,
    UtteranceEnded,
)
from voicebot.expectation import Expectation
from voicebot.replay import load_fixture, record_call
from voicebot.values import Personal, Value

pytestmark = pytest.mark.unit

SLOTS = {
    "order_number": Expectation("order_number", "digits", 5),
    "postcode": Expectation("postcode", "postcode"),
}
STARTED = CallStarted(
    "id", "webshop", "v", "v", "2026-11-20T10:15:00+01:00", topics={"order_status": "een bestelling"}
)
ORDER, OTHER_ORDER = (Personal("order_number", f"<order_number:{n}>") for n in (1, 2))
POSTCODE = Personal("postcode", "<postcode:1>")


def recorded(*messages: Message, outcome: str = "contained") -> dict[str, Any]:
    """Record a call in which a prompt is heard, these things happen a second apart, and it ends."""
    log = [(0, STARTED), (0, PromptStarted(1, "disclosure", "Hallo.")), (1000, PromptFinished(1))]
    log += [(1000 * at, message) for at, message in enumerate(messages, start=2)]
    log += [(60_000, CallEnded(outcome))]
    text = record_call(
        [Entry("id", seq, at, message) for seq, (at, message) in enumerate(log, 1)], "webshop", SLOTS
    )
    keys: dict[str, Any] = YAML(typ="safe").load(text)
    return keys


def heard(text: str, **slots: Value) -> list[Event]:
    return [UtteranceEnded(text, 1700, 2000), IntentRecognised("order_status", 0.9, slots)]


def first_turn(*messages: Message) -> dict[str, Any]:
    turn: dict[str, Any] = recorded(*messages)["turns"][0]
    return turn


def test_a_number_is_said_as_the_value_that_was_understood() -> None:
    turn = first_turn(*heard("mijn nummer is <number:1> dank u", order_number=ORDER))
    number = turn["expect"]["slots"]["order_number"]
    assert (len(number), number.isdecimal()) == (5, True)
    assert digits(turn) == number
    assert turn["caller"]["text"].startswith("mijn nummer is ")


def digits(turn: dict[str, Any]) -> str:
    words = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
    return "".join(str(words.index(word)) for word in turn["caller"]["text"].split() if word in words)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("nummer <number:1> en <number:2>", ["order_number", "postcode"]),
        ("mijn postcode is <number:1> en het nummer <number:2>", ["postcode", "order_number"]),
        ("<number:1>", ["order_number", "postcode"]),
        ("niet <number:1> maar <number:2> en <number:3>", [None, "order_number", "postcode"]),
    ],
)
def test_two_values_in_one_sentence(text: str, order: list[str | None]) -> None:
    turn = first_turn(*heard(text, order_number=ORDER, postcode=POSTCODE))
    slots = turn["expect"]["slots"]
    said = digits(turn)
    known = "".join(slots[name][:4] if name == "postcode" else slots[name] for name in order if name)
    assert said.endswith(known)
    assert (len(said) > len(known)) == (None in order)


def test_what_was_no_value_is_a_number_that_means_nothing() -> None:
    turn = first_turn(UtteranceEnded("<number:1>", 1700, 2000), IntentNotRecognised())
    assert len(digits(turn)) == 3
    assert turn["expect"] == {"intent": "no-match"}


def test_the_same_token_is_the_same_value_in_every_place() -> None:
    asked = CallBackend(1, "find_order", {"order_number": ORDER, "postcode": POSTCODE})
    facts = {
        "delivery_day": "zaterdag 28 november",
        "window": "in de loop van de dag",
        "carrier": "DHL",
        "items_summary": "een helm en 2 andere artikelen",
    }
    fixture = recorded(
        *heard("<number:1>", order_number=ORDER),
        *heard("<number:2>", postcode=POSTCODE),
        asked,
        BackendReplied(1, "delayed", facts),
        *heard("<number:1>", order_number=ORDER),
    )
    values = [turn["expect"]["slots"] for turn in fixture["turns"]]
    assert values[0] == values[2]
    assert fixture["backend"]["delay_ms"] == 1000
    (order,) = fixture["backend"]["orders"]
    assert order == {
        "number": values[0]["order_number"],
        "postcode": values[1]["postcode"],
        "status": "vertraagd",
        "delivery_in_days": 8,
        "carrier": "DHL",
        "items": ["een helm", "een artikel", "een artikel"],
    }


@pytest.mark.parametrize(
    ("reply", "backend"),
    [
        (BackendReplied(1, "not_found"), {"delay_ms": 1000}),
        (BackendFailed(1, "timeout"), {"delay_ms": 9000}),
        (BackendFailed(1, "error"), {"fault": "error", "delay_ms": 1000}),
    ],
)
def test_a_back_end_that_knows_nothing_or_fails(reply: Event, backend: dict[str, Any]) -> None:
    asked = CallBackend(1, "find_order", {"order_number": ORDER, "postcode": POSTCODE})
    assert recorded(*heard("hallo"), asked, reply)["backend"] == backend


def test_keys_are_pressed_as_they_were() -> None:
    keys = [KeyPressed("digit")] * 5
    turn = first_turn(*keys, KeysEntered({"order_number": ORDER}), KeyPressed("0"))
    number = turn["expect"]["slots"]["order_number"]
    assert turn["caller"]["keys"] == number + "#0"


def test_a_caller_who_leaves() -> None:
    fixture = recorded(*heard("dag"), CallerHungUp(), outcome="abandoned")
    assert fixture["turns"][-1]["caller"]["hangs_up"] is True
    assert fixture["after"] == {"outcome": "abandoned"}


def test_our_own_hang_up_is_not_the_callers() -> None:
    assert len(recorded(*heard("dag"), CallerHungUp())["turns"]) == 1


@pytest.mark.parametrize("text", ["no", "null", "true", '\'t is "zo": #1', "- ja", "12", "één €"])
def test_whatever_was_said_is_read_back(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(record_call([*call_with(text)], "webshop", SLOTS))
    caller = load_fixture(tmp_path / "x.yaml").turns[0].caller
    assert caller is not None
    assert caller.text == text


def call_with(text: str) -> list[Entry]:
    messages = [STARTED, UtteranceEnded(text, 10, 20), CallEnded("contained")]
    return [Entry("id", seq, seq, message) for seq, message in enumerate(messages, 1)]


@pytest.mark.parametrize("missing", [0, -1])
def test_only_a_whole_call_can_be_recorded(missing: int) -> None:
    entries = call_with("dag")
    del entries[missing]
    with pytest.raises(UsageError, match="not over yet, or its log is not whole"):
        record_call(entries, "webshop", SLOTS)
