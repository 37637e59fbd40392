from __future__ import annotations

import random
import re

import pytest

from voicebot.errors import BotError
from voicebot.understanding.templates import Grammar

pytestmark = pytest.mark.unit

GRAMMAR = Grammar({"thing": "(pakket[je]|bestelling)"}, {"number": "slot_number"}, frozenset({"graag"}))


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("waar (is|blijft) mijn <thing>", "waar blijft mijn pakketje"),
        ("waar (is|blijft) mijn <thing>", "waar is mijn bestelling"),
        ("[mijn] pakket [met] [nummer] {number}", "pakket slot_number"),
        ("[mijn] pakket [met] [nummer] {number}", "mijn pakket nummer slot_number"),
        ("(mijn pakket;waar blijft)", "waar blijft mijn pakket"),
        ("(mijn pakket;waar blijft)", "mijn pakket waar blijft"),
        ("Eén pakket graag", "een pakket"),
        ("ik wil (graag|heel graag) hulp", "ik wil heel hulp"),
    ],
)
def test_a_template_matches_what_it_says(template: str, sentence: str) -> None:
    assert re.fullmatch(GRAMMAR.pattern([template]), sentence)


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("waar is mijn <thing>", "waar is mijn pakketten"),
        ("waar is mijn <thing>", "waar ismijn pakket"),
        ("[mijn] pakket {number}", "mijn pakket"),
        ("zon en maan", "zo n en maan"),
    ],
)
def test_a_template_matches_nothing_else(template: str, sentence: str) -> None:
    assert not re.fullmatch(GRAMMAR.pattern([template]), sentence)


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("waar (is mijn pakket", "brackets"),
        ("waar is {", "brackets"),
        ("waar is {parcel}", "{parcel} is not a slot"),
        ("waar is <parcel>", "no rule <parcel>"),
    ],
)
def test_a_wrong_template_is_explained(template: str, complaint: str) -> None:
    with pytest.raises(BotError, match=re.escape(complaint)):
        GRAMMAR.pattern([template])


def test_samples_are_sentences_that_the_template_matches() -> None:
    template = "[hallo] waar (is|blijft) (mijn|het) <thing> [met nummer {number}]"
    parsed, pattern = GRAMMAR.parse(template), re.compile(GRAMMAR.pattern([template]))
    samples = {GRAMMAR.sample(parsed, random.Random(seed)) for seed in range(50)}
    assert len(samples) > 20
    assert all(pattern.fullmatch(sample) for sample in samples)
