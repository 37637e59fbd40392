"""The ear of one call: from received sound to `SpeechStarted` and `UtteranceEnded`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicebot.audio import FRAME_BYTES, FRAME_MS, EchoCanceller, Framer, VoiceActivity
from voicebot.events import Event, Expectation, SpeechStarted, UtteranceEnded
from voicebot.hearing.recogniser import Transcript
from voicebot.hearing.speech import SpeechDetector
from voicebot.hearing.transcriber import Recognising, Run, Transcriber
from voicebot.hearing.word_times import Came, word_times

_PATIENCE: Final = 0.1
"""Seconds between two looks at whether the line still brings sound."""
_SILENCE: Final = bytes(FRAME_BYTES)


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """When speech starts and ends; set by `benchmarks/echo_false_transfers.py` and `tests/hearing`."""

    onset: tuple[int, int] = (5, 8)
    """Voiced frames, of the last so many, that start an utterance: 100 ms of voice."""
    onset_over_prompt: tuple[int, int] = (8, 10)
    """The same while the bot speaks, when a cough or an echo would interrupt it."""
    look_back_ms: int = 300
    """Sound before the onset that is recognised too, or the first word loses its first consonant."""
    conclude_ms: int = 200
    """Silence after which a text that is complete so far is concluded, in advance."""
    conclude_any_ms: int = 500
    """Silence after which any text is."""
    complete_silence_ms: int = 350
    """Silence that ends an utterance whose text is complete."""
    silence_ms: int = 700
    """Silence that ends any utterance: most hesitations inside a sentence are shorter."""
    longest_ms: int = 20_000
    """An utterance ends here, for comfort noise and music never fall silent."""
    echo_share: float = 0.8
    """A frame is no voice when this share of it is the bot's echo."""
    echo_utterance: float = 0.5
    """Nor is an utterance heard when its voiced frames are echo for this share on average."""


_DEFAULTS: Final = ListenerSettings()


