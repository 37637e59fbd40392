"""The process that owns one pyttsx3 engine: texts in, sound out.

Run as a script by `process`, with a private folder as its only argument;
it imports nothing of voicebot, so it starts in a tenth of a second and stays
small. One JSON line per request on stdin, one JSON line per answer on stdout,
then as many bytes of sound (int16 mono) as the answer says. It ends when
stdin closes, so it dies with its parent, and takes the folder along.

pyttsx3 on espeak-ng allows one engine per process and one text per
``runAndWait``, which returns before the file is whole; it prints, and on a bad
voice name it goes on in another language. All of that is dealt with here.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import time
import wave
from pathlib import Path
from typing import IO, Any

LIBRARY = "libespeak-ng.so.1"
PATIENCE_S = 5.0
"""How long one text may take."""


class _RequestError(Exception):
    """A request that cannot be met, as ``kind: message``."""


def main() -> None:
    """Serve requests until stdin closes."""
    folder = Path(sys.argv[1])
    requests, answers = sys.stdin.buffer, _take_stdout()
    try:
        _serve(requests, answers, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # espeak's own threads must not hold the process up


def _take_stdout() -> IO[bytes]:
    """Return the real stdout; whatever prints from now on goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answers


def _serve(requests: IO[bytes], answers: IO[bytes], folder: Path) -> None:
    try:
        _find_library(folder)
        engine = _Engine(folder / "speech.wav")
    except Exception as error:
        _answer(answers, {"error": "setup", "message": str(error)})
        return
    _answer(answers, {"engine": "espeak-ng", "version": engine.version})
    for line in requests:
        try:
            rate, sound = engine.speak(**json.loads(line))
        except _RequestError as error:
            kind, _, message = str(error).partition(": ")
            _answer(answers, {"error": kind, "message": message})
        else:
            _answer(answers, {"rate": rate, "bytes": len(sound)}, sound)


def _answer(answers: IO[bytes], header: dict[str, Any], sound: bytes = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n" + sound)
    answers.flush()


def _find_library(folder: Path) -> None:
    """Make espeak-ng loadable by name: the system's, or else the one in the wheel espeakng-loader."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        import espeakng_loader

        # dlopen finds a library that is already loaded by its soname
        ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
        # espeak cuts the path of its data off at 160 characters: a link keeps it short
        (folder / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path())
        os.environ["ESPEAK_DATA_PATH"] = str(folder)


class _Engine:
    """The one engine of this process."""

    def __init__(self, file: Path) -> None:
        import pyttsx3
        from pyttsx3.drivers import _espeak

        self._file = file
        self._espeak = _espeak
        self._engine = pyttsx3.init("espeak")
        self._engine.proxy.setBusy(False)  # else settings wait for the next runAndWait, which cancels them
        _espeak.dll.espeak_Info.restype = ctypes.c_char_p
        self.version = _espeak.dll.espeak_Info(None).decode()
        self.speak("ja", "nl", 140)  # the first text loads the dictionary, 40 ms

    def speak(self, text: str, voice: str, rate: int) -> tuple[int, bytes]:
        """Return the sampling rate and the sound of `text`; the file it passes through is removed at once."""
        self._set(voice, rate)
        try:
            self._engine.save_to_file(text, str(self._file))
            self._engine.runAndWait()
            self._wait()
            with wave.open(str(self._file), "rb") as sound:
                return sound.getframerate(), sound.readframes(sound.getnframes())
        except (OSError, EOFError, wave.Error) as error:
            raise _RequestError(f"engine: espeak left no sound file ({error})") from error
        finally:
            self._file.unlink(missing_ok=True)

    def _set(self, voice: str, rate: int) -> None:
        """Set the voice and the rate, and check them: on a bad name espeak stays with the last voice."""
        self._engine.setProperty("voice", voice)
        self._engine.setProperty("rate", rate)
        self._espeak.Synchronize()  # runAndWait cancels settings that are still on their way
        current = self._espeak.GetCurrentVoice().contents
        name = current.identifier.decode().rpartition("/")[2]
        if name.lower() != voice.lower() or not current.languages[1:].startswith(b"nl"):
            raise _RequestError(f"voice: there is no Dutch voice {voice!r}")
        if self._espeak.dll.espeak_GetParameter(self._espeak.RATE, 1) != rate:
            raise _RequestError(f"engine: espeak does not take a rate of {rate} words per minute")

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self._engine.proxy._driver._speaking:
            if time.monotonic() > deadline:
                os._exit(1)  # hung inside espeak: only a new process helps
            time.sleep(0.0005)


if __name__ == "__main__":
    main()
