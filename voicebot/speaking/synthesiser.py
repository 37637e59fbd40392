"""Dutch text to sound, by pyttsx3 in processes of its own."""

from __future__ import annotations

import queue
import threading
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import SetupError, SpeakingError, VoiceError
from voicebot.speaking.cache import PromptCache
from voicebot.speaking.process import SpeechProcess
from voicebot.speaking.pronunciation import for_espeak
from voicebot.speaking.sound import for_the_line
from voicebot.speaking.voice import Voice

_TRIES: Final = 2
_MAX_CHARACTERS: Final = 2000
_MAX_WAIT_S: Final = 30.0
"""How long a text waits for a free worker; a sentence takes about 15 ms, so by then something is wrong."""


class Synthesiser:
    """Speaks Dutch text; blocking, and safe to use from several threads at once.

    Raises SetupError when this machine has no usable espeak-ng.
    """

    def __init__(
        self, workers: int = 1, cache: PromptCache | None = None, *, keeps_personal: bool = False
    ) -> None:
        """Start the processes. `keeps_personal` is for replay, where nobody is real: all texts are kept."""
        self._cache = cache
        self._keeps_personal = keeps_personal
        self._closed = False
        self._lock = threading.Lock()
        self._workers = [SpeechProcess() for _ in range(workers)]
        self._free: queue.SimpleQueue[SpeechProcess] = queue.SimpleQueue()
        try:
            for worker in self._workers:
                self._engine = worker.ready()
                self._free.put(worker)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def engine(self) -> str:
        """The engine's name and version."""
        return self._engine

    def speak(self, text: str, voice: Voice, *, keep: bool = True) -> NDArray[np.int16]:
        """Return normalised `text` as a prompt: int16 mono 8 kHz, shape (n,); empty when nothing can be said.

        With `keep` False (personal text) the cache is neither read nor
        written. Raises VoiceError when the voice does not exist, and
        SpeakingError when the engine failed twice.
        """
        if len(text) > _MAX_CHARACTERS:
            raise SpeakingError(
                f"a text of {len(text)} characters is too long to speak: split it in sentences"
            )
        spelling = for_espeak(text)
        if not any(map(str.isalnum, spelling)):
            return np.zeros(0, np.int16)
        cache = self._cache if keep or self._keeps_personal else None
        made_of = (self._engine, voice.name, voice.rate_wpm, spelling)
        if cache and (known := cache.get(*made_of)) is not None:
            return known
        prompt = for_the_line(*self._render(spelling, voice))
        if cache:
            cache.put(prompt, *made_of)
        return prompt

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.close()

    def _render(self, text: str, voice: Voice) -> tuple[NDArray[np.int16], int]:
        try:
            worker = self._free.get(timeout=_MAX_WAIT_S)
        except queue.Empty:
            raise SpeakingError(
                f"no speech worker came free in {_MAX_WAIT_S:g} seconds: start more"
            ) from None
        try:
            for _ in range(_TRIES):
                try:
                    return worker.speak(text, voice)
                except VoiceError:
                    raise
                except (SpeakingError, SetupError) as error:
                    failure = str(error)
                    worker = self._replace(worker)
            raise SpeakingError(f"a text failed {_TRIES} times, each on a worker of its own: {failure}")
        finally:
            self._free.put(worker)

    def _replace(self, worker: SpeechProcess) -> SpeechProcess:
        with self._lock:
            if self._closed:
                raise SpeakingError("the synthesiser is closed")
            fresh = SpeechProcess()
            self._workers = [*(other for other in self._workers if other is not worker), fresh]
        worker.close()
        return fresh
