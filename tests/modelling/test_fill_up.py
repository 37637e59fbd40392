import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.modelling import SENTENCE_END, UNKNOWN, LanguageModel, mix, train_language_model
from voicebot.modelling.fill_up import fill_up
from voicebot.modelling.graph import as_language_model, language_transducer

pytestmark = pytest.mark.unit

LABELS = {name: label for label, name in enumerate(["<eps>", *"abcd", UNKNOWN, "#0"])}
NAMES = {label: name for name, label in LABELS.items()}
SENTENCES = st.lists(st.lists(st.sampled_from("abcd"), max_size=5).map(" ".join), min_size=1, max_size=12)
LARGE = ["a b c d", "a b c", "a b d", "d c b a", "c c a", "b a", ""]


def filled(new: LanguageModel, large: LanguageModel, share: float = 0.5) -> LanguageModel:
    return as_language_model(fill_up(new, language_transducer(large, LABELS), LABELS, share), NAMES)


@given(SENTENCES, SENTENCES)
def test_all_that_either_knows_stays_possible(said: list[str], large: list[str]) -> None:
    new, base = train_language_model(said), train_language_model([*large, "a b c d"])
    both = filled(new, base)
    assert both.vocabulary == base.vocabulary
    assert all(math.isfinite(both.log_probability(sentence.split())) for sentence in (*said, *large, "d d"))


def test_it_is_about_as_likely_as_a_mixture() -> None:
    new, base = train_language_model(["a d c", "a d", "c c"]), train_language_model(LARGE)
    both, mixture = filled(new, base), mix(new, base, 0.5)
    for sentence in ("a d c", "a d", "c c", "a b c d", "d c b a", ""):
        words = sentence.split()
        assert both.log_probability(words) == pytest.approx(mixture.log_probability(words), abs=1)


@given(SENTENCES)
def test_what_can_follow_adds_up_to_about_one(said: list[str]) -> None:
    both = filled(train_language_model(said), train_language_model(LARGE))
    for state in range(len(both.states)):
        total = sum(both.next(state, word).probability for word in (*both.vocabulary, SENTENCE_END))
        assert 0.5 < total < 1.5


def test_what_is_said_gets_likelier_and_the_rest_stays_possible() -> None:
    large = train_language_model(LARGE)
    both = filled(train_language_model({"a d c": 20.0, "a d": 20.0}), large)
    assert both.log_probability(["a", "d", "c"]) > large.log_probability(["a", "d", "c"]) + 2
    assert both.log_probability(["d", "c", "b", "a"]) > large.log_probability(["d", "c", "b", "a"]) - 4
    assert both.vocabulary == large.vocabulary


def test_a_context_that_the_large_one_lacks_is_remembered() -> None:
    new = train_language_model({"d a b": 10.0, "c a c": 10.0})
    both = filled(new, train_language_model(["a", "b", "c", "d"]))
    for words, next_word, other in ((["d", "a"], "b", "c"), (["c", "a"], "c", "b")):
        state = after(both, words)
        assert both.next(state, next_word).probability > 2 * both.next(state, other).probability


def after(model: LanguageModel, words: list[str]) -> int:
    state = model.start
    for word in words:
        state = model.next(state, word).state
    return state


def test_without_back_off_in_the_large_one() -> None:
    large = train_language_model(["a", "b"], order=1)
    both = filled(train_language_model(["a b", "a b"]), large)
    assert math.isfinite(both.log_probability(["b", "a"]))
    assert both.log_probability(["a", "b"]) > large.log_probability(["a", "b"])
