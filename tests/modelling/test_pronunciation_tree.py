from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.modelling import KALDI_PHONES, PHONES
from voicebot.modelling.pronunciation_tree import WORD_END, PronunciationTree, pronunciation_tree

pytestmark = pytest.mark.unit

LEXICONS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.lists(st.lists(st.sampled_from("ptk"), min_size=1, max_size=4).map(tuple), min_size=1, max_size=3)
    .map(dict.fromkeys)
    .map(tuple),
    min_size=1,
)


def paths(tree: PronunciationTree, node: int) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield (phones, words told) of every way from a node to the end of a word."""
    for branch in tree.nodes[node]:
        phone, word = (
            PHONES[KALDI_PHONES[branch.kaldi_phone - 1].phone],
            (branch.word,) if branch.word else (),
        )
        rests = [((), ())] if branch.node == WORD_END else paths(tree, branch.node)
        yield from (((phone, *phones), word + words) for phones, words in rests)


@given(LEXICONS)
def test_the_tree_says_the_lexicon_and_nothing_else(lexicon: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    tree = pronunciation_tree(lexicon)
    expected = sorted((phones, (word,)) for word, ways in lexicon.items() for phones in ways)
    assert sorted(paths(tree, tree.root)) == expected


def test_endings_are_shared_and_words_told_early() -> None:
    tree = pronunciation_tree({"fiets": (("f", "i", "t", "s"),), "biets": (("b", "i", "t", "s"),)})
    first, second = tree.nodes[tree.root]
    assert first.node == second.node
    assert {first.word, second.word} == {"fiets", "biets"}
    assert len(tree.nodes) == 4
