from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.understanding.text import hesitates, normalise, words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Waar is mijn bestelling?", "waar is mijn bestelling"),
        ("Eén pakket, 5611BJ!", "een pakket 5611 bj"),
        ("drieëntwintig", "drieentwintig"),
        ("12.345", "12345"),
        ("12.345. Dank u", "12345 dank u"),
        ("mijn e-mail", "mijn email"),
        ("'s avonds   thuis", "s avonds thuis"),
        ("[unk] ja_nee", "unk ja nee"),
        ("…", ""),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_words_leaves_hesitations_out() -> None:
    assert words("Eh, nou ehm ja") == ["nou", "ja"]


def test_hesitates_looks_at_the_end_only() -> None:
    assert hesitates("een twee eh")
    assert not hesitates("eh een twee")
    assert not hesitates("")
