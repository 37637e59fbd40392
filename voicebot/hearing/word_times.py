"""From the recogniser's time to the call's: when each word was spoken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from voicebot.audio import FRAME_MS
from voicebot.hearing.recogniser import Word
from voicebot.values import TimedWord


class Came(NamedTuple):
    """When a frame that was recognised came."""

    at_ms: int
    """When it had come, since the call started."""
    received: bool
    """Whether it came from the line; False for silence where no sound came."""


def word_times(words: Sequence[Word], frames: Sequence[Came]) -> tuple[TimedWord, ...]:
    """Return `words` with their times since the call started, and how certain they are.

    `frames` is all that the recogniser heard since its start, in order. They need not have come in step:
    frames that were lost leave a gap, and frames that came late came at once.
    """
    ends = _spoken(frames)
    told = []
    for word in words:
        start_ms, end_ms = round(1000 * word.start), round(1000 * word.end)
        first, last = (min(ms // FRAME_MS, len(ends) - 1) for ms in (start_ms, end_ms - 1))
        told.append(
            TimedWord(
                word.word,
                max(0, ends[first] + start_ms - FRAME_MS * (first + 1)),
                max(0, ends[last] + end_ms - FRAME_MS * (last + 1)),
                round(word.conf, 2),
            )
        )
    return tuple(told)


def _spoken(frames: Sequence[Came]) -> list[int]:
    """Return when each frame ended, in ms: no later than it came, nor than the one after it began.

    Silence that was put in is left where it stands: the sound it stood in for may have come after all, late.
    """
    ends: list[int] = []
    for at_ms, received in reversed(frames):
        ends.append(min(at_ms, ends[-1] - FRAME_MS) if ends and received else at_ms)
    return ends[::-1]
