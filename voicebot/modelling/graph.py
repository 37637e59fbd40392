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
from voicebot.modelling.ngram_file import read_grammar
from voicebot.modelling.openfst import (
    INPUT_SORTED,
    Transducer,
    transducer,
    write_const,
    write_look_ahead,
)
from voicebot.modelling.phone_loop import PhoneLoop
from voicebot.modelling.pronunciation_tree import pronunciation_tree
from voicebot.modelling.topology import KALDI_PHONES
from voicebot.modelling.vocabulary import EPSILON, LEXICON_FILE

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
    labels = {name: label for label, name in enumerate((EPSILON, *words, UNKNOWN, BACK_OFF))}
    folder.mkdir(parents=True, exist_ok=True)
    language = language_transducer(model, labels)
    write_const(language, folder / "Gr.fst", INPUT_SORTED, {label: name for name, label in labels.items()})
    sounds = expand(pronunciation_tree(lexicon), loop, labels).sorted_by("output")
    write_look_ahead(sounds, folder / "HCLr.fst", reach(sounds, len(labels)), len(labels))
    (folder / "disambig_tid.int").write_text(f"{BACK_OFF_ID}\n")
    (folder / "phones").mkdir(exist_ok=True)
    borders = "".join(f"{phone.id} {phone.position}\n" for phone in KALDI_PHONES)
    (folder / "phones" / "word_boundary.int").write_text(borders)
    write_lexicon(lexicon, folder / LEXICON_FILE)
    pronunciations = sum(map(len, lexicon.values()))
    return GraphSize(len(words), pronunciations, len(sounds.arcs), len(language.arcs))


def language_transducer(model: LanguageModel, labels: Mapping[str, int]) -> Transducer:
    """Return a language model as Gr.fst has it; raises ModelError for a word without a label."""
    if missing := sorted(model.vocabulary - labels.keys()):
        raise ModelError(f"words without a pronunciation: {', '.join(missing)}; give them one")
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
            arcs.append((state, labels[BACK_OFF], 0, cost, context.back_off.state))
    return transducer(arcs, finals, len(model.states), model.start).sorted_by("input")


def read_language_model(file: Path) -> LanguageModel:
    """Read a Gr.fst as `write_graph` and Kaldi write it; raises ModelError."""
    try:
        return as_language_model(*read_grammar(file))
    except ValueError as error:
        raise ModelError(f"{file} is no language model: {error}") from error


def as_language_model(fst: Transducer, symbols: Mapping[int, str]) -> LanguageModel:
    """Return the language model that a transducer is; raises ValueError when it is none."""
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
            raise ValueError("an arc turns one word into another")
    return LanguageModel(contexts, fst.start)
