"""The processes that speak with one engine, kept alive."""

from __future__ import annotations

import queue
import threading
import time
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import SetupError, SpeakingError, VoiceError
from voicebot.speaking.process import SpeechProcess
from voicebot.speaking.voice import EngineName, Voice

_PATIENCE_S: Final = {EngineName.ESPEAK: 2.5, EngineName.PIPER: 0.0}
"""How long a text that failed is tried again, each time with another process. One that Piper fails at is not:
espeak speaks it, which is sooner."""


class Pool:
    """Some processes of one engine, and a spare for when one dies; safe to use from several threads.

    Raises SetupError when the engine does not work here.
    """

    def __init__(self, workers: int, engine: EngineName, *arguments: str) -> None:
        """Start the processes with the engine's own `arguments`."""
        self._start = partial(SpeechProcess, engine, *arguments)
        self._patience_s = _PATIENCE_S[engine]
        self._closed = False
        self._lock = threading.Lock()
        self._workers = [self._start() for _ in range(workers)]
        self._free: queue.SimpleQueue[SpeechProcess] = queue.SimpleQueue()
        try:
            for worker in self._workers:
                self.version = worker.ready()
                """The engine's name and version."""
                self._free.put(worker)
            self._spare = self._start()
        except BaseException:
            self.close()
            raise
        self._workers.append(self._spare)

    def render(self, text: str, voice: Voice, wait_s: float) -> tuple[NDArray[np.int16], int]:
        """Return the sound of `text` (int16 mono, shape (n,)) and its sampling rate.

        Waits `wait_s` for a free process. A process that dies or hangs is
        replaced and the text tried again. Raises VoiceError for an unknown
        voice, and SpeakingError when there is no sound to be had.
        """
        try:
            worker = self._free.get(timeout=wait_s)
        except queue.Empty:
            raise SpeakingError(f"no speech worker came free in {wait_s:g} seconds: start more") from None
        try:
            give_up_at = time.monotonic() + self._patience_s
            while True:
                try:
                    return worker.speak(text, voice)
                except VoiceError:
                    raise
                except (SpeakingError, SetupError) as error:
                    worker = self._replace(worker)
                    if time.monotonic() >= give_up_at:
                        raise SpeakingError(f"a text failed on fresh workers, too: {error}") from error
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.close()

    def _replace(self, worker: SpeechProcess) -> SpeechProcess:
        with self._lock:
            if self._closed:
                raise SpeakingError("the synthesiser is closed")
            successor, self._spare = self._spare, self._start()
            self._workers = [*(other for other in self._workers if other is not worker), self._spare]
        worker.close()
        return successor
