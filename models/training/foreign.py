"""People who speak another language: more voices, where few speak ours.

Their sounds are taken for the nearest of ours. What a network learns from them is not Dutch, but how
differently people say nearly the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import RATE, Utterance
from training.prompts import read_prompts
from training.readers import manifest_rows, words_only
from training.settings import ForeignSettings
from voicebot.audio import read_audio
from voicebot.errors import ModelError
from voicebot.modelling import Espeak, Lexicon, Pronunciation, from_espeak

_STRESS: Final = "',%="
_DIFFERENT: Final = {
    "de": """
3 = @           A: = a:         OY = O j        U = u           W = Y           aI = EI
g = k           pF = p f        v = w           y = Y
""",
    "en-us": """
0 = A           3 = @ r         3: = Y r        @L = @ l        A@ = a: r       D = d
O: = O          O@ = O r        T = f           U@ = u r        V = A           a = E
a# = @          aI3 = a: j @ r  aI@ = a: j @    aa = E          e@ = E r        eI = e:
g = k           i@ = i @        i@3 = i r       n- = @ n        o@ = o: r
""",
    "fr": """
W~ = Y          Y = Y:          a = a:          a- = a:         aa = a:         e- = e:
g = k           y- = y
""",
    "it": """
@- =            a = a:          d[ = d          dz = d z        g = k           ss = s
""",
    "ru": """
; =             @- =            I3 = I          I^ = I          S; = S          V = A
V# = @          a = a:          d; = d          g = k           ja = j a:       ju = j u
m; = m          n_ = n          s; = s          t; = t          tS; = t S       u" = u
y = I           z; = z
""",
}
"""By language, espeak's phonemes that are not what Dutch phonemes of that name are, in our phones.

After some there is nothing: they are no sounds of their own. German "v" is closer to our w than to our v,
which is half an f.
"""
_SOUNDS: Final[dict[str, dict[str, Pronunciation]]] = {
    language: {
        name.strip(): tuple(ours.split())
        for name, ours in (cell.split("=") for cell in re.split(r" {2,}(?=\S+ =)|\n", table.strip()))
    }
    for language, table in _DIFFERENT.items()
}


def read_foreigners(
    recordings: Path, settings: ForeignSettings, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[Utterance, NDArray[np.int16]]]:
    """Yield what the people of `settings` say.

    Raises UsageError for recordings that are not there, as `read_readers`, and SetupError for prompts.
    """
    said = [*_recorded(recordings, settings), *_prompted(settings)][:: round(1 / settings.share)]
    for done, (file, utterance) in enumerate(said, start=1):
        yield utterance, read_audio(file, RATE)
        on_progress(done, len(said))


def _recorded(recordings: Path, settings: ForeignSettings) -> Iterator[tuple[Path, Utterance]]:
    for folder, language in settings.recordings.items():
        for row in manifest_rows(recordings / folder):
            file = recordings / folder / row["file"]
            text = words_only(row["transcript"])
            yield file, Utterance(f"{folder}/{file.stem}", row["speaker"], text, language=language)


def _prompted(settings: ForeignSettings) -> Iterator[tuple[Path, Utterance]]:
    for package, language in settings.prompts.items():
        for prompt in read_prompts(package):
            name, text = f"{package}/{prompt.name}", words_only(prompt.text)
            yield prompt.file, Utterance(name, package, text, language=language)


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
            phones += sounds[name] if name in sounds else from_espeak(phoneme.mnemonic)
        except ModelError:
            return ()
    return tuple(phones)
