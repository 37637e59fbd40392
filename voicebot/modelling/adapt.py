"""A speech model that knows the words of one bot: a new graph for a network that stays as it is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.errors import ModelError
from voicebot.modelling.fill_up import fill_up
from voicebot.modelling.graph import read_language_model, write_graph
from voicebot.modelling.language_model import UNKNOWN, LanguageModel
from voicebot.modelling.lexicon import Guess, Lexicon
from voicebot.modelling.mixing import mix
from voicebot.modelling.ngram_file import read_grammar
from voicebot.modelling.openfst import INPUT_SORTED, write_const
from voicebot.modelling.phone_loop import read_phone_loop
from voicebot.modelling.phones import Pronunciation
from voicebot.modelling.vocabulary import LEXICON_FILE, NO_WORDS, look_up_words
from voicebot.modelling.witten_bell import train_language_model

_SHARE: Final = 0.5
"""Of the new sentences in the language model; the rest is what the base model expects of any caller."""
_SILENT: Final = 0.2
"""Sentences of no words, for each new one: silence and noise must be free to give nothing."""
_KNOWN: Final = 4
"""Times as often each new sentence counts: they are all that is said, not a sample of it as others are."""
_RAREST: Final = 2
"""Three words must follow each other in so many sentences to be remembered."""
_UNKNOWN: Final = 0.01
"""Probability of a word outside the vocabulary."""
_NETWORK: Final = "am/final.mdl"


@dataclass(frozen=True, slots=True)
class Adapted:
    """What adapting a model gave."""

    words: int
    """How many the model knows now."""
    guessed: Mapping[str, Pronunciation]
    """New words, and the pronunciation that was guessed: worth a look."""
    left_out: tuple[str, ...]
    """Words that the model cannot learn; the sentences with them were left out, too."""


def adapt_model(
    base: Path, folder: Path, sentences: Mapping[str, float], guess: Guess, overrides: Lexicon
) -> Adapted:
    """Make `folder` the model in `base`, but for callers who say `sentences`.

    Those are words with spaces between, each with how often it is said. Half of the language model is theirs,
    half the base's. New words are learnt where the base can, and left out with their sentences where not: see
    `look_up_words`. `folder` appears, or is replaced, only when all went well. Raises ModelError, PlaceError.
    """
    if not (base / _NETWORK).is_file():
        raise ModelError(f"no Vosk model in {base}: {_NETWORK} is missing; run `voicebot models verify`")
    with _in_one_piece(folder) as made:
        _copy(base, made)
        if (base / "graph" / LEXICON_FILE).is_file():
            return _with_new_words(made, sentences, guess, overrides)
        return _within_vocabulary(made, sentences)


def _with_new_words(model: Path, told: Mapping[str, float], guess: Guess, overrides: Lexicon) -> Adapted:
    graph = model / "graph"
    background = read_language_model(graph / "Gr.fst")
    loop = read_phone_loop(model / "am" / "unk_phone_lm.txt")
    words = background.vocabulary - {UNKNOWN} | {word for sentence in told for word in sentence.split()}
    pronounced = look_up_words(model, words, guess, overrides)
    mixture = mix(_trained(told, pronounced.lexicon.keys()), background, _SHARE)
    write_graph(graph, pronounced.lexicon, mixture, loop)
    guessed = {word: pronounced.lexicon[word][0] for word in pronounced.guessed}
    return Adapted(len(pronounced.lexicon), guessed, pronounced.mute)


def _within_vocabulary(model: Path, told: Mapping[str, float]) -> Adapted:
    file = model / "graph" / "Gr.fst"
    background, symbols = read_grammar(file)
    labels = {name: label for label, name in symbols.items()}
    known = labels.keys() - NO_WORDS
    new = _trained(told, known, unknown=_UNKNOWN if UNKNOWN in labels else 0.0)
    filled = fill_up(new, background, labels, _SHARE)
    write_const(filled, file, INPUT_SORTED, symbols)
    unknown = {word for sentence in told for word in sentence.split()} - known
    return Adapted(len(known), {}, tuple(sorted(unknown)))


def _trained(told: Mapping[str, float], known: Iterable[str], *, unknown: float = _UNKNOWN) -> LanguageModel:
    """Return the language model of the sentences without an unknown word; raises ModelError for none."""
    words = frozenset(known)
    heard = {text: _KNOWN * times for text, times in told.items() if words.issuperset(text.split())}
    if not any(heard):
        raise ModelError("each of the sentences has a word that the model cannot know: nothing to learn from")
    heard[""] = _SILENT * sum(heard.values())
    return train_language_model(heard, unknown=unknown, rarest=_RAREST * _KNOWN)


def _copy(base: Path, made: Path) -> None:
    """Copy all files, but not that they may not be written."""
    for file in base.rglob("*"):
        if file.is_file():
            copy = made / file.relative_to(base)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


@contextmanager
def _in_one_piece(folder: Path) -> Iterator[Path]:
    """Give the place to make a model in, which gets its name at the end; a model of that name is replaced."""
    if folder.exists() and not (folder / _NETWORK).is_file():
        raise ModelError(f"{folder} exists and is no speech model: it is not replaced; name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        made = Path(scratch, "made")
        yield made
        if folder.exists():
            folder.rename(Path(scratch, "replaced"))
        made.rename(folder)
