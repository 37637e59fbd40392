"""Dutch text to sound, by engines in processes of their own."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

import numpy as np
import structlog
from numpy.typing import NDArray

from voicebot.errors import SpeakingError, VoiceError
from voicebot.speaking.cache import PromptCache
from voicebot.speaking.pool import Pool
from voicebot.speaking.pronunciation import for_espeak
from voicebot.speaking.sound import for_the_line
from voicebot.speaking.voice import EngineName, Voice
from voicebot.speaking.voices import piper_file

log = structlog.get_logger(__name__)

_MAX_CHARACTERS: Final = 2000
_MAX_WAIT_S: Final = {EngineName.ESPEAK: 30.0, EngineName.PIPER: 0.5}
"""How long a text waits for a free worker. espeak needs 3 ms a sentence, so by then something is wrong; a
text that finds Piper busy is better spoken by espeak than late."""


class Synthesiser:
    """Speaks Dutch text; blocking, and safe to use from several threads at once.

    espeak-ng is always there: a text that another voice fails to speak, its
    plain one does, so that a caller never hears silence instead. Raises
    SetupError when this machine has no usable espeak-ng.
    """

    def __init__(
        self, workers: int = 1, cache: PromptCache | None = None, *, keeps_personal: bool = False
    ) -> None:
        """Start `workers` processes of espeak; those of Piper start when its voice is first asked for.

        `keeps_personal` is for replay, where nobody is real: all texts are kept.
        """
        self._workers = workers
        self._cache = cache
        self._keeps_personal = keeps_personal
        self._lock = threading.Lock()
        self._espeak = Pool(workers, EngineName.ESPEAK)
        self._piper: dict[str, Pool] = {}
        """By voice: a process of Piper has one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def engine(self, voice: Voice) -> str:
        """Return the name and version of what speaks with this voice; raises SetupError or VoiceError."""
        return self._pool(voice).version

    def speak(self, text: str, voice: Voice, *, keep: bool = True) -> NDArray[np.int16]:
        """Return normalised `text` as a prompt: int16 mono 8 kHz, shape (n,); empty when nothing can be said.

        With `keep` False (personal text) the cache is neither read nor
        written. Raises VoiceError when the voice does not exist, SetupError
        when its engine cannot start here, and SpeakingError when no engine
        speaks it.
        """
        if len(text) > _MAX_CHARACTERS:
            raise SpeakingError(
                f"a text of {len(text)} characters is too long to speak: split it in sentences"
            )
        spelling = for_espeak(text)  # Piper's Dutch reads as espeak does
        if not any(map(str.isalnum, spelling)):
            return np.zeros(0, np.int16)
        cache = self._cache if keep or self._keeps_personal else None
        pool = self._pool(voice)
        made_of = (pool.version, voice.name, voice.rate_wpm, spelling)
        if cache and (known := cache.get(*made_of)) is not None:
            return known
        try:
            prompt = for_the_line(*pool.render(spelling, voice, _MAX_WAIT_S[voice.engine]))
        except VoiceError:
            raise
        except SpeakingError as error:
            plain = Voice(rate_wpm=voice.rate_wpm)
            if voice == plain:
                raise
            log.warning("plain voice speaks instead", voice=voice.name, error=str(error))
            return self.speak(text, plain, keep=keep)
        if cache:
            cache.put(prompt, *made_of)
        return prompt

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            pools = (self._espeak, *self._piper.values())
        for pool in pools:
            pool.close()

    def _pool(self, voice: Voice) -> Pool:
        if voice.engine is EngineName.ESPEAK:
            return self._espeak
        with self._lock:
            if voice.name not in self._piper:
                self._piper[voice.name] = Pool(self._workers, EngineName.PIPER, str(piper_file(voice.name)))
            return self._piper[voice.name]
