import pytest

from voicebot.speaking import sentences
from voicebot.speaking.sentences import clauses

pytestmark = pytest.mark.unit


def test_sentences_are_told_apart() -> None:
    assert sentences("Hallo! Hoe gaat het? Goed.") == ["Hallo!", "Hoe gaat het?", "Goed."]


def test_initial_does_not_end_a_sentence() -> None:
    assert sentences("U spreekt met J. Jansen. Dag.") == ["U spreekt met J. Jansen.", "Dag."]


def test_nothing_has_no_sentences() -> None:
    assert sentences(" ") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ik zoek het op en daarna bel ik u.", ["Ik zoek het op", "en daarna bel ik u."]),
        ("Wij zijn open van maandag tot en met vrijdag.", ["Wij zijn open van maandag tot en met vrijdag."]),
        ("Goed, ik stop. Ja of nee?", ["Goed, ik stop.", "Ja of nee?"]),
        (
            "Noem uw nummer, of toets het in, of zeg nee.",
            ["Noem uw nummer,", "of toets het in,", "of zeg nee."],
        ),
    ],
)
def test_clauses_are_short_and_never_a_word_or_two(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected
