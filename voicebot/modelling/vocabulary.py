"""Which words a model knows, can learn, or never will."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from voicebot.errors import ModelError
from voicebot.modelling.hcl import BACK_OFF
from voicebot.modelling.language_model import UNKNOWN
from voicebot.modelling.lexicon import Guess, Lexicon, Pronounced, common_dutch, pronounce_words, read_lexicon
from voicebot.modelling.openfst import read_symbols
from voicebot.modelling.variants import Variants

LEXICON_FILE: Final = "lexicon.txt"
"""In the graph folder of a model that can learn words: how those it knows sound."""
EPSILON: Final = "<eps>"
NO_WORDS: Final = frozenset({EPSILON, UNKNOWN, BACK_OFF, "<s>", "</s>"})
"""What has a label and is never said."""


def look_up_words(model: Path, words: Iterable[str], guess: Guess, overrides: Lexicon) -> Pronounced:
    """Return how a model hears `words`.

    One that says how its words sound (graph/lexicon.txt, as ours do) can learn others: pronounced as in
    `overrides`, else as in the model, else as common Dutch is, else by `guess`. Any other, such as the
    official ones, has no pronunciations to give, and is deaf to what is not in its vocabulary. Raises
    ModelError and PlaceError.
    """
    lexicon = model / "graph" / LEXICON_FILE
    if not lexicon.is_file():
        return Pronounced({}, (), tuple(sorted(set(words) - vocabulary(model))))
    variants = Variants.of_regions()
    known = {
        **variants.expand_all(common_dutch()),
        **read_lexicon(lexicon),
        **variants.expand_all(overrides),
    }
    return pronounce_words(words, known, guess, variants)


def vocabulary(model: Path) -> frozenset[str]:
    """Return the words of a model that cannot learn any; raises ModelError."""
    grammar, listed = model / "graph" / "Gr.fst", model / "graph" / "words.txt"
    try:
        if grammar.is_file():
            return frozenset(read_symbols(grammar).values()) - NO_WORDS
        lines = listed.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"no list of the words of {model}: {error}") from error
    return frozenset(line.split()[0] for line in lines if line.strip()) - NO_WORDS
