"""The parent's side of one process of `workers`."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import SetupError, SpeakingError, VoiceError
from voicebot.private_folder import PrivateFolder
from voicebot.speaking.voice import EngineName, Voice

_WORKER: Final = Path(__file__).parent / "workers" / "serve.py"
_START_LIMIT_S: Final = 10.0
_SPARE_LIMIT_S: Final = {EngineName.ESPEAK: 1.0, EngineName.PIPER: 3.0}
"""What a process that takes another's place gets to become ready; a caller waits meanwhile."""
_TEXT_LIMIT_S: Final = 0.7
_CHARACTER_LIMIT_S: Final = {EngineName.ESPEAK: 0.002, EngineName.PIPER: 0.03}
"""And more for each character, of which an idle core takes 0.1 and 7 ms. Who takes longer hangs."""
_LONGEST_TEXT_LIMIT_S: Final = 3.0
_END_LIMIT_S: Final = 1.0
_INSTALL: Final = {
    EngineName.ESPEAK: "install espeak-ng (Debian: apt install libespeak-ng1) or the package espeakng-loader",
    EngineName.PIPER: "install voicebot[piper], and fetch the voice: voicebot voices fetch",
}


class SpeechProcess:
    """One spawned worker; used by one thread at a time."""

    def __init__(self, engine: EngineName, *arguments: str) -> None:
        """Start it; `arguments` are the engine's own."""
        self._engine = engine
        # Sound of personal texts passes through this folder: private, and where possible never on disk.
        self._folder = PrivateFolder("speech")
        self._process = subprocess.Popen(
            [sys.executable, str(_WORKER), engine, str(self._folder.path), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent, which then closes stdin
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        self._version = ""

    def ready(self, limit_s: float = _START_LIMIT_S) -> str:
        """Wait until the engine works and return its name and version; raises SetupError when it does not."""
        if self._version:
            return self._version
        try:
            answer, _ = self._read(limit_s)
        except SpeakingError as error:
            answer = {"message": str(error)}
        if "version" not in answer:
            raise SetupError(f"the voice cannot start: {answer['message']}; {_INSTALL[self._engine]}")
        self._version = str(answer["version"])
        return self._version

    def speak(self, text: str, voice: Voice) -> tuple[NDArray[np.int16], int]:
        """Return the sound of `text` (int16 mono, shape (n,)) and its sampling rate.

        Raises VoiceError for an unknown voice; SpeakingError or SetupError
        when the process is of no use any more.
        """
        self.ready(_SPARE_LIMIT_S[self._engine])
        request = {"text": text, "voice": voice.name, "rate": voice.rate_wpm}
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
        except (OSError, ValueError) as error:  # ValueError: we closed it ourselves
            raise SpeakingError("the speech worker has died") from error
        limit_s = _TEXT_LIMIT_S + _CHARACTER_LIMIT_S[self._engine] * len(text)
        answer, sound = self._read(min(limit_s, _LONGEST_TEXT_LIMIT_S))
        if answer.get("error") == "voice":
            raise VoiceError(
                f"{answer['message']}: use nl, a variant of it such as nl+f2 or nl+m3, or another one of "
                "`voicebot voices list`"
            )
        if "error" in answer:
            raise SpeakingError(f"the speech worker failed: {answer['message']}")
        return np.frombuffer(sound, np.int16), int(answer["rate"])

    def _read(self, limit_s: float) -> tuple[dict[str, Any], bytes]:
        """Return the next answer and its sound; a process that takes longer than `limit_s` is killed."""
        watchdog = threading.Timer(limit_s, self._process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            line = self._answers.readline()
            answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"bytes": -1}
            sound = self._answers.read(answer["bytes"]) if answer.get("bytes", 0) > 0 else b""
        finally:
            watchdog.cancel()
        if len(sound) != answer.get("bytes", 0):
            raise SpeakingError(f"the speech worker died, or hung for over {limit_s:g} seconds")
        return answer, sound

    def close(self) -> None:
        """End the process, by force if it does not go, and remove its folder."""
        with contextlib.suppress(OSError):  # it died with a request unread
            self._requests.close()
        try:
            self._process.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()
        self._folder.close()
