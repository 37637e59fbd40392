import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.modelling import SENTENCE_END, UNKNOWN, LanguageModel, mix, train_language_model

pytestmark = pytest.mark.unit

ORDERS = ["waar is mijn fiets", "waar is mijn fiets", "waar is mijn bestelling", "mijn fiets is kapot"]
HUMAN = ["ik wil een medewerker", "een medewerker", "waar is een medewerker", ""]
SENTENCES = st.lists(st.lists(st.sampled_from("abcd"), max_size=5).map(" ".join), min_size=1, max_size=12)


def is_whole(model: LanguageModel) -> bool:
    """Say whether the probabilities of what can follow add up to 1, in every state."""
    words = model.vocabulary | {SENTENCE_END}
    totals = [
        sum(model.next(state, word).probability for word in words) for state in range(len(model.states))
    ]
    return all(math.isclose(total, 1, abs_tol=1e-4) for total in totals)


@given(SENTENCES, st.integers(1, 4))
def test_probabilities_add_up_to_one(sentences: list[str], order: int) -> None:
    assert is_whole(train_language_model(sentences, order=order))


@given(SENTENCES, SENTENCES, st.floats(0.1, 0.9))
def test_a_mixture_adds_up_to_one(first: list[str], second: list[str], share: float) -> None:
    assert is_whole(mix(train_language_model(first), train_language_model(second), share))


def test_what_was_said_is_likelier_than_what_was_not() -> None:
    model = train_language_model(ORDERS)
    said, unsaid = (
        model.log_probability(["waar", "is", "mijn", "fiets"]),
        model.log_probability(["fiets", "is", "waar"]),
    )
    assert said > unsaid > -math.inf
    assert model.log_probability(["onbekend"]) == -math.inf


def test_a_word_without_sentences_can_be_recognised() -> None:
    model = train_language_model(ORDERS, ["windhapper"])
    assert model.next(model.start, "windhapper").probability > 0
    assert model.vocabulary >= {"windhapper", UNKNOWN}
    assert UNKNOWN not in train_language_model(ORDERS, unknown=0).vocabulary


def test_a_mixture_knows_what_both_know() -> None:
    first, second = train_language_model(ORDERS), train_language_model(HUMAN)
    mixed = mix(first, second, 0.5)
    assert mixed.vocabulary == first.vocabulary | second.vocabulary
    for sentence in ("waar is mijn fiets", "een medewerker"):
        words = sentence.split()
        likeliest = max(first.log_probability(words), second.log_probability(words))
        assert likeliest - math.log(2) * (len(words) + 1) <= mixed.log_probability(words) < likeliest


def test_the_share_decides() -> None:
    first, second = train_language_model(ORDERS), train_language_model(HUMAN)
    mostly, hardly = mix(first, second, 0.9), mix(first, second, 0.1)
    orders = ["waar", "is", "mijn", "fiets"]
    assert mostly.log_probability(orders) > hardly.log_probability(orders)
