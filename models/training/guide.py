"""The guide: a network that tells when a reader says what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training.alignment import align, phone_scores
from training.corpus import RATE, Utterance
from training.features import Floats, telephone
from training.network import Network
from voicebot.audio import RATE as LINE_RATE
from voicebot.errors import ModelError
from voicebot.modelling import (
    CLASSES,
    PDFS,
    PHONES,
    Espeak,
    Lexicon,
    Pronunciation,
    Variants,
    common_dutch,
    first_pdf,
    pronounce_words,
)

_ROOM_S: Final = 0.15
"""Silence put around a trimmed recording, so that it can begin and end with a pause."""
_HISS: Final = 3.0
"""Level of the noise there, on the scale of int16: digital silence is nothing that the network knows."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A network, how often it met each state, and how words sound."""

    network: Network
    frequencies: NDArray[np.float64]
    lexicon: Lexicon

    def align(self, utterance: Utterance, sound: NDArray[np.int16], *, may_be_cut: bool = False) -> Utterance:
        """Return `utterance` with its segments; without, when a word is unknown or sound is short.

        With `may_be_cut` the recording may stop before the sentence does; the text is then what was said.
        """
        words = utterance.text.split()
        if not words or not all(word in self.lexicon for word in words):
            return utterance
        scores = phone_scores(self._posteriors(sound), self.frequencies, PHONE_OF)
        try:
            segments, score = align(scores, [self.lexicon[word] for word in words], may_be_cut=may_be_cut)
        except ValueError:
            return utterance
        end = sound.size / RATE
        moved = (
            one._replace(
                start=min(end, max(0.0, one.start - _ROOM_S)), end=min(end, max(0.0, one.end - _ROOM_S))
            )
            for one in segments
        )
        said = " ".join(words[: 1 + max(one.word for one in segments)])
        kept = tuple(one for one in moved if one.end > one.start)
        return replace(utterance, text=said, segments=kept, score=score)

    def _posteriors(self, sound: NDArray[np.int16]) -> Floats:
        """Return the probability of each state at each 30 ms: shape (outputs, PDFS)."""
        heard = np.pad(soxr.resample(sound.astype(np.float32), RATE, LINE_RATE), int(_ROOM_S * LINE_RATE))
        hiss = np.random.default_rng(0).standard_normal(heard.size) * _HISS
        features = telephone.features(heard + hiss)
        edges = ((self.network.context, self.network.context), (0, 0))
        padded = torch.from_numpy(np.pad(features, edges, mode="edge"))
        with torch.no_grad():
            _, side = self.network(padded[None])
        posteriors: Floats = functional.softmax(side[0], dim=1).numpy()
        return posteriors


def _phone_of() -> NDArray[np.intp]:
    phones = np.zeros(PDFS, np.intp)
    for kind in range(CLASSES):
        for phone in range(1, len(PHONES)):
            phones[first_pdf(kind, phone) : first_pdf(kind, phone) + 2] = phone
    return phones


PHONE_OF: Final = _phone_of()
"""The phone that each state is of: shape (PDFS,)."""


def readers_lexicon(texts: Iterable[str]) -> Lexicon:
    """Return how the words of `texts` sound; the readers are Flemish, so without the Northern variants."""
    variants = Variants.of_regions(("all",))
    known = variants.expand_all(common_dutch())
    words = {word for text in texts for word in text.split()}
    with Espeak() as espeak:

        def guess(word: str) -> Pronunciation:
            try:
                return espeak.pronounce(word)
            except ModelError:  # a foreign sound
                return ()

        return pronounce_words(words, known, guess, variants).lexicon