class Listener:
    """Hears one caller; nothing here blocks, and `run` must run beside the rest.

    Events go to `on_event` from inside `hear` and `run`; every `SpeechStarted`
    is followed by its `UtteranceEnded`. `is_complete` says whether a text
    answers an expectation, so that nobody has to wait for the rest.
    """

    def __init__(
        self,
        recogniser: Recognising,
        run: Run,
        on_event: Callable[[Event], None],
        is_complete: Callable[[Expectation, str], bool],
        settings: ListenerSettings = _DEFAULTS,
    ) -> None:
        self._transcriber = Transcriber(recogniser, run)
        self._on_event, self._is_complete, self._settings = on_event, is_complete, settings
        self._framer, self._echo, self._voice = Framer(), EchoCanceller(), VoiceActivity()
        self._detector = SpeechDetector(settings.onset, settings.onset_over_prompt)
        self._loop = asyncio.get_running_loop()
        self._made_at = self._heard_at = self._loop.time()
        self._onset_frames = max(settings.onset[1], settings.onset_over_prompt[1])
        self._recent: deque[_Frame] = deque(maxlen=self._onset_frames + settings.look_back_ms // FRAME_MS)
        self._utterance = _Utterance([])
        self._expectation = Expectation()
        self._prompt: int | None = None
        self._judged = (self._expectation, "", False)

    def hear(self, samples: bytes) -> None:
        """Take received sound: int16 little-endian mono 8 kHz, any whole number of samples."""
        self._heard_at = self._loop.time()
        for received in self._framer.push(samples):
            frame = self._echo.cancel(np.frombuffer(received, "<i2"))
            share = self._echo.echo_share
            voiced = share < self._settings.echo_share and self._voice.is_voice(frame)
            self._take(_Frame(frame.tobytes(), voiced, Came(self._now_ms(), True), share))

    def bot_frame(self, frame: bytes) -> None:
        """Note a frame sent to the caller, silence too: what may come back as echo."""
        self._echo.reference(np.frombuffer(frame, "<i2"))

    def expect(self, expectation: Expectation) -> None:
        """From now on the bot waits for this."""
        self._expectation = expectation

    def prompt_changed(self, prompt: int | None) -> None:
        """Note which prompt is being spoken now; None for none."""
        self._prompt = prompt

    async def run(self) -> None:
        """Recognise until cancelled; raises HearingError when recognition fails."""
        while True:
            await self._transcriber.step(_PATIENCE)
            if self._loop.time() - self._heard_at > 2 * _PATIENCE:
                self._pass_silence()
            self._decide()

    def _pass_silence(self) -> None:
        """Let time go on where no sound comes: while the caller presses keys Asterisk sends none."""
        since_ms = self._call_ms(self._heard_at)
        self._heard_at += _PATIENCE
        for end_ms in range(FRAME_MS, round(1000 * _PATIENCE) + 1, FRAME_MS):
            self._take(_Frame(_SILENCE, False, Came(since_ms + end_ms, False), 0.0))

    def _take(self, frame: _Frame) -> None:
        self._recent.append(frame)
        if self._detector.push(frame.voiced, over_prompt=self._prompt is not None):
            self._start()
        elif self._detector.speaking:
            self._utterance.add(frame)
            self._transcriber.add(frame.samples)
            self._decide()

    def _start(self) -> None:
        recent = list(self._recent)
        self._utterance = _Utterance([frame.came for frame in recent[: -self._onset_frames]])
        for frame in recent[-self._onset_frames :]:
            self._utterance.add(frame)
        self._transcriber.begin(b"".join(frame.samples for frame in recent))
        self._on_event(SpeechStarted(self._prompt))

    def _decide(self) -> None:
        """Conclude the utterance, end it, or take a conclusion back, as the silence and the text have it."""
        if not self._detector.speaking:
            return
        settings, silence = self._settings, self._detector.silence_ms
        too_long = self._now_ms() - self._utterance.started_ms >= settings.longest_ms
        final = self._transcriber.final
        if not silence and not too_long:
            if self._transcriber.concluding:
                self._transcriber.resume()
        elif final is not None:
            enough = settings.complete_silence_ms if self._completes(final.text) else settings.silence_ms
            if too_long or silence >= enough:
                self._end(final)
        elif not self._transcriber.concluding:
            complete = self._completes(self._transcriber.partial)
            if too_long or silence >= (settings.conclude_ms if complete else settings.conclude_any_ms):
                self._transcriber.conclude()

    def _completes(self, text: str) -> bool:
        """Say whether `text` answers the expectation; asked per frame, judged once."""
        if self._judged[:2] != (self._expectation, text):
            self._judged = (
                self._expectation,
                text,
                bool(text) and self._is_complete(self._expectation, text),
            )
        return self._judged[2]

    def _end(self, final: Transcript) -> None:
        utterance = self._utterance
        self._detector.end()
        self._recent.clear()  # the next utterance must not look back into this one
        if utterance.echo_share > self._settings.echo_utterance:
            final = Transcript("")
        words = word_times(final.words, utterance.frames)
        self._on_event(UtteranceEnded(final.text, utterance.started_ms, utterance.ended_ms, words))

    def _now_ms(self) -> int:
        return self._call_ms(self._loop.time())

    def _call_ms(self, at: float) -> int:
        return round(1000 * (at - self._made_at))


@dataclass(frozen=True, slots=True)
class _Frame:
    """20 ms of what was heard."""

    samples: bytes
    voiced: bool
    came: Came
    """When, since the Listener was made."""
    echo_share: float


@dataclass(slots=True)
class _Utterance:
    """What is known about an utterance."""

    frames: list[Came]
    """All that is recognised, from the look-back on."""
    started_ms: int = 0
    ended_ms: int = 0
    _voiced: int = 0
    _echo: float = 0.0

    def add(self, frame: _Frame) -> None:
        self.frames.append(frame.came)
        if not frame.voiced:
            return
        if not self._voiced:
            self.started_ms = max(0, frame.came.at_ms - FRAME_MS)
        self.ended_ms = frame.came.at_ms
        self._voiced += 1
        self._echo += frame.echo_share

    @property
    def echo_share(self) -> float:
        """Echo's average share (0..1) of its energy."""
        return self._echo / self._voiced
