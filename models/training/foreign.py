"""People who speak another language: more voices, where few speak ours.

Their sounds are taken for the nearest of ours. What a network learns from them is not Dutch, but how
differently people say nearly the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import RATE, Utterance
from training.readers import manifest_rows, words_only
from training.settings import ForeignSettings
from voicebot.audio import read_audio
from voicebot.errors import ModelError
from voicebot.modelling import Espeak, Lexicon, Pronunciation, from_espeak

_STRESS: Final = "',%="
_SOUNDS: Final[dict[str, dict[str, str]]] = {
    "de": {
        "3": "@",  # the last sound of "wieder"
        "A:": "a:",
        "OY": "O j",
        "U": "u",
        "W": "Y",
        "aI": "EI",
        "g": "k",
        "pF": "p f",
        "v": "w",  # closer to our w than to our v, which is half an f
        "y": "Y",
    }
}
"""By language, espeak's phonemes that are not what Dutch phonemes of that name are, in our phones."""


def read_foreigners(
    recordings: Path, settings: ForeignSettings, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[Utterance, NDArray[np.int16]]]:
    """Yield sentences from the folders of `settings`; raises UsageError as `read_readers`."""
    every = round(1 / settings.share)
    rows = [
        (folder, row) for folder in settings.languages for row in manifest_rows(recordings / folder)[::every]
    ]
    for done, (folder, row) in enumerate(rows, start=1):
        sound = read_audio(recordings / folder / row["file"], RATE)
        name = f"{folder}/{Path(row['file']).stem}"
        text = words_only(row["transcript"])
        yield Utterance(name, row["speaker"], text, language=settings.languages[folder]), sound
        on_progress(done, len(rows))


def foreign_lexicon(texts: Iterable[str], language: str) -> Lexicon:
    """Return how the words of `texts` sound in `language`, in our phones; without those that have others."""
    words = {word for text in texts for word in text.split()}
    with Espeak() as espeak:
        pronounced = {word: _pronounce(espeak, word, language) for word in sorted(words)}
    return {word: (pronunciation,) for word, pronunciation in pronounced.items() if pronunciation}


def _pronounce(espeak: Espeak, word: str, language: str) -> Pronunciation:
    sounds = _SOUNDS.get(language, {})
    phones: list[str] = []
    for phoneme in espeak.speak(word, language).phonemes:
        name = phoneme.mnemonic.lstrip(_STRESS)
        try:
            phones += sounds[name].split() if name in sounds else from_espeak(phoneme.mnemonic)
        except ModelError:
            return ()
    return tuple(phones)
