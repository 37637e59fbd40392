import pytest

from voicebot.hearing import open_registry
from voicebot.modelling import (
    CLASS_OF,
    CLASSES,
    KALDI_PHONES,
    PDFS,
    PHONES,
    TRANSITION_IDS,
    TRANSITION_STATES,
    first_pdf,
    kaldi_phone,
    transition_ids,
)

pytestmark = pytest.mark.unit


def test_every_output_belongs_to_one_phone_in_one_context() -> None:
    pdfs = [first_pdf(left, phone) for left in range(CLASSES) for phone in range(1, len(PHONES))]
    assert sorted([0, *pdfs]) == list(range(0, PDFS, 2))
    assert PDFS == 702  # what networks are trained with


def test_silence_knows_no_context() -> None:
    assert {first_pdf(left, 0) for left in range(CLASSES)} == {0}
    assert [phone for phone, left in zip(PHONES, CLASS_OF, strict=True) if left == 0] == ["SIL"]


def test_transition_ids_count_through() -> None:
    ids = [transition_ids(state.kaldi_phone, state.forward_pdf) for state in TRANSITION_STATES]
    assert [(2 * number, 2 * number - 1) for number in range(1, len(ids) + 1)] == ids
    assert max(map(max, ids)) == TRANSITION_IDS


def test_phones_at_their_positions_are_those_of_our_model() -> None:
    registry = open_registry()
    ours = registry.find(registry.entry("vosk-model-nl-mini"))
    assert ours
    borders = (ours / "graph" / "phones" / "word_boundary.int").read_text().split()
    assert borders == [str(part) for each in KALDI_PHONES for part in (each.id, each.position)]
    assert kaldi_phone("@", "begin") == 2
