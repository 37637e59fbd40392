"""Tones to be recognised by: each person on the line has one, and hears those of the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from voicebot.audio import FRAME_SAMPLES, RATE, Samples

STEP_HZ = RATE / FRAME_SAMPLES
"""Tones this far apart, 50 Hz, do not show in each other within one frame."""
PURE = 0.8
"""Share of a frame's energy at one tone; speech and ringing tones stay below it, A-law leaves 0.99."""
FRAMES = 10
"""In a row: 200 ms of a pure tone is no accident."""
_AMPLITUDE = 6000


def tone(hz: float, seconds: float) -> Samples:
    """Return a sine: int16 mono 8 kHz, shape (n,)."""
    times = np.arange(round(seconds * RATE)) / RATE
    return (_AMPLITUDE * np.sin(2 * np.pi * hz * times)).astype(np.int16)


@dataclass
class ToneEar:
    """Notes when each tone was first heard."""

    heard: dict[float, float] = field(default_factory=dict)
    """Tone in Hz -> loop.time() of the first frame of it."""
    hz: float = 0.0
    """What is heard now; 0 when it is no tone."""
    frames: int = 0
    """For how long, in frames."""
    _since: float = 0.0

    def hear(self, samples: Samples, at: float) -> None:
        """Take one frame that came `at`."""
        hz = pure_tone(samples)
        if hz != self.hz:
            self.hz, self.frames, self._since = hz, 0, at
        self.frames += 1
        if hz and self.frames == FRAMES:
            self.heard.setdefault(hz, self._since)


def pure_tone(samples: Samples) -> float:
    """Return the tone of a frame, a multiple of `STEP_HZ`; 0 when it is none."""
    if len(samples) != FRAME_SAMPLES:
        return 0.0
    power = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    peak = int(np.argmax(power))
    loud = power[peak] > (_AMPLITUDE * FRAME_SAMPLES / 8) ** 2
    return peak * STEP_HZ if loud and power[peak] > PURE * power.sum() else 0.0
