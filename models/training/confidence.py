"""What Vosk's confidences are worth: how often words of such a confidence were said.

The share never falls as confidence rises: isotonic regression by pooling adjacent violators (Ayer et al.
1955; for calibration: Zadrozny & Elkan 2002), fitted to means over equally many words, so that it is smooth.
"""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from training.manifest import whole_file
from training.tuning_speech import Said, TuningSpeech, hear
from voicebot.hearing import Transcript, load_model
from voicebot.modelling import UNKNOWN, read_lexicon, read_phone_loop

Judged: TypeAlias = tuple[float, bool]
"""The confidence of a word that was heard, and whether it was said."""
Knots: TypeAlias = list[tuple[float, float]]
Tell: TypeAlias = Callable[[int, int], None]

_KNOTS: Final = 12
_LEAST_WORDS: Final = 20
"""Of which a knot is made: of fewer, the share says little."""
_OTHER_PHRASES: Final = 9
"""In a grammar beside what is said."""
_KEPT: Final = 0.5
"""Share of the words that are said which their grammar has."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What was found."""

    free: Knots
    grammar: Knots
    words: int
    """How many it is made of."""
    too_sure: float
    """How much higher confidences were on average than the share of words that were right."""


def calibrate(
    model: Path, speech: TuningSpeech, count: int, random: np.random.Generator, jobs: int, on_progress: Tell
) -> Calibrated:
    """Find out what the confidences of a model folder are worth, by `count` utterances new to its network.

    Half are sentences by synthetic voices. Half are prompts of the readers, for whom the network gets a graph
    of their words: what they say is prose, of which a customer-service model knows half of the words.
    """
    half = count // 2
    free, in_grammar = _try(model, list(speech.voiced(half)), random, jobs)
    on_progress(1, 2)
    with TemporaryDirectory() as scratch:
        prose = Path(scratch, "model")
        shutil.copytree(model, prose)
        speech.write_readers_words(prose / "graph", read_phone_loop(model / "am" / "unk_phone_lm.txt"))
        more_free, more_in_grammar = _try(prose, list(speech.unheard(half)), random, jobs)
    on_progress(2, 2)
    free, in_grammar = free + more_free, in_grammar + more_in_grammar
    excess = [confidence - right for confidence, right in (*free, *in_grammar)]
    return Calibrated(fit(free), fit(in_grammar), len(excess), sum(excess) / max(1, len(excess)))


def _try(
    model: Path, said: Sequence[Said], random: np.random.Generator, jobs: int
) -> tuple[list[Judged], list[Judged]]:
    """Return what is heard freely, and with a grammar of some words of each utterance and of others."""
    known = sorted(read_lexicon(model / "graph" / "lexicon.txt"))
    grammars = [_grammar(one.words, known, random) for one in said]
    loaded = load_model(model)
    free = hear(loaded, said, [None] * len(said), jobs)
    return judge(said, free), judge(said, hear(loaded, said, grammars, jobs))


def write_calibration(calibrated: Calibrated, model: Path) -> None:
    """Give a model folder the calibration, as `voicebot.hearing` reads it."""
    plain = {"free": calibrated.free, "grammar": calibrated.grammar}
    with whole_file(model / "conf" / "confidence.json") as out:
        out.write(json.dumps(plain).encode())


def fit(judged: Sequence[Judged]) -> Knots:
    """Return at most `_KNOTS` pairs of a confidence and the share of right words, both rising.

    To each knot one right word and a wrong one are added, so that none is certain (Laplace).
    """
    if not judged:
        return [(1.0, 0.5)]
    confidences, right = np.array(sorted(judged), np.float64).reshape(-1, 2).T
    parts = _parts(confidences)
    means = [confidences[part].mean() for part in parts]
    shares = [(right[part].sum() + 1) / (right[part].size + 2) for part in parts]
    weights = [right[part].size for part in parts]
    rising = IsotonicRegression(y_min=0, y_max=1).fit_transform(means, shares, sample_weight=weights)
    # Vosk gives six digits: rounded to as many, means of different parts still differ
    return [(round(float(one), 6), round(float(share), 4)) for one, share in zip(means, rising, strict=True)]


def _parts(confidences: NDArray[np.float64]) -> list[slice]:
    """Return at most `_KNOTS` parts of rising `confidences`, equal ones together.

    The highest, to which most are equal, is a part of its own.
    """
    below = int(np.searchsorted(confidences, confidences[-1]))
    count = max(1, min(_KNOTS - 1, below // _LEAST_WORDS))
    evenly = np.linspace(0, below, count, endpoint=False).astype(int)
    starts = sorted({*np.searchsorted(confidences, confidences[evenly]).tolist(), below})
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], confidences.size], strict=True)]


def judge(said: Sequence[Said], heard: Sequence[Transcript]) -> list[Judged]:
    """Tell of each word that was heard whether it was said there."""
    judged = []
    for one, transcript in zip(said, heard, strict=True):
        words = [_folded(word.word) for word in transcript.words]
        matcher = SequenceMatcher(None, [_folded(word) for word in one.words], words, autojunk=False)
        right = {block.b + place for block in matcher.get_matching_blocks() for place in range(block.size)}
        judged += [(word.conf, place in right) for place, word in enumerate(transcript.words)]
    return judged


def _folded(word: str) -> str:
    """Return a word without accents: "één" is no other word than "een"."""
    return "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))


def _grammar(words: Sequence[str], known: Sequence[str], random: np.random.Generator) -> list[str]:
    kept = {word for word in words if random.random() < _KEPT} & {*known}
    others = {known[place] for place in random.integers(len(known), size=_OTHER_PHRASES).tolist()}
    return [*sorted(kept | others - {*words}), UNKNOWN]
