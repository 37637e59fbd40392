"""Who starts and who stops to speak: the pure core of endpointing, fed frame by frame."""

from __future__ import annotations

from collections import deque
from typing import Final

from voicebot.audio import FRAME_MS

_BACK: Final = (2, 3)
"""Voiced frames, of the last so many, that break a silence: a click does not."""


class SpeechDetector:
    """Tells speech from clicks, and a pause from the end; knows frames, no clock and no words."""

    def __init__(self, onset: tuple[int, int], onset_over_prompt: tuple[int, int]) -> None:
        """Take how many voiced frames of the last how many start speech: over silence, and over a prompt."""
        self._onset, self._onset_over_prompt = onset, onset_over_prompt
        self._recent: deque[bool] = deque(maxlen=max(onset[1], onset_over_prompt[1]))
        self.speaking = False
        """Whether an utterance is going on."""
        self.silence_ms = 0
        """How long that utterance has been silent."""

    def push(self, voiced: bool, over_prompt: bool) -> bool:
        """Take the next frame; return whether speech starts here."""
        self._recent.append(voiced)
        if self.speaking:
            self.silence_ms = 0 if voiced and self._has(_BACK) else self.silence_ms + FRAME_MS
            return False
        if not self._has(self._onset_over_prompt if over_prompt else self._onset):
            return False
        self.speaking, self.silence_ms = True, 0
        return True

    def end(self) -> None:
        """Close the utterance."""
        self._recent.clear()
        self.speaking = False

    def _has(self, rule: tuple[int, int]) -> bool:
        needed, frames = rule
        return sum(list(self._recent)[-frames:]) >= needed
