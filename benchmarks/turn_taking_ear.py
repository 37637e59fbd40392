"""One caller before the ear of a call, on a virtual clock: what it tells, and when.

The bot speaks, falls silent, goes on and stops as the ear has it, and the line brings its voice back: what is
measured is what a caller would meet, but for the time that machine and line take.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from voicebot.audio import FRAME_MS, FRAME_SAMPLES, RATE, Samples, alaw_decode, alaw_encode, to_samples
from voicebot.clock import run_virtual
from voicebot.events import Event, SpeechContinued, SpeechStarted, UtteranceEnded
from voicebot.expectation import Expectation
from voicebot.hearing import Floor, Listener, Model, Recogniser
from voicebot.understanding import Understanding

T = TypeVar("T")

PROMPT = 1
"""The number of the prompt that is spoken."""
AFTER_MS = 2500
"""Silence after the caller, in which everything is decided."""


@dataclass(frozen=True, slots=True)
class Bot:
    """What the bot says meanwhile, and how it echoes."""

    speech: Samples
    is_question: bool = False
    """Whether it is the question that `expectation` is about."""
    echo_db: float | None = None
    delay_ms: float = 60


@dataclass(slots=True)
class Heard:
    """What the ear told; times in ms since the first sample."""

    events: list[tuple[float, Event]] = field(default_factory=list)
    floors: list[tuple[float, Floor]] = field(default_factory=list)

    @property
    def ended_ms(self) -> list[float]:
        """When a turn seemed over."""
        return [at for at, event in self.events if isinstance(event, UtteranceEnded) and event.text]

    @property
    def continued_ms(self) -> list[float]:
        """When it turned out not to be."""
        return [at for at, event in self.events if isinstance(event, SpeechContinued)]

    @property
    def started_ms(self) -> list[float]:
        """When a caller was heard."""
        return [at for at, event in self.events if isinstance(event, SpeechStarted)]

    @property
    def texts(self) -> list[str]:
        """What was recognised, less what was taken back."""
        texts: list[str] = []
        for _, event in self.events:
            if isinstance(event, SpeechContinued) and texts:
                texts.pop()
            elif isinstance(event, UtteranceEnded) and not event.passed_over:
                texts.append(event.text)
        return [text for text in texts if text]

    def floor_ms(self, floor: Floor) -> float | None:
        """When the bot first had to do this."""
        return next((at for at, told in self.floors if told is floor), None)


def listen(
    model: Model,
    understanding: Understanding,
    caller: Samples,
    expectation: Expectation,
    bot: Bot | None = None,
) -> Heard:
    """Return what a Listener makes of a caller (int16 mono 8 kHz), over a quiet line or over the bot."""
    heard = Heard()

    async def inline(work: Callable[[], T], /) -> T:
        return work()

    async def call() -> None:
        loop = asyncio.get_running_loop()
        line = _Line(bot, caller)

        def give_floor(floor: Floor) -> None:
            heard.floors.append((1000 * loop.time(), floor))
            line.floor = floor

        ear = Listener(
            Recogniser(model),
            inline,
            lambda event: heard.events.append((1000 * loop.time(), event)),
            give_floor,
            understanding,
        )
        ear.expect(expectation, PROMPT if bot is None or bot.is_question else PROMPT + 1)
        listening = asyncio.create_task(ear.run())
        for place in range(line.frames):
            spoken = line.bot_frame()
            ear.prompt_changed(PROMPT if line.bot_speaks else None)
            ear.bot_frame(spoken.tobytes())
            await asyncio.sleep((place + 1) * FRAME_MS / 1000 - loop.time())
            ear.hear(line.received(place).tobytes())
        await asyncio.sleep(0.2)
        listening.cancel()

    run_virtual(call())
    return heard


class _Line:
    """Both directions of the line, frame by frame."""

    def __init__(self, bot: Bot | None, caller: Samples) -> None:
        self._bot = bot
        self._left = bot.speech if bot else np.zeros(0, np.int16)
        self.frames = -(-(caller.size + AFTER_MS * RATE // 1000) // FRAME_SAMPLES)
        self._caller = np.zeros(self.frames * FRAME_SAMPLES, np.float64)
        self._caller[: caller.size] = caller
        delay = round(bot.delay_ms * RATE / 1000) if bot else 0
        self._sent = np.zeros(delay + FRAME_SAMPLES, np.int16)
        self._gain = 10 ** (bot.echo_db / 20) if bot and bot.echo_db is not None else 0.0
        self.floor: Floor | None = None

    @property
    def bot_speaks(self) -> bool:
        """Whether a prompt is going on, be it paused."""
        return self._left.size > 0 and self.floor is not Floor.STOP

    def bot_frame(self) -> Samples:
        """Return what the bot sends now."""
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        if self.bot_speaks and self.floor is not Floor.PAUSE:
            part, self._left = self._left[:FRAME_SAMPLES], self._left[FRAME_SAMPLES:]
            frame[: part.size] = part
        self._sent = np.concatenate((self._sent, frame))[-self._sent.size :]
        return frame

    def received(self, place: int) -> Samples:
        """Return what comes from the caller's side, echo with it."""
        own = self._caller[place * FRAME_SAMPLES : (place + 1) * FRAME_SAMPLES]
        return alaw_decode(alaw_encode(to_samples(own + self._gain * self._sent[:FRAME_SAMPLES])))
