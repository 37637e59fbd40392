"""From what a fixture writes to what its caller does: recordings read, texts spoken once and kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_SAMPLES, RATE, gsm, read_audio, rms_dbfs, voiced_dbfs, write_audio
from voicebot.replay.caller import Turn
from voicebot.replay.fixture import CallerSpec, Fixture
from voicebot.replay.sounds import sound_file

Samples = NDArray[np.int16]
Speak = Callable[[str, str, int], Samples]
"""(text, voice, words a minute) -> int16 mono 8 kHz; slow, so its results are kept."""
_SILENT_DB = 30.0
"""A frame that is so much softer than the voice in a recording is the silence around it."""


class Recordings:
    """Makes the turns of fixtures; what `speak` made is kept in `folder`."""

    def __init__(self, speak: Speak, folder: Path) -> None:
        self._speak = speak
        self._folder = folder

    def turns(self, fixture: Fixture, beside: Path) -> list[Turn]:
        """Return what the caller of `fixture` does; recordings lie `beside` it."""
        turns = [self._turn(spec.caller, beside) for spec in fixture.turns if spec.caller is not None]
        if fixture.line.codec == "gsm":
            turns = [
                replace(turn, samples=gsm(turn.samples)) if turn.samples.size else turn for turn in turns
            ]
        return turns

    def _turn(self, spec: CallerSpec, beside: Path) -> Turn:
        samples = np.zeros(0, np.int16)
        if spec.wav is not None:
            samples = _joined([read_audio(sound_file(name, beside)) for name in spec.wav], spec.gap)
        elif spec.text is not None:
            samples = self._said(spec.text, spec.voice, spec.rate_wpm)
        elif spec.silent is not None:
            samples = np.zeros(round(spec.silent * RATE), np.int16)
        return Turn(samples, spec.keys or "", spec.hangs_up, spec.after, spec.at)

    def _said(self, text: str, voice: str, rate_wpm: int) -> Samples:
        name = hashlib.sha256(f"{voice}\0{rate_wpm}\0{text}".encode()).hexdigest()[:24]
        file = self._folder / f"{name}.flac"
        if not file.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            made = file.with_name(f"{name}.{os.getpid()}.part.flac")
            write_audio(made, self._speak(text, voice, rate_wpm))
            made.replace(file)
        return read_audio(file)


def _joined(sounds: Sequence[Samples], gap_s: float) -> Samples:
    """Return one recording as it is; several without the silence around each, `gap_s` apart."""
    if len(sounds) == 1:
        return sounds[0]
    pause = np.zeros(round(gap_s * RATE), np.int16)
    return np.concatenate([part for sound in sounds for part in (pause, _without_silence(sound))][1:])


def _without_silence(samples: Samples) -> Samples:
    """Cut off whole frames before and after the voice."""
    floor = voiced_dbfs(samples) - _SILENT_DB
    frames = range(0, samples.size, FRAME_SAMPLES)
    loud = [start for start in frames if rms_dbfs(samples[start : start + FRAME_SAMPLES]) > floor]
    return samples[loud[0] : loud[-1] + FRAME_SAMPLES] if loud else samples
