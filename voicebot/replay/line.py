"""The line between a recorded caller and the bot: codec, band, noise, echo, loss, level."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import (
    FRAME_SAMPLES,
    RATE,
    BandPass,
    alaw_decode,
    alaw_encode,
    read_audio,
    to_samples,
    ulaw_decode,
    ulaw_encode,
    voiced_dbfs,
)
from voicebot.replay.caller import Turn
from voicebot.replay.fixture import Fixture, LineSpec
from voicebot.replay.sounds import sound_file

Samples = NDArray[np.int16]
NOISE_S = 20
"""White noise is made for so long, and repeats."""


def background(spec: LineSpec, turns: Sequence[Turn], beside: Path) -> NDArray[np.float64]:
    """Return the noise of a line, repeating: shape (n,), as loud as the fixture's SNR to its speech asks.

    Raises UsageError for a recording that cannot be read.
    """
    if spec.noise is None:
        return np.zeros(FRAME_SAMPLES)
    if spec.noise == "white":
        noise = np.random.default_rng(0).standard_normal(NOISE_S * RATE)
    else:
        noise = read_audio(sound_file(spec.noise, beside)).astype(np.float64)
    spoken = [turn.samples for turn in turns if turn.samples.any()]
    speech_dbfs = max((voiced_dbfs(samples) for samples in spoken), default=-20.0)
    wanted = 32768 * 10 ** ((speech_dbfs + spec.level_db - spec.snr_db) / 20)
    return noise * wanted / max(float(np.sqrt(np.mean(noise**2))), 1e-9)


def line_of(fixture: Fixture, turns: Sequence[Turn], beside: Path) -> LineSimulator:
    """Return the line of a fixture's call; its noise lies `beside` the fixture."""
    return LineSimulator(fixture.line, background(fixture.line, turns, beside), seed=fixture.call)


class LineSimulator:
    """Carries frames of 20 ms from the caller to the bot; the same seed gives the same line."""

    def __init__(self, spec: LineSpec, noise: NDArray[np.float64], seed: str) -> None:
        self._spec = spec
        self._noise = np.resize(noise, max(len(noise) // FRAME_SAMPLES, 1) * FRAME_SAMPLES)
        self._at = 0
        self._band = BandPass() if spec.band else None
        self._sent = np.zeros(spec.echo_ms * RATE // 1000 + FRAME_SAMPLES)
        self._chance = random.Random(seed)
        self._losing = 0

    def to_bot(self, caller: Samples, bot: Samples) -> Samples | None:
        """Return what the bot receives when both sides speak these frames (shape (160,)); None when lost."""
        heard = caller.astype(np.float64) * 10 ** (self._spec.level_db / 20)
        heard += self._echo(bot) + self._next_noise()
        if self._band is not None:
            heard = self._band.push(heard)
        if self._is_lost():
            return None
        return self._through_codec(to_samples(heard))

    def _echo(self, bot: Samples) -> NDArray[np.float64]:
        self._sent = np.concatenate([self._sent[FRAME_SAMPLES:], bot.astype(np.float64)])
        if self._spec.echo_db is None:
            return np.zeros(FRAME_SAMPLES)
        return self._sent[:FRAME_SAMPLES] * 10 ** (self._spec.echo_db / 20)

    def _next_noise(self) -> NDArray[np.float64]:
        noise = self._noise[self._at : self._at + FRAME_SAMPLES]
        self._at = (self._at + FRAME_SAMPLES) % len(self._noise)
        return noise

    def _is_lost(self) -> bool:
        """Lose whole bursts, so many that on average the wanted share of frames is gone."""
        if (
            self._losing == 0
            and self._chance.random() < self._spec.loss_percent / 100 / self._spec.loss_burst
        ):
            self._losing = self._spec.loss_burst
        if self._losing == 0:
            return False
        self._losing -= 1
        return True

    def _through_codec(self, samples: Samples) -> Samples:
        match self._spec.codec:
            case "alaw":
                return alaw_decode(alaw_encode(samples))
            case "ulaw":
                return ulaw_decode(ulaw_encode(samples))
            case _:  # GSM codes whole turns, before the line
                return samples
