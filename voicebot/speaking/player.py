"""The mouth of a call: one frame every 20 ms, speech when there is some and silence when not."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, RATE
from voicebot.events import Event, PromptFinished, PromptInterrupted, PromptStarted, Say

_SILENCE: Final = bytes(FRAME_BYTES)
_BEAT_S: Final = FRAME_MS / 1000
"""Frames leave at whole multiples of this on the loop's clock: so the calls of a process wake it together."""
_GAP_FRAMES: Final = 7
"""Silence between two prompts, 140 ms: with the silence in the prompts themselves about a breath."""
_FADE: Final = np.linspace(1, 0, 5 * RATE // 1000)
"""A stopped prompt fades out in 5 ms: cut off at once it clicks."""
_REPEATED: Final = RATE // 5
"""What of a paused prompt is said again (200 ms): the word that was broken off."""


class _Prompt:
    """A queued prompt; its sound may come in pieces."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.pieces: deque[NDArray[np.int16]] = deque()
        self._said = np.zeros(0, np.int16)
        self.complete = False
        self.started = False
        self.heard = 0
        """Samples sent to the caller."""

    @property
    def spent(self) -> bool:
        """Whether nothing is left of it and nothing will come."""
        return self.complete and not self.pieces

    def take(self, count: int) -> NDArray[np.int16]:
        """Remove and return the next samples, at most `count`."""
        taken: list[NDArray[np.int16]] = []
        while count and self.pieces:
            piece = self.pieces.popleft()
            taken.append(piece[:count])
            if piece.size > count:
                self.pieces.appendleft(piece[count:])
            count -= taken[-1].size
        samples = np.concatenate(taken) if taken else np.zeros(0, np.int16)
        self.heard += samples.size
        self._said = np.concatenate((self._said, samples))[-_REPEATED:]
        return samples

    def rewind(self) -> None:
        """Go back a little, so that what follows can be understood."""
        again = self._said.copy()
        again[: _FADE.size] = again[: _FADE.size] * (1 - _FADE[: again.size])
        self.pieces.appendleft(again)
        self.heard -= again.size
        self._said = self._said[:0]


class Player:
    """Sends prompts to the caller in order, paced on an absolute clock.

    All methods are for the event loop's own thread. A prompt is announced
    with `queue`, gets its sound by `feed` and its end by `complete`, so a long
    one can start while the rest is still being made; `play` is all three.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        on_event: Callable[[Event], None],
        on_frame: Callable[[bytes], None],
    ) -> None:
        self._send = send
        self._on_event = on_event
        self._on_frame = on_frame
        self._prompts: deque[_Prompt] = deque()
        self._quiet_frames = _GAP_FRAMES
        self._tail = _SILENCE
        self._paused = False
        self.frames_sent = 0
        self.frames_late = 0
        """Frames left out because our own clock stalled; what they would have said comes after them."""

    @property
    def current(self) -> int | None:
        """The prompt that the caller is hearing, if any."""
        return self._prompts[0].say.prompt if self._prompts and self._prompts[0].started else None

    def play(self, say: Say, samples: NDArray[np.int16]) -> None:
        """Queue a whole prompt; `samples`: int16 mono 8 kHz, shape (n,)."""
        self.queue(say)
        self.feed(say.prompt, samples)
        self.complete(say.prompt)

    def queue(self, say: Say) -> None:
        """Give a prompt its place after those already queued."""
        self._prompts.append(_Prompt(say))

    def wants(self, prompt: int) -> bool:
        """Return whether a prompt is queued or playing, and not stopped."""
        return self._find(prompt) is not None

    def feed(self, prompt: int, samples: NDArray[np.int16]) -> None:
        """Add sound (int16 mono 8 kHz, shape (n,)) to a queued prompt; ignored for one that was stopped."""
        if (found := self._find(prompt)) and samples.size:
            found.pieces.append(samples)

    def complete(self, prompt: int) -> None:
        """Say that a prompt has all its sound; ignored for one that was stopped."""
        if found := self._find(prompt):
            found.complete = True

    def pause(self) -> None:
        """Fall silent within a frame, until `resume` or `stop`; what is not interruptible is spoken on."""
        if self._paused:
            return
        self._paused = True
        if self._prompts and (prompt := self._prompts[0]).started and prompt.say.interruptible:
            self._fade_out(prompt)

    def resume(self) -> None:
        """Go on where the caller was paused, the last word again; ignored when nothing is paused."""
        if not self._paused:
            return
        self._paused = False
        if self._prompts and (prompt := self._prompts[0]).started and prompt.say.interruptible:
            prompt.rewind()

    def stop(self) -> None:
        """Stop the current prompt within a frame and forget the queued ones.

        Prompts that are not interruptible stay. Each one that goes is told as
        `PromptInterrupted`, with what the caller heard of it.
        """
        self._drop([prompt for prompt in self._prompts if prompt.say.interruptible])

    def take_back(self, after: int) -> None:
        """Stop and forget every prompt after this one, whatever it is; told as in `stop`."""
        self._drop([prompt for prompt in self._prompts if prompt.say.prompt > after])

    def _drop(self, going: Sequence[_Prompt]) -> None:
        was_silent, self._paused = self._paused, False
        for prompt in going:
            self._prompts.remove(prompt)
            if prompt.started and not was_silent:
                self._fade_out(prompt)
        for prompt in going:
            self._on_event(PromptInterrupted(prompt.say.prompt, heard_ms=prompt.heard * 1000 // RATE))

    async def run(self) -> NoReturn:
        """Send a frame on each beat until cancelled; a stall leaves beats out, and none hurry after it."""
        loop = asyncio.get_running_loop()
        beat = math.ceil(loop.time() / _BEAT_S)
        while True:
            await asyncio.sleep(beat * _BEAT_S - loop.time())
            self._tick()
            stalled = max(0, int(loop.time() / _BEAT_S) - beat)
            self.frames_late += stalled
            beat += 1 + stalled

    def _find(self, prompt: int) -> _Prompt | None:
        return next((queued for queued in self._prompts if queued.say.prompt == prompt), None)

    def _fade_out(self, prompt: _Prompt) -> None:
        self._quiet_frames = 0
        rest = prompt.take(_FADE.size)
        prompt.heard -= rest.size
        self._tail = (rest * _FADE[: rest.size]).astype(np.int16).tobytes().ljust(FRAME_BYTES, b"\0")

    def _tick(self) -> None:
        """Send one frame, and tell what it began or ended."""
        prompt = self._prompts[0] if self._prompts else None
        if prompt is None or not self._may_sound(prompt):
            self._quiet_frames += 1
            frame, self._tail = self._tail, _SILENCE
            self._put(frame)
            return
        self._put(prompt.take(FRAME_SAMPLES).tobytes().ljust(FRAME_BYTES, b"\0"))
        if not prompt.started:
            prompt.started = True
            say = prompt.say
            self._on_event(PromptStarted(say.prompt, say.name, say.template, say.values))
        if prompt.spent and prompt in self._prompts:  # whoever was told may have stopped it
            self._prompts.popleft()
            self._quiet_frames = 0
            self._on_event(PromptFinished(prompt.say.prompt))

    def _may_sound(self, prompt: _Prompt) -> bool:
        if self._paused and prompt.say.interruptible:
            return False
        if prompt.started:
            return True
        return self._quiet_frames >= _GAP_FRAMES and bool(prompt.pieces or prompt.complete)

    def _put(self, frame: bytes) -> None:
        self._send(frame)
        self.frames_sent += 1
        self._on_frame(frame)
