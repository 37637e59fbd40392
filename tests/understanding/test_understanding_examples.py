from collections import Counter

import pytest

from voicebot.expectation import Expectation
from voicebot.understanding import IntentSpec, SlotSpec, Understanding, example_sentences

pytestmark = pytest.mark.unit

INTENTS = {"status": IntentSpec(("waar blijft mijn [financiële] zending", "zending {number}"))}
SLOTS = {"number": SlotSpec("digits", 5), "postcode": SlotSpec("postcode")}


def test_they_are_words_as_people_say_them() -> None:
    sentences = example_sentences(INTENTS, SLOTS)
    assert {"waar blijft mijn zending", "waar blijft mijn financiële zending"} <= set(sentences)
    assert not any(sign in sentence for sentence in sentences for sign in "0123456789_{}[]|,.?")
    assert sentences == example_sentences(INTENTS, SLOTS)


def test_some_wishes_come_with_a_value_at_once() -> None:
    wish = "waar blijft mijn zending"
    said = example_sentences({"status": IntentSpec((wish,))}, SLOTS)
    at_once = sum(times for text, times in said.items() if text.startswith(f"{wish} "))
    assert 0.1 * said[wish] < at_once < 0.5 * said[wish]


def test_no_value_is_likelier_than_another() -> None:
    said = example_sentences({}, {"postcode": SLOTS["postcode"]})
    pairs: Counter[tuple[str, ...]] = Counter()
    for text, times in said.items():
        last = tuple(text.split()[-2:])
        if list(map(len, last)) == [1, 1]:
            pairs[last] += times
    assert len(pairs) == 20 * 20 - 3
    assert max(pairs.values()) < 1.5 * min(pairs.values())


@pytest.mark.parametrize("slot", [SlotSpec("digits", 5), SlotSpec("postcode"), SlotSpec("phone")])
def test_what_they_answer_is_understood(slot: SlotSpec) -> None:
    understanding = Understanding({}, {"value": slot})
    expectation = Expectation("value", slot.type, slot.length)
    answers = set(example_sentences({}, {"value": slot})) - set(example_sentences({}, {}))
    assert len(answers) > 100
    assert [
        text for text in answers if "value" not in understanding.understand(text, expectation).slots
    ] == []


def test_every_word_of_a_template_is_said() -> None:
    products = [first + second for first in "bdfhklmnprst" for second in ("aap", "eek", "oon", "uut", "iem")]
    shop = {"product": IntentSpec((f"verkoopt u (een {'|een '.join(products)})",))}
    said = {word for sentence in example_sentences(shop, {}) for word in sentence.split()}
    assert set(products) <= said
