"""Who speaks, and how fast."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from voicebot.errors import VoiceError

SLOWEST_WPM: Final = 80
FASTEST_WPM: Final = 300
"""The range of rates that espeak honours and that can be followed over a telephone."""
_PIPER: Final = re.compile(r"[a-z]{2}_[A-Z]{2}-\w+-\w+")


class EngineName(StrEnum):
    """What speaks; each is a file NAME_engine.py in `workers`."""

    ESPEAK = "espeak"
    """pyttsx3 on espeak-ng, with MBROLA's voices where those are installed."""
    PIPER = "piper"


@dataclass(frozen=True, slots=True)
class Voice:
    """One Dutch voice at one rate; raises VoiceError when the rate cannot be spoken."""

    name: str = "nl"
    """espeak's ``nl`` or ``nl+f2``, MBROLA's ``mb-nl2``, Piper's ``nl_BE-rdh-medium``."""
    rate_wpm: int = 140
    """Words per minute; 130-150 is most intelligible at 8 kHz."""

    def __post_init__(self) -> None:
        if not SLOWEST_WPM <= self.rate_wpm <= FASTEST_WPM:
            raise VoiceError(
                f"cannot speak {self.rate_wpm} words per minute: choose {SLOWEST_WPM} to {FASTEST_WPM}"
            )

    @property
    def engine(self) -> EngineName:
        """The engine that has this voice, told by the shape of its name."""
        return EngineName.PIPER if _PIPER.fullmatch(self.name) else EngineName.ESPEAK

    def slower(self) -> Voice:
        """Return the same voice for who asked it to speak slower: three quarters of its rate."""
        return replace(self, rate_wpm=max(SLOWEST_WPM, 3 * self.rate_wpm // 4))
