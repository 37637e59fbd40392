"""How fast the bot answered in a call, as heard by the caller; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from voicebot.audio import FRAME_SAMPLES, Samples
from voicebot.replay.caller import VOICED_DBFS

Span: TypeAlias = tuple[float, float]
"""From the first voiced sample to the last, in seconds on one clock."""
_LOUD = 32768 * 10 ** (VOICED_DBFS / 20)


def voiced_edges(samples: Samples) -> tuple[int, int] | None:
    """Return the first and last voiced sample of `samples` (int16 mono 8 kHz); None when there is none.

    Voiced are the samples above `VOICED_DBFS` in each 20 ms that as a whole (RMS) is above it.
    """
    if not len(samples) or max(samples.max(), -int(samples.min())) <= _LOUD:
        return None
    frames = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES).astype(np.float64)
    loud_frames = np.mean(frames**2, axis=1, keepdims=True) > _LOUD**2
    voiced = np.flatnonzero((np.abs(frames) > _LOUD) & loud_frames)
    return (int(voiced[0]), int(voiced[-1])) if len(voiced) else None


@dataclass(frozen=True, slots=True)
class CallTimes:
    """How long the caller waited in one call."""

    greeting_ms: float | None = None
    """From the answered call to the bot's first voiced sample; None when it never spoke."""
    response_ms: tuple[float, ...] = ()
    """For each timed turn, from the caller's last voiced sample to the bot's first one after it."""
    missed: int = 0
    """Turns after which the bot said nothing, until the caller's next one or the end."""
    talked_over: int = 0
    """Turns that are not timed, because the bot was heard during them: interruptions, on either side."""


def call_times(answered_at: float, said: Sequence[Span], heard: Sequence[Span]) -> CallTimes:
    """Return the times of a call: what the caller `said`, turn by turn, and `heard`, packet by packet."""
    greeting_ms = 1000 * (heard[0][0] - answered_at) if heard else None
    responses: list[float] = []
    missed = talked_over = 0
    ends_by = [*(begin for begin, _ in said[1:]), float("inf")]
    for (begin, end), until in zip(said, ends_by, strict=False):
        if any(start < end and stop > begin for start, stop in heard):
            talked_over += 1
        elif (answer := next((start for start, _ in heard if end <= start < until), None)) is None:
            missed += 1
        else:
            responses.append(1000 * (answer - end))
    return CallTimes(greeting_ms, tuple(responses), missed, talked_over)
