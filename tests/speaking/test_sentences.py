import pytest

from voicebot.speaking import sentences

pytestmark = pytest.mark.unit


def test_sentences_are_told_apart() -> None:
    assert sentences("Hallo! Hoe gaat het? Goed.") == ["Hallo!", "Hoe gaat het?", "Goed."]


def test_initial_does_not_end_a_sentence() -> None:
    assert sentences("U spreekt met J. Jansen. Dag.") == ["U spreekt met J. Jansen.", "Dag."]


def test_nothing_has_no_sentences() -> None:
    assert sentences(" ") == []
