import re
from pathlib import Path

import numpy as np
import pytest
from training.callers import Callers, read_callers
from training.sentences import Sentences, load_sentences
from training.settings import ExportSettings

pytestmark = pytest.mark.unit

SETTINGS = ExportSettings(acoustic_scale=1.0, sentences=200, drawn_weight=0.1, written=0.5)
TEMPLATES = Sentences(
    slots={},
    openings=("hallo",),
    closings=("graag",),
    with_opening=0,
    with_closing=0,
    topics={"": ("waar is mijn (pakket|fiets)",)},
)


@pytest.fixture(scope="module")
def callers() -> Callers:
    return Callers(SETTINGS, np.random.default_rng(1), TEMPLATES)


def test_each_written_sentence_is_spoken_dutch_and_counts_once() -> None:
    written = read_callers(frozenset())
    assert len(written) == len(set(written)) > 6000
    assert [
        line for line in written if not re.fullmatch(r"[a-zàáèéêëïòóöüûçñ']+( [a-zàáèéêëïòóöüûçñ']+)*", line)
    ] == []


def test_what_is_measured_with_is_never_learnt(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("waar is mijn pakket\nis de winkel open\n\nwaar is mijn pakket\n")
    assert read_callers(frozenset({"is de winkel open"}), tmp_path) == ("waar is mijn pakket",)
    assert load_sentences().never.isdisjoint(read_callers(load_sentences().never))


def test_every_word_of_both_is_known(callers: Callers) -> None:
    assert callers.words >= {*TEMPLATES.vocabulary()}
    assert callers.words >= {word for sentence in callers.written for word in sentence.split()}
    assert len(callers.words) > 5000


def test_both_what_templates_say_and_what_they_lack_is_likely(callers: Callers) -> None:
    model = callers.language_model(callers.words)
    drawn, written = (
        model.log_probability(text.split()) for text in ("waar is mijn fiets", "waar blijft mijn geld")
    )
    nonsense = model.log_probability(["fiets", "mijn", "is", "waar"])
    assert drawn > written > nonsense > -np.inf
