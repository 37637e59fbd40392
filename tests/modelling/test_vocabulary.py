from pathlib import Path

import pytest

from voicebot.errors import ModelError, PlaceError
from voicebot.modelling import Pronunciation, look_up_words, write_lexicon
from voicebot.modelling.openfst import INPUT_SORTED, transducer, write_const

pytestmark = pytest.mark.unit


def guess(word: str) -> Pronunciation:
    return tuple(word)


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    (tmp_path / "graph").mkdir()
    return tmp_path / "graph"


def test_a_model_with_a_lexicon_can_learn(graph: Path) -> None:
    write_lexicon({"fiets": (("f", "i", "t", "s"),)}, graph / "lexicon.txt")
    heard = look_up_words(graph.parent, ["fiets", "pomp", "bel"], guess, {"bel": (("b", "E", "l"),)})
    assert heard.guessed == ("pomp",)
    assert heard.mute == ()
    assert heard.lexicon["fiets"] == (("f", "i", "t", "s"),)
    assert heard.lexicon["bel"] == (("b", "E", "l"),)


def test_what_is_written_down_goes_before_what_the_model_has(graph: Path) -> None:
    write_lexicon({"bel": (("b", "A", "l"),)}, graph / "lexicon.txt")
    heard = look_up_words(graph.parent, ["bel"], guess, {"bel": (("b", "E", "l"),)})
    assert heard.lexicon == {"bel": (("b", "E", "l"),)}


def test_a_model_without_one_is_deaf_to_other_words(graph: Path) -> None:
    symbols = {0: "<eps>", 1: "fiets", 2: "[unk]", 3: "#0"}
    write_const(transducer([(0, 1, 1, 0.5, 0)], {0: 0.0}, 1, 0), graph / "Gr.fst", INPUT_SORTED, symbols)
    heard = look_up_words(graph.parent, ["fiets", "pomp", "[unk]"], guess, {})
    assert (heard.guessed, heard.mute) == ((), ("[unk]", "pomp"))


def test_a_large_model_lists_its_words(graph: Path) -> None:
    (graph / "words.txt").write_text("<eps> 0\nfiets 1\n\n#0 2\n")
    assert look_up_words(graph.parent, ["fiets", "pomp"], guess, {}).mute == ("pomp",)


def test_a_model_that_tells_nothing_is_refused(graph: Path) -> None:
    with pytest.raises(ModelError, match="no list of the words"):
        look_up_words(graph.parent, ["fiets"], guess, {})


def test_a_broken_lexicon_has_a_line(graph: Path) -> None:
    (graph / "lexicon.txt").write_text("fiets f i t s\npomp\n")
    with pytest.raises(PlaceError, match=r"lexicon\.txt:2: 'pomp' has no phones"):
        look_up_words(graph.parent, ["fiets"], guess, {})
