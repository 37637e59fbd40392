"""Who speaks, and how fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from voicebot.errors import VoiceError

SLOWEST_WPM: Final = 80
FASTEST_WPM: Final = 300
"""The range of rates that espeak honours and that can be followed over a telephone."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One of espeak's Dutch voices; raises VoiceError when the rate cannot be spoken."""

    name: str = "nl"
    """``nl``, or with one of espeak's variants: ``nl+f2``, ``nl+m3``."""
    rate_wpm: int = 140
    """Words per minute; 130-150 is most intelligible at 8 kHz."""

    def slower(self) -> Voice:
        """Return the same voice for who asked it to speak slower: three quarters of its rate."""
        return replace(self, rate_wpm=max(SLOWEST_WPM, 3 * self.rate_wpm // 4))

    def __post_init__(self) -> None:
        if not SLOWEST_WPM <= self.rate_wpm <= FASTEST_WPM:
            raise VoiceError(
                f"cannot speak {self.rate_wpm} words per minute: choose {SLOWEST_WPM} to {FASTEST_WPM}"
            )
