"""The graph folder of a Vosk model: made in seconds from a lexicon and a language model, without training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.errors import ModelError
from voicebot.modelling.hcl import BACK_OFF, BACK_OFF_ID, expand
from voicebot.modelling.language_model import (
    NOWHERE,
    SENTENCE_END,
    UNKNOWN,
    ContextState,
    LanguageModel,
    Next,
)
from voicebot.modelling.lexicon import Lexicon, write_lexicon
from voicebot.modelling.look_ahead import reach
from voicebot.modelling.openfst import (
    INPUT_SORTED,
    read_const,
    transducer,
    write_const,
    write_look_ahead,
)
from voicebot.modelling.phone_loop import PhoneLoop
from voicebot.modelling.pronunciation_tree import pronunciation_tree
from voicebot.modelling.topology import KALDI_PHONES

LEXICON_FILE: Final = "lexicon.txt"
_EPSILON: Final = "<eps>"
NO_WORDS: Final = frozenset({_EPSILON, UNKNOWN, BACK_OFF, "<s>", "</s>"})
"""What has a label and is never said."""
_RAREST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class GraphSize:
    """How large a graph became."""

    words: int
    pronunciations: int
    sound_arcs: int
    language_arcs: int


def write_graph(folder: Path, lexicon: Lexicon, model: LanguageModel, loop: PhoneLoop) -> GraphSize:
    """Write HCLr.fst, Gr.fst, disambig_tid.int, phones/word_boundary.int and the lexicon into `folder`.

    Raises ModelError when the language model has a word that the lexicon has not.
    """
    # words that begin alike get neighbouring labels: what a state reaches is then one interval
    words = sorted(lexicon, key=lambda word: (lexicon[word][0], word))
    labels = {name: label for label, name in enumerate((_EPSILON, *words, UNKNOWN, BACK_OFF))}
    folder.mkdir(parents=True, exist_ok=True)
    language_arcs = write_language_model(folder / "Gr.fst", model, labels)
    sounds = expand(pronunciation_tree(lexicon), loop, labels).sorted_by("output")
    write_look_ahead(sounds, folder / "HCLr.fst", reach(sounds, len(labels)), len(labels))
    (folder / "disambig_tid.int").write_text(f"{BACK_OFF_ID}\n")
    (folder / "phones").mkdir(exist_ok=True)
    borders = "".join(f"{phone.id} {phone.position}\n" for phone in KALDI_PHONES)
    (folder / "phones" / "word_boundary.int").write_text(borders)
    write_lexicon(lexicon, folder / LEXICON_FILE)
    pronunciations = sum(map(len, lexicon.values()))
    return GraphSize(len(words), pronunciations, len(sounds.arcs), language_arcs)


def write_language_model(file: Path, model: LanguageModel, labels: Mapping[str, int]) -> int:
    """Write a language model as Gr.fst and return the number of its arcs; raises ModelError for a new word.

    `labels` are those of all words, and of what stands for none.
    """
    if missing := sorted(model.vocabulary - labels.keys()):
        raise ModelError(f"words without a pronunciation: {', '.join(missing)}; give them one")
    back_off = labels.get(BACK_OFF, 0)
    arcs, finals = [], {}
    for state, context in enumerate(model.states):
        for word, (probability, after) in context.words.items():
            cost = -math.log(max(probability, _RAREST))
            if after == NOWHERE:
                finals[state] = cost
            else:
                arcs.append((state, labels[word], labels[word], cost, after))
        if context.back_off:
            cost = -math.log(max(context.back_off.probability, _RAREST))
            arcs.append((state, back_off, 0, cost, context.back_off.state))
    fst = transducer(arcs, finals, len(model.states), model.start).sorted_by("input")
    write_const(fst, file, INPUT_SORTED, {label: name for name, label in labels.items()})
    return len(arcs)


def read_language_model(file: Path) -> LanguageModel:
    """Read a Gr.fst as `write_language_model` and Kaldi write it; raises ModelError."""
    fst, symbols = read_const(file)
    contexts = [ContextState() for _ in fst.finals]
    for state, cost in enumerate(fst.finals.tolist()):
        if math.isfinite(cost):
            contexts[state].words[SENTENCE_END] = Next(math.exp(-cost), NOWHERE)
    for state, (taken, told, cost, after) in zip(fst.sources.tolist(), fst.arcs.tolist(), strict=True):
        following = Next(math.exp(-cost), after)
        if told == 0:
            contexts[state] = ContextState(contexts[state].words, following)
        elif taken == told and told in symbols:
            contexts[state].words[symbols[told]] = following
        else:
            raise ModelError(f"{file} is no language model: an arc turns one word into another")
    return LanguageModel(contexts, fst.start)
