from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import ModelError, PlaceError
from voicebot.modelling import (
    PHONES,
    Variants,
    common_dutch,
    pronounce_words,
    read_lexicon,
    write_lexicon,
)

pytestmark = pytest.mark.unit

NONE = Variants(())


@given(
    st.dictionaries(
        st.text("abcdefghijklmnopqrstuvwxyzëé'", min_size=1),
        st.lists(st.lists(st.sampled_from(PHONES[1:]), min_size=1).map(tuple), min_size=1).map(tuple),
    )
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, lexicon: dict[str, tuple[tuple[str, ...], ...]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "lexicon.txt"
    write_lexicon(lexicon, file)
    assert read_lexicon(file) == lexicon


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("fiets f ie t s", "'ie' is no phone"),
        ("fiets", "'fiets' has no phones"),
        ("fiets SIL", "'SIL' is no phone"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "names.txt"
    file.write_text(f"# names\n\nhuis h Wy s\n{line}\n")
    with pytest.raises(PlaceError, match=rf"names\.txt:4: {problem}"):
        read_lexicon(file)


def test_words_are_looked_up_then_guessed_then_left_out() -> None:
    known = {"huis": (("h", "Wy", "s"),)}
    pronounced = pronounce_words(
        ["huis", "xyz", "boom", "boom"], known, lambda word: ("b", "o:", "m") if word == "boom" else (), NONE
    )
    assert pronounced.lexicon == {**known, "boom": (("b", "o:", "m"),)}
    assert (pronounced.guessed, pronounced.mute) == (("boom",), ("xyz",))


def test_guesses_get_the_variants_that_people_say() -> None:
    pronounced = pronounce_words(
        ["zeven"], {}, lambda word: ("z", "e:", "v", "@", "n"), Variants.of_regions(["all", "north"])
    )
    assert [" ".join(way) for way in pronounced.lexicon["zeven"]] == [
        *("z e: v @ n", "z e: v @", "s e: v @ n", "s e: v @")
    ]


def test_a_region_adds_only_its_own_variants() -> None:
    south = Variants.of_regions(["all"])
    assert south.expand([("z", "E", "s")]) == (("z", "E", "s"),)
    assert south.expand([("@", "n")]) == (("@", "n"),)  # "een" keeps its n
    with pytest.raises(ModelError, match="no rules for east"):
        Variants.of_regions(["east"])


def test_common_dutch_is_whole() -> None:
    common = common_dutch()
    assert common["medewerker"][0] == ("m", "e:", "d", "@", "w", "E", "r", "k", "@", "r")
    assert set("abcdefghijklmnopqrstuvwxyz") <= common.keys()
