"""Piper: neural voices that sound natural, at a hundred times espeak's cost (3 and 350 ms a sentence)."""

from __future__ import annotations

import json
from pathlib import Path

OWN_RATE_WPM = 160
"""What a voice of Piper's is taken to speak by itself; the people behind two of them read 137 and 192."""


class Engine:
    """One Piper voice, from its .onnx file with the .onnx.json beside it."""

    def __init__(self, folder: Path, voice: str) -> None:
        """Load the `voice` file; raises ImportError, OSError or ValueError when it cannot be."""
        language = json.loads(Path(f"{voice}.json").read_text("utf-8"))["espeak"]["voice"]
        if not language.startswith("nl"):
            raise ValueError(f"{voice} speaks {language}, not Dutch")
        from importlib.metadata import version

        from piper import PiperVoice, SynthesisConfig

        self._voice = PiperVoice.load(voice)
        self._config = SynthesisConfig
        self.version = f"piper {version('piper-tts')}"
        self.speak("ja", voice, OWN_RATE_WPM)  # the first text takes twice as long

    def speak(self, text: str, voice: str, rate: int) -> tuple[int, bytes]:
        """Return the sampling rate and the sound of `text`."""
        scale = self._voice.config.length_scale * OWN_RATE_WPM / rate
        pieces = list(self._voice.synthesize(text, self._config(length_scale=scale)))
        if not pieces:
            raise RuntimeError("piper made no sound")
        return pieces[0].sample_rate, b"".join(piece.audio_int16_bytes for piece in pieces)
