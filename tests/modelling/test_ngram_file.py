from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ngram_writer import write_ngram

from voicebot.errors import ModelError
from voicebot.modelling import read_language_model, train_language_model

pytestmark = pytest.mark.unit

LABELS = {"<eps>": 0, "a": 1, "b": 2, "c": 3, "[unk]": 4}
SENTENCES = st.lists(st.lists(st.sampled_from("abc"), max_size=5).map(" ".join), min_size=1, max_size=12)


@given(SENTENCES, st.integers(2, 4))
def test_what_it_says_is_read(tmp_path_factory: pytest.TempPathFactory, said: list[str], order: int) -> None:
    file = tmp_path_factory.mktemp("ngram") / "Gr.fst"
    model = train_language_model(said, order=order)
    write_ngram(model, LABELS, file)
    again = read_language_model(file)
    assert len(again.states) == len(model.states)
    assert again.vocabulary == model.vocabulary
    for sentence in (*said, "a b c a", "c c", ""):
        words = sentence.split()
        if again.vocabulary.issuperset(words):
            assert again.log_probability(words) == pytest.approx(model.log_probability(words), abs=1e-4)


@pytest.mark.parametrize("left", [0.98, 0.7, 0.5])
def test_one_that_is_cut_off_is_refused(tmp_path: Path, left: float) -> None:
    file = tmp_path / "Gr.fst"
    write_ngram(train_language_model(["a b c", "a c"]), LABELS, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(left * len(whole)) - 4])
    with pytest.raises(ModelError, match=r"Gr\.fst is no whole OpenFst file"):
        read_language_model(file)
