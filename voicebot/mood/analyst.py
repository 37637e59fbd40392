"""Scores the turns of one caller while the call goes on, off the audio path."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from voicebot.audio import Samples
from voicebot.clock import Run
from voicebot.events import MoodScored
from voicebot.mood.prosody import measure
from voicebot.mood.score import load_scorer
from voicebot.mood.tracker import Caller, hear

log = structlog.get_logger(__name__)

_LOOK_BACK_MS: Final = 500
"""Sound before a turn's first voice that comes with it, at most."""


class Analyst:
    """Hears nothing until it is switched on, and what was said before that never.

    A call goes on without it: when measuring fails, it is switched off.
    """

    def __init__(self, run: Run, on_event: Callable[[MoodScored], None]) -> None:
        self._run, self._on_event = run, on_event
        self._scorer = load_scorer()
        self._since_ms: int | None = None
        """Since when it listens, ms since the call started; None: it does not."""
        self._caller = self._before = Caller()
        self._measuring: asyncio.Task[None] | None = None

    def switch_on(self, now_ms: int) -> None:
        """Score the turns that begin from now on."""
        self._since_ms = now_ms

    def switch_off(self) -> None:
        """Score no more, not what is being measured either, and forget the caller."""
        self.take_back()
        self._since_ms = None
        self._caller = self._before = Caller()

    def take_back(self) -> None:
        """Forget the last turn: it was not over, and comes again as a whole."""
        if self._measuring and not self._measuring.done():
            self._measuring.cancel()
        self._caller = self._before

    def hear(self, samples: Samples, started_ms: int, ended_ms: int) -> None:
        """Score a turn of the caller's (int16 mono 8 kHz, shape (n,)), unless it began before we listened."""
        if self._since_ms is None or started_ms - _LOOK_BACK_MS < self._since_ms:
            return
        if self._measuring and not self._measuring.done():  # the machine is too busy: one turn less
            return
        self._before = self._caller
        self._measuring = asyncio.create_task(self._score(samples, started_ms, ended_ms))

    async def _score(self, samples: Samples, started_ms: int, ended_ms: int) -> None:
        try:
            prosody = await self._run(partial(measure, samples))
        except Exception as error:
            log.error("voice not analysed any more", error=type(error).__name__)
            self._since_ms = None
            return
        self._caller, mood = hear(self._caller, prosody, self._scorer)
        if mood.score is not None:
            track = self._caller.track
            level, alarm = round(track.level, 3), track.alarm
            self._on_event(MoodScored(round(mood.score, 3), level, alarm, mood.reasons, started_ms, ended_ms))
