"""Templates give Dutch sentences, and readers' texts become words."""

import numpy as np
import pytest
from training.corpus import Utterance
from training.readers import held_out, words_only
from training.sentences import load_sentences, spoken_number
from training.settings import load_settings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (0, "nul"),
        (17, "zeventien"),
        (20, "twintig"),
        (22, "tweeëntwintig"),
        (45, "vijfenveertig"),
        (83, "drieëntachtig"),
        (100, "honderd"),
        (231, "twee honderd eenendertig"),
        (1000, "duizend"),
        (2026, "twee duizend zesentwintig"),
    ],
)
def test_numbers_are_spelled_as_spoken(number: int, spoken: str) -> None:
    assert spoken_number(number) == spoken


def test_sentences_are_plain_words_and_follow_from_the_seed() -> None:
    sentences = load_sentences()
    drawn, again = ([sentences.draw(np.random.default_rng(seed)) for seed in range(500)] for _ in range(2))
    assert drawn == again
    assert all(sentence and not set(sentence) & set("{}()|.,?0123456789") for sentence in drawn)
    assert len(set(drawn)) > 300


def test_what_is_measured_with_is_never_drawn() -> None:
    sentences = load_sentences()
    assert len(sentences.never) > 50
    only = sentences.model_copy(
        update={"topics": {"one": ("ja", "nee")}, "with_opening": 0, "with_closing": 0, "never": {"ja"}}
    )
    assert {only.draw(np.random.default_rng(seed)) for seed in range(20)} == {"nee"}


def test_the_vocabulary_has_the_words_of_the_sentences() -> None:
    sentences, random = load_sentences(), np.random.default_rng(1)
    known = set(sentences.vocabulary())
    said = {word for _ in range(3000) for word in sentences.draw(random).split()}
    # a number that is glued to something ("elfhonderd") is the only word that no template spells out
    assert {word for word in said - known if not word.endswith("honderd")} == set()
    assert {"medewerker", "zesennegentig", "duizend", "'s"} <= known


def test_texts_become_words() -> None:
    text = "’s Ochtends kost 't 'm één e-mail: auto's, \"zo'n\" ding!"
    assert words_only(text) == "'s ochtends kost 't m één e mail auto's zo'n ding"


def test_equal_texts_are_held_out_together() -> None:
    settings = load_settings().data
    utterances = [
        Utterance("a/13", "a", "dag"),
        Utterance("a/14", "a", "nee"),
        Utterance("b/25", "b", "dag"),
        Utterance("b/27", "b", "tot ziens"),
    ]
    assert held_out(utterances, settings) == [True, False, True, True]
