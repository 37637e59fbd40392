"""pyttsx3 on espeak-ng, which also speaks with the voices of MBROLA where those are installed.

pyttsx3 allows one engine per process and one text per ``runAndWait``, which
returns before the file is whole; it prints, and on a bad voice name it goes on
in another language. All of that is dealt with here.
"""

from __future__ import annotations

import ctypes
import os
import time
import types
import wave
from pathlib import Path

LIBRARY = "libespeak-ng.so.1"
PATIENCE_S = 5.0
"""How long one text may take."""
LOOK_S = 0.0005
"""How often to look whether a text is spoken, which takes 3 ms; pyttsx3 itself looks every 10."""
MBROLA = "mb-"
MBROLA_RATE = 16000
"""Sampling rate of MBROLA's Dutch voices; pyttsx3 takes all voices to have espeak's own."""


class Engine:
    """The one espeak-ng of this process."""

    def __init__(self, folder: Path) -> None:
        """Find the library and load it; sound passes through a file in `folder`."""
        _find_library(folder)
        import pyttsx3
        from pyttsx3.drivers import _espeak, espeak

        espeak.time = types.SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, LOOK_S)))
        self._file = folder / "speech.wav"
        self._espeak = _espeak
        self._is_set: tuple[str, int] | None = None
        self._engine = pyttsx3.init("espeak")
        self._engine.proxy.setBusy(False)  # else settings wait for the next runAndWait, which cancels them
        _espeak.dll.espeak_Info.restype = ctypes.c_char_p
        self.version = f"espeak-ng {_espeak.dll.espeak_Info(None).decode()}"
        self.speak("ja", "nl", 140)  # the first text loads the dictionary, 40 ms

    def speak(self, text: str, voice: str, rate: int) -> tuple[int, bytes]:
        """Return the sampling rate and the sound of `text`; the file it passes through is removed at once."""
        if (voice, rate) != self._is_set:
            self._set(voice, rate)
        try:
            self._engine.save_to_file(text, str(self._file))
            self._engine.runAndWait()
            self._settle()
            with wave.open(str(self._file), "rb") as sound:
                own_rate = MBROLA_RATE if voice.startswith(MBROLA) else sound.getframerate()
                return own_rate, sound.readframes(sound.getnframes())
        except (OSError, EOFError, wave.Error) as error:
            raise RuntimeError(f"espeak left no sound file ({error})") from error
        finally:
            self._file.unlink(missing_ok=True)

    def _set(self, voice: str, rate: int) -> None:
        """Set the voice and the rate, and check them: on a bad name espeak stays with the last voice.

        Takes 20 ms, as that is how often espeak looks whether its own thread has taken them over.
        """
        self._is_set = None
        try:
            self._engine.setProperty("voice", voice)
        except ValueError as error:  # MBROLA's, without its data
            raise LookupError(f"there is no Dutch voice {voice!r}") from error
        self._engine.setProperty("rate", rate)
        self._espeak.Synchronize()  # runAndWait cancels settings that are still on their way
        current = self._espeak.GetCurrentVoice().contents
        name = current.identifier.decode().rpartition("/")[2]
        if name.lower() != voice.lower() or not current.languages[1:].startswith(b"nl"):
            raise LookupError(f"there is no Dutch voice {voice!r}")
        if self._espeak.dll.espeak_GetParameter(self._espeak.RATE, 1) != rate:
            raise RuntimeError(f"espeak does not take a rate of {rate} words per minute")
        self._is_set = voice, rate

    def _settle(self) -> None:
        """Wait until espeak's own thread is done: what it still tells would be taken for the next text's."""
        deadline = time.monotonic() + PATIENCE_S
        while self._engine.proxy._driver._speaking or self._espeak.dll.espeak_IsPlaying():
            if time.monotonic() > deadline:
                os._exit(1)  # hung inside espeak: only a new process helps
            time.sleep(LOOK_S)


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
