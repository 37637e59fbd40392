"""How dear `[unk]` must be: what is in a grammar must be heard, and what is said beside it must not.

For each pair of the phone loop's costs the graph is made anew and tried on speech like that of training.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

from training.sentences import load_sentences
from training.settings import TuneSettings
from training.tuning_speech import Said, TuningSpeech, hear
from voicebot.audio import RATE
from voicebot.hearing import GRAMMARS, Model, load_model
from voicebot.modelling import (
    UNKNOWN,
    read_language_model,
    read_lexicon,
    read_phone_loop,
    write_graph,
    write_phone_loop,
)

_WORD: Final = "medewerker"
_REQUESTS: Final = "agent"
"""The topic in `dutch.yaml` of requests for one."""
_ANSWERS: Final = ("ja", "nee")
_DIGITS: Final = ("{digit}", "{digits}")
_MOST_LOST: Final = 0.002
"""Share of utterances of digits that may be lost, against the costs by which most are heard."""
_WORTH: Final = 10.0
"""False accepts an hour: more than any costs save by losing one more request in a hundred."""


@dataclass(frozen=True, slots=True)
class UnknownSpeech:
    """What a loop is tried on."""

    requests: Sequence[Said]
    """Sentences with `_WORD`."""
    others: Sequence[Said]
    """Sentences without."""
    digits: Sequence[Said]
    answers: Sequence[Said]

    @property
    def seconds(self) -> float:
        """How much sound it is."""
        return sum(map(_seconds, (self.requests, self.others, self.digits, self.answers)))


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a loop with such costs."""

    entry: float
    each: float
    recall: float
    """Share of requests in which the word was heard."""
    false_accepts: float
    """How often it was heard in an hour of other speech."""
    digits: float
    """Share of utterances of digits in which all were heard, and no more."""
    answers: float
    """The same of "ja" and "nee"."""
    cpu: float
    """Seconds for each second of sound: a cheap loop leaves more possibilities open."""


def draw_speech(speech: TuningSpeech, settings: TuneSettings) -> UnknownSpeech:
    """Draw what loops are tried on."""
    half = settings.others // 2
    others = [*speech.learnt(half), *speech.voiced(half)]
    return UnknownSpeech(
        requests=list(speech.voiced(settings.requests, load_sentences().topics[_REQUESTS])),
        others=[one for one in others if _WORD not in one.words],
        digits=list(speech.voiced(settings.digits, _DIGITS)),
        answers=list(speech.voiced(settings.answers, _ANSWERS)),
    )


def try_all(
    model: Path,
    speech: UnknownSpeech,
    settings: TuneSettings,
    jobs: int,
    on_progress: Callable[[int, int], None],
) -> list[Tried]:
    """Try each pair of costs in the model folder; it keeps the last."""
    pairs = list(product(settings.entry, settings.each))
    tried = []
    for done, (entry, each) in enumerate(pairs):
        on_progress(done, len(pairs))
        set_costs(model, entry, each)
        tried.append(_try(load_model(model), speech, entry, each, jobs))
    on_progress(len(pairs), len(pairs))
    return tried


def set_costs(model: Path, entry: float, each: float) -> None:
    """Make the graph of a model folder anew, with these costs of `[unk]`; raises ModelError."""
    file, graph = model / "am" / "unk_phone_lm.txt", model / "graph"
    loop = replace(read_phone_loop(file), entry=entry, each=each)
    write_phone_loop(loop, file)
    write_graph(graph, read_lexicon(graph / "lexicon.txt"), read_language_model(graph / "Gr.fst"), loop)


def choose(tried: Sequence[Tried], recall: float) -> Tried:
    """Return the costs with the fewest false accepts among those by which nearly all digits are heard.

    As `recall` may be out of reach, each request in a hundred that it lacks counts for `_WORTH` false accepts
    an hour. Between equals the one that hears more is taken.
    """

    def price(one: Tried) -> float:
        return one.false_accepts + _WORTH * 100 * max(0.0, recall - one.recall)

    digits = max(one.digits for one in tried) - _MOST_LOST
    able = (one for one in tried if one.digits >= digits)
    return min(able, key=lambda one: (price(one), -one.recall, -one.digits, -one.answers))


def _try(model: Model, speech: UnknownSpeech, entry: float, each: float, jobs: int) -> Tried:
    def heard(said: Sequence[Said], grammar: Sequence[str]) -> list[tuple[str, ...]]:
        found = hear(model, said, [grammar] * len(said), jobs)
        return [tuple(one.text.split()) for one in found]

    def exact(said: Sequence[Said], grammar: Sequence[str]) -> float:
        return _share(one.words == words for one, words in zip(said, heard(said, grammar), strict=True))

    started, word = time.process_time(), (_WORD, UNKNOWN)
    return Tried(
        entry,
        each,
        recall=_share(_WORD in words for words in heard(speech.requests, word)),
        false_accepts=sum(map(bool, heard(speech.others, word))) / _seconds(speech.others) * 3600,
        digits=exact(speech.digits, GRAMMARS["digits"]),
        answers=exact(speech.answers, (*_ANSWERS, UNKNOWN)),
        cpu=(time.process_time() - started) / speech.seconds,
    )


def _seconds(said: Sequence[Said]) -> float:
    return sum(one.sound.size for one in said) / RATE


def _share(right: Iterable[bool]) -> float:
    results = list(right)
    return sum(results) / max(1, len(results))
