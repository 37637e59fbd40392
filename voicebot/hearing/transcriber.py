"""Feeds one recogniser, in order, off the audio path."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np

from voicebot.audio import FRAME_BYTES, Samples
from voicebot.errors import HearingError
from voicebot.hearing.recogniser import Transcript

T = TypeVar("T")

_PIECE: Final = 5 * FRAME_BYTES
"""Least sound to recognise at once (100 ms): partials change in steps of 240 ms anyway."""
_SILENCE: Final = bytes(25 * FRAME_BYTES)
"""What a recogniser must hear before it tells its last words: 500 ms. The line's own background is no better,
and may have the end of a word in it."""
_ONSET: Final = 15 * FRAME_BYTES
"""Sound that may be speech again before anybody could know: 300 ms, as voices begin softly."""
_SHORT: Final = 400 * FRAME_BYTES
"""An utterance (8 s) that can be recognised again in each pause."""
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

    def start(self, grammar: Sequence[str] | None = None) -> None:
        """Begin an utterance, of the phrases of a grammar only if there is one."""
        ...

    def accept(self, samples: Samples) -> str:
        """Hear more; return the text so far."""
        ...

    def finish(self) -> Transcript:
        """End the utterance."""
        ...


class Doubting(Protocol):
    """What is needed of a `Judgement`."""

    def second_look(self, transcript: Transcript, /) -> Sequence[str] | None:
        """Return a grammar to recognise an utterance with again, if `transcript` leaves reason to."""
        ...

    def believes(self, second: Transcript, /) -> bool:
        """Return whether that gave something better."""
        ...


class Transcriber:
    """One utterance at a time: `begin`, `add`, `conclude`, and `resume` when the end was none.

    A recogniser tells its words late, as it looks ahead. In a silence `settle` gives it some silence in
    advance, so that the words are there at once; `go_on` when the caller does. As that may have cut a sound
    in two, an utterance that went on is recognised again as a whole, a long one only when it is concluded. It
    is kept until the next one begins, so that a late continuation can be recognised with what it continues.
    What means nothing is recognised once more with the grammar of an answer, where `doubts` knows one: of all
    words, a stranger's digits are easily taken for others.
    """

    def __init__(self, recogniser: Recognising, run: Run, doubts: Doubting) -> None:
        self._recogniser, self._run, self._doubts = recogniser, run, doubts
        self._utterance = bytearray()
        self._done = 0
        self._settling = self._patched = False
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

    @property
    def short(self) -> bool:
        """Whether it costs little to recognise the utterance again."""
        return len(self._utterance) <= _SHORT

    def begin(self, samples: bytes) -> None:
        """Begin an utterance with these samples (int16 mono 8 kHz)."""
        self._utterance = bytearray(samples)
        self.resume()

    def add(self, samples: bytes) -> None:
        """Add to the utterance."""
        self._utterance += samples
        self._work.set()

    def settle(self) -> None:
        """Make `partial` whole, as silence has begun; what is added is not recognised until `go_on`."""
        if not self.settled and not self._settling:
            self._settling = True
            if self._patched and self.short:
                self._again()
            self._work.set()

    def go_on(self) -> None:
        """Listen again, as the caller goes on; takes a conclusion back."""
        if self.concluding:
            self.resume()
        elif self.settled or self._settling:
            self.settled = self._settling = False
            self._patched = True
            self._done = max(self._done, len(self._utterance) - _ONSET)
            self._work.set()

    def conclude(self) -> None:
        """Ask for the `final` transcript of what was added so far."""
        self._concluding = True
        if self._patched:
            self._again()
        self._work.set()

    def resume(self) -> None:
        """Take a conclusion back: recognise the utterance again from its start."""
        self._again()
        self._concluding = self.settled = self._settling = False
        self.partial, self.final = "", None
        self._work.set()

    def _again(self) -> None:
        self._done, self._fresh, self._patched = 0, True, False

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
        if self._settling and not self._fresh and await self._hear(_SILENCE):
            self.settled, self._settling = self._settling, False
        if self._concluding and not self._fresh:
            transcript = await self._look_again(await self._in_time(self._recogniser.finish))
            if self._concluding and not self._fresh:
                self.final, self._concluding = transcript, False

    async def _look_again(self, transcript: Transcript) -> Transcript:
        """Return `transcript`, or what is made of the utterance with the grammar of an answer."""
        if not self.short or (grammar := self._doubts.second_look(transcript)) is None:
            return transcript
        sound = np.frombuffer(bytes(self._utterance[: self._done]), "<i2")

        def recognise() -> Transcript:
            self._recogniser.start(grammar)
            self._recogniser.accept(sound)
            return self._recogniser.finish()

        second = await self._in_time(recognise)
        return second if self._doubts.believes(second) else transcript

    async def _hear(self, piece: bytes) -> bool:
        """Recognise more; return False when what was heard so far no longer counts."""
        samples = np.frombuffer(piece, "<i2")
        partial = await self._in_time(functools.partial(self._recogniser.accept, samples))
        if not self._fresh:
            self.partial = partial
        return not self._fresh

    async def _in_time(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._run(work)
        except TimeoutError as error:
            raise HearingError(f"recognition hung: no answer in {_DEADLINE:g} s") from error

    def _next_piece(self) -> bytes:
        if self._fresh or self.final is not None or (self.settled and not self._concluding):
            return b""
        waiting = self._utterance[self._done : self._done + _LONGEST]
        hurried = self._concluding or self._settling
        return bytes(waiting) if hurried or len(waiting) >= _PIECE else b""
