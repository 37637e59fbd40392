"""Feeds one recogniser, in order, off the audio path."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

import numpy as np

from voicebot.audio import FRAME_BYTES, FRAME_MS, Samples
from voicebot.errors import HearingError
from voicebot.hearing.recogniser import Transcript

T = TypeVar("T")

_PIECE: Final = 5 * FRAME_BYTES
"""Least sound to recognise at once (100 ms): partials change in steps of 240 ms anyway."""
_ONSET: Final = 4 * FRAME_BYTES
"""Sound that may be speech again before anybody could know (80 ms)."""
_LONGEST: Final = 50 * FRAME_BYTES
"""Most sound to recognise at once (1 s), so that the deadline is about a hung recogniser, not a long wait."""
_DEADLINE: Final = 4.0
"""Seconds in which one piece of recognition must be done; a stuck one must not keep a caller waiting."""


class Run(Protocol):
    """How blocking work is run: `voicebot.clock.Clock.run`."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Run `work` off the audio path."""
        ...


class Recognising(Protocol):
    """What is needed of a `Recogniser`."""

    def start(self, grammar: None = None) -> None:
        """Begin an utterance."""
        ...

    def accept(self, samples: Samples) -> str:
        """Hear more; return the text so far."""
        ...

    def finish(self) -> Transcript:
        """End the utterance."""
        ...


class Transcriber:
    """One utterance at a time: `begin`, `add`, `conclude`, and `resume` when the end was none.

    A recogniser tells its words late, as it looks ahead. In a silence `settle` gives it background to look
    at, in the place of the silence still to come, so that the words are there at once; `go_on` when the
    caller does. The whole utterance is kept until the next one begins, so that a late continuation can be
    recognised with what it continues.
    """

    def __init__(self, recogniser: Recognising, run: Run) -> None:
        self._recogniser, self._run = recogniser, run
        self._utterance = bytearray()
        self._done = 0
        self._ahead = _Ahead()
        self._background = b""
        self._fresh = self._concluding = False
        self._work = asyncio.Event()
        self.settled = False
        """Whether `partial` is all that was said before the silence."""
        self.partial = ""
        """The text so far, which may still change."""
        self.final: Transcript | None = None
        """What was recognised, once concluded; its times count from where the utterance begins."""

    @property
    def concluding(self) -> bool:
        """Whether `final` is there or on its way."""
        return self._concluding or self.final is not None

    def begin(self, samples: bytes) -> None:
        """Begin an utterance with these samples (int16 mono 8 kHz)."""
        self._utterance = bytearray(samples)
        self.resume()

    def add(self, samples: bytes) -> None:
        """Add to the utterance."""
        self._utterance += samples
        self._work.set()

    def settle(self, background: bytes) -> None:
        """Make `partial` whole, as silence has begun; `background` is what that sounds like here."""
        if not self.settled and not self._background:
            self._background = background
            self._work.set()

    def go_on(self) -> None:
        """Listen again, as the caller goes on; takes a conclusion back."""
        if self.concluding:
            self.resume()
        elif self.settled or self._background:
            self.settled, self._background = False, b""
            self._ahead.go_on()
            self._work.set()

    def conclude(self) -> None:
        """Ask for the `final` transcript of what was added so far."""
        self._concluding = True
        self._work.set()

    def resume(self) -> None:
        """Take a conclusion back: recognise the utterance again from its start."""
        self._done, self._ahead = 0, _Ahead()
        self._fresh, self._concluding = True, False
        self.settled, self._background = False, b""
        self.partial, self.final = "", None
        self._work.set()

    async def step(self, patience: float) -> None:
        """Do the next piece of work, waiting for it `patience` seconds at most; raises HearingError."""
        try:
            async with asyncio.timeout(patience):
                await self._work.wait()
        except TimeoutError:
            return
        self._work.clear()
        await self._recognise()

    async def _recognise(self) -> None:
        """Recognise what is there; whatever is awaited, the utterance may grow, resume or begin meanwhile."""
        if self._fresh:
            self._fresh = False
            await self._in_time(self._recogniser.start)
        while piece := self._next_piece():
            self._done += len(piece)
            if not await self._hear(piece):
                return
        if (background := self._background) and not self._fresh:
            self._ahead.begin(len(background))
            if not await self._hear(background):
                return
            self.settled, self._background = self._background == background, b""
        if self._concluding and not self._fresh:
            ahead = self._ahead
            transcript = await self._in_time(self._recogniser.finish)
            if self._concluding and not self._fresh:
                self.final, self._concluding = ahead.put_right(transcript), False

    async def _hear(self, piece: bytes) -> bool:
        """Recognise more; return False when what was heard so far no longer counts."""
        samples = np.frombuffer(piece, "<i2")
        self._ahead.heard += len(piece)
        partial = await self._in_time(functools.partial(self._recogniser.accept, samples))
        if self._fresh:
            return False
        self.partial = partial
        return True

    async def _in_time(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._run(work)
        except TimeoutError as error:
            raise HearingError(f"recognition hung: no answer in {_DEADLINE:g} s") from error

    def _next_piece(self) -> bytes:
        if self._fresh or self.final is not None:
            return b""
        self._done += self._ahead.skip(len(self._utterance) - self._done)
        if self._ahead.credit:
            return b""
        waiting = self._utterance[self._done : self._done + _LONGEST]
        hurried = self._concluding or self._background
        return bytes(waiting) if hurried or len(waiting) >= _PIECE else b""


@dataclass(slots=True)
class _Ahead:
    """How far the recogniser is ahead of an utterance, as it was given background in advance; bytes."""

    heard: int = 0
    """All that the recogniser was given."""
    credit: int = 0
    """Silence still to come that it has heard already."""
    _by: int = 0
    _shifts: list[tuple[float, float]] = field(default_factory=list)
    """From when on, in the recogniser's seconds, it is how many seconds ahead."""

    def begin(self, size: int) -> None:
        """Note that so much background is given in advance."""
        self.credit += size
        self._by += size

    def skip(self, waiting: int) -> int:
        """Return how much of what is waiting was heard in advance; the last frames may be speech again."""
        skipped = max(0, min(self.credit, waiting - _ONSET))
        self.credit -= skipped
        self._by -= skipped
        return skipped

    def go_on(self) -> None:
        """Note that the silence was shorter."""
        self.credit = 0
        self._shifts.append((_seconds(self.heard), _seconds(self._by)))

    def put_right(self, transcript: Transcript) -> Transcript:
        """Return `transcript` with its times as they were in the utterance."""
        words = []
        for word in transcript.words:
            by = next((by for since, by in reversed(self._shifts) if word.start >= since), 0.0)
            start = max(0.0, word.start - by)
            words.append(replace(word, start=start, end=max(start, word.end - by)))
        return replace(transcript, words=tuple(words))


def _seconds(size: int) -> float:
    return size / FRAME_BYTES * FRAME_MS / 1000
