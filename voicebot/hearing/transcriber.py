"""Feeds one recogniser, in order, off the audio path."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np

from voicebot.audio import FRAME_BYTES, RATE, Samples
from voicebot.clock import Run
from voicebot.errors import HearingError
from voicebot.hearing.recogniser import Transcript

T = TypeVar("T")

_PIECE: Final = 12 * FRAME_BYTES
"""Least sound to recognise at once (240 ms): each piece is a thread's work, and models look further ahead."""
_SHORT: Final = 400 * FRAME_BYTES
"""An utterance (8 s) that can be recognised again in each pause."""
_SILENCE: Final = np.zeros(RATE // 5, np.int16)
"""What a voice that was cut is followed by: without it a recogniser does not tell its last words."""
_LONGEST: Final = 50 * FRAME_BYTES
"""Most sound to recognise at once (1 s), so that the deadline is about a hung recogniser, not a long wait."""
_DEADLINE: Final = 4.0
"""Seconds in which one piece of recognition must be done; a stuck one must not keep a caller waiting."""


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
    """One utterance at a time: `begin`, `add`, `finish` at what may be its end, `go_on` when it was none.

    A recogniser tells its last words when it knows that they are the last, and forgets the utterance with it.
    So the sound is kept, until the next utterance begins: what goes on is recognised again, from its start.
    What means nothing can be recognised once more with the grammar of an answer (`doubt`), where `doubts`
    knows one: of all words, a stranger's digits are easily taken for others.
    """

    def __init__(self, recogniser: Recognising, run: Run, doubts: Doubting) -> None:
        self._recogniser, self._run, self._doubts = recogniser, run, doubts
        self._utterance = bytearray()
        self._done = 0
        self._fresh = self._finishing = self._finished = False
        self._cut = self._doubting = self._doubted = False
        self._work = asyncio.Event()
        self.partial = ""
        """The text so far, which may still change."""
        self.final: Transcript | None = None
        """What was recognised, once finished; its times count from where the utterance begins."""

    @property
    def short(self) -> bool:
        """Whether it costs little to recognise the utterance again."""
        return len(self._utterance) <= _SHORT

    @property
    def sound(self) -> Samples:
        """All of the utterance: int16 mono 8 kHz, shape (n,)."""
        return np.frombuffer(bytes(self._utterance), "<i2")

    def begin(self, samples: bytes) -> None:
        """Begin an utterance with these samples (int16 mono 8 kHz)."""
        self._utterance, self._done, self.partial = bytearray(samples), 0, ""
        self._again()

    def add(self, samples: bytes) -> None:
        """Add to the utterance."""
        self._utterance += samples
        if len(self._utterance) - self._done >= _PIECE:
            self._work.set()

    def finish(self, *, cut: bool = False) -> None:
        """Ask for the `final` transcript of what was added so far; asked twice, it is the same one.

        `cut` tells that it ends in the midst of a voice.
        """
        if not (self._finishing or self._finished):
            self._finishing, self._cut = True, cut
            self._work.set()

    def doubt(self) -> None:
        """Ask for a second look at the `final` transcript of a short utterance; there is only one."""
        if self.final is not None and self.short and not self._doubted:
            self._doubting = self._doubted = True
            self._work.set()

    def go_on(self) -> None:
        """Listen again, as the caller goes on: there is no `final` any more."""
        self._finishing = False
        if self._finished:
            self._again()

    def _again(self) -> None:
        self._done, self._fresh = 0, True
        self._finishing = self._finished = self._doubting = self._doubted = False
        self.final = None
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
        """Recognise what is there; whatever is awaited, the utterance may grow, go on or begin meanwhile."""
        if self._fresh:
            self._fresh = False
            await self._in_time(self._recogniser.start)
        while piece := self._next_piece():
            self._done += len(piece)
            samples = np.frombuffer(piece, "<i2")
            partial = await self._in_time(functools.partial(self._recogniser.accept, samples))
            if self._fresh:
                return
            if len(partial.split()) >= len(self.partial.split()):  # else it is only behind what was finished
                self.partial = partial
        if self._finishing and not self._fresh:
            self._finishing, self._finished = False, True
            if self._cut:
                await self._in_time(functools.partial(self._recogniser.accept, _SILENCE))
            transcript = await self._in_time(self._recogniser.finish)
            if not self._fresh:
                self.final, self.partial = transcript, transcript.text
        if self._doubting and self.final:
            self._doubting = False
            transcript = await self._look_again(self.final)
            if not self._fresh:
                self.final = transcript

    async def _look_again(self, transcript: Transcript) -> Transcript:
        """Return `transcript`, or what is made of the utterance with the grammar of an answer."""
        if (grammar := self._doubts.second_look(transcript)) is None:
            return transcript
        sound = self.sound[: self._done // 2]

        def recognise() -> Transcript:
            self._recogniser.start(grammar)
            self._recogniser.accept(sound)
            return self._recogniser.finish()

        second = await self._in_time(recognise)
        return second if self._doubts.believes(second) else transcript

    async def _in_time(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._run(work)
        except TimeoutError as error:
            raise HearingError(f"recognition hung: no answer in {_DEADLINE:g} s") from error

    def _next_piece(self) -> bytes:
        if self._fresh or self._finished:
            return b""
        waiting = self._utterance[self._done : self._done + _LONGEST]
        return bytes(waiting) if self._finishing or len(waiting) >= _PIECE else b""
