"""espeak-ng with its phonemes: speech of which every sound is known to the millisecond."""

from __future__ import annotations

import ctypes
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import SetupError, VoiceError
from voicebot.modelling.phones import Pronunciation, from_espeak

_SYNCHRONOUS: Final = 2
_PHONEME_EVENTS, _DO_NOT_EXIT = 1, 0x8000
_WORD, _PHONEME, _END = 1, 7, 0
_RATE, _PITCH, _PITCH_RANGE = 1, 3, 4
_UTF8: Final = 1
_BUFFER_MS: Final = 500


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One sound or pause of an utterance."""

    mnemonic: str
    """As espeak names it; see `from_espeak`."""
    start_ms: int
    end_ms: int
    word: int
    """Index of the word that it belongs to; -1 before the first."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance."""

    samples: NDArray[np.int16]
    """Mono, shape (n,)."""
    rate: int
    """Samples a second."""
    phonemes: tuple[Phoneme, ...]


class _Identity(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """espeak_EVENT of espeak-ng's speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identity),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Espeak:
    """The espeak-ng library of this process: one at a time, to be closed, and not for two threads at once.

    Raises SetupError when there is none.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="voicebot-espeak-")
        self._library, data = _load(Path(self._folder.name))
        self._rate = self._library.espeak_Initialize(
            _SYNCHRONOUS, _BUFFER_MS, data, _PHONEME_EVENTS | _DO_NOT_EXIT
        )
        if self._rate <= 0:
            raise SetupError("espeak-ng does not start: its data is missing; reinstall espeakng-loader")
        self._callback = _Callback(self._take)  # espeak keeps a bare pointer to it
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""
        self._sound: list[NDArray[np.int16]] = []
        self._events: list[tuple[int, str | None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the library, so that another can be opened."""
        self._library.espeak_Terminate()
        self._folder.cleanup()

    def speak(
        self, text: str, voice: str = "nl", *, rate_wpm: int = 150, pitch: int = 50, pitch_range: int = 50
    ) -> Spoken:
        """Return `text` spoken, with `pitch` and its range from 0 to 99; raises VoiceError."""
        if voice != self._voice and self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise VoiceError(f"espeak has no voice {voice!r}: use nl, or a variant of it such as nl+f2")
        self._voice = voice
        for parameter, value in ((_RATE, rate_wpm), (_PITCH, pitch), (_PITCH_RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._sound, self._events = [], []
        encoded = text.encode()
        self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._sound) if self._sound else np.zeros(0, np.int16)
        return Spoken(samples, self._rate, _phonemes(self._events, 1000 * len(samples) // self._rate))

    def pronounce(self, text: str) -> Pronunciation:
        """Return `text` in our phones, () when none of it can be said; raises ModelError as `from_espeak`."""
        phonemes = self.speak(text).phonemes
        return tuple(phone for phoneme in phonemes for phone in from_espeak(phoneme.mnemonic))

    def _take(self, sound: Any, length: int, events: Any) -> int:
        """Take a piece of sound and what happens in it, until an event of type 0."""
        if sound and length > 0:
            self._sound.append(np.ctypeslib.as_array(sound, (length,)).copy())
        at = 0
        while (event := events[at]).type != _END:
            if event.type == _PHONEME:
                self._events.append((event.audio_position, bytes(event.id.string).decode("utf-8", "replace")))
            elif event.type == _WORD:
                self._events.append((event.audio_position, None))
            at += 1
        return 0


def _phonemes(events: list[tuple[int, str | None]], total_ms: int) -> tuple[Phoneme, ...]:
    """Return the sounds among (ms, mnemonic, or None where a word begins); each lasts until the next."""
    starts = [at for at, name in events if name is not None]
    ends = iter([*starts[1:], total_ms])
    phonemes, word = [], -1
    for at, name in events:
        if name is None:
            word += 1
        else:
            phonemes.append(Phoneme(name, at, next(ends), word))
    return tuple(phonemes)


def _load(folder: Path) -> tuple[ctypes.CDLL, bytes]:
    """Return espeakng-loader's library, the same one everywhere, and the folder with a link to its data."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError) as error:
        raise SetupError(f"cannot load espeak-ng: {error}; install the package espeakng-loader") from error
    # espeak cuts the path of its data off at 160 characters: a link keeps it short
    (folder / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path())
    return library, str(folder).encode()
