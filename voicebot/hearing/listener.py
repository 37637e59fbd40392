"""The ear of one call: from received sound to `SpeechStarted`, `SpeechContinued` and `UtteranceEnded`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicebot.audio import FRAME_BYTES, FRAME_MS, EchoCanceller, Framer, Samples, VoiceActivity
from voicebot.clock import Run
from voicebot.events import Event, SpeechContinued, SpeechStarted, UtteranceEnded
from voicebot.expectation import Claim, Completeness, Expectation
from voicebot.hearing.barge_in import BargeIn, Floor
from voicebot.hearing.judgement import Judge, Judgement
from voicebot.hearing.recogniser import Transcript
from voicebot.hearing.speech import SpeechDetector
from voicebot.hearing.transcriber import Recognising, Transcriber
from voicebot.hearing.word_times import Came, word_times

_PATIENCE: Final = 0.2
"""Seconds without sound on the line after which it is silent."""
_LEAST: Final = 0.001
"""What is waited at least, so that time goes on."""
_STEP: Final = 0.1
"""Seconds in which such a silence is then passed on."""
_SILENCE: Final = bytes(FRAME_BYTES)
_UNDECIDED_MS: Final = 100
"""How long to wait before asking again whether a turn is over."""


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """When speech starts and ends; see `benchmarks/turn_taking.py` and `echo_false_transfers.py`."""

    onset: tuple[int, int] = (5, 8)
    """Voiced frames, of the last so many, that start an utterance: 100 ms of voice."""
    onset_over_prompt: tuple[int, int] = (6, 8)
    """The same while the bot speaks, when it makes the bot fall silent."""
    look_back_ms: int = 340
    """Sound before the onset's window that is recognised too, or the first word loses its first consonant."""
    finish_ms: int = 160
    """Silence after which an utterance is finished, in case it is whole; sooner, a last word may be wrong."""
    finish_long_ms: int = 600
    """The same for a long utterance, as who goes on is recognised again."""
    doubt_ms: int = 400
    """Silence after which words that mean nothing get a second look."""
    complete_silence_ms: int = 180
    """Silence that ends an utterance whose text is complete."""
    wordless_silence_ms: int = 700
    """Silence that ends an utterance in which there are no words."""
    likely_silence_ms: int = 900
    """Silence that ends an utterance which may well be all."""
    silence_ms: int = 1500
    """Silence that ends an utterance which may be all, or not: who hesitates seldom takes longer."""
    unfinished_silence_ms: int = 1800
    """Silence that ends any utterance: whoever looks for a number needs longer, and asks for it."""
    join_ms: int = 500
    """Who goes on so soon after the end was still in the same turn; the bot has said a word at most."""
    longest_ms: int = 20_000
    """An utterance ends here, for comfort noise and music never fall silent."""
    echo_share: float = 0.8
    """A frame is no voice when this share of it is the bot's echo."""
    echo_utterance: float = 0.5
    """Nor is an utterance heard when its voiced frames are echo for this share on average."""


_DEFAULTS: Final = ListenerSettings()


class Listener:
    """Hears one caller; nothing here blocks, and `run` must run beside the rest.

    Events go to `on_event` from inside `hear` and `run`. Every `SpeechStarted` is followed by its
    `UtteranceEnded`. So is every `SpeechContinued`, which takes the one before it back: the next has all that
    was said in the turn. What a text is worth is for `judge` to say. When the bot must be silent, or may
    go on, `on_floor` is told.
    """

    def __init__(
        self,
        recogniser: Recognising,
        run: Run,
        on_event: Callable[[Event], None],
        on_floor: Callable[[Floor], None],
        judge: Judge,
        settings: ListenerSettings = _DEFAULTS,
    ) -> None:
        self._judgement = Judgement(judge)
        self._transcriber = Transcriber(recogniser, run, self._judgement)
        self._on_event, self._on_floor, self._settings = on_event, on_floor, settings
        self._barge_in = BargeIn()
        self._framer, self._echo, self._voice = Framer(), EchoCanceller(), VoiceActivity()
        self._detector = SpeechDetector(settings.onset, settings.onset_over_prompt)
        self._loop = asyncio.get_running_loop()
        self._made_at = self._heard_at = self._loop.time()
        self._onset_frames = max(settings.onset[1], settings.onset_over_prompt[1])
        self._recent: deque[_Frame] = deque(maxlen=self._onset_frames + settings.look_back_ms // FRAME_MS)
        self._utterance = _Utterance([])
        self._since_end: list[_Frame] | None = None
        """What came after an utterance that may still go on; None when it is over for good."""
        self._asking = False
        """Whether the words so far are wanted in the midst of them."""
        self._said = ""
        self._words_before = 0
        """How many words an utterance had when it seemed over, while nobody knows whether it went on."""
        self._prompt: int | None = None
        self._over: int | None = None
        """The prompt that the utterance began over."""

    def hear(self, samples: bytes) -> None:
        """Take received sound: int16 little-endian mono 8 kHz, any whole number of samples."""
        self._heard_at = self._loop.time()
        for received in self._framer.push(samples):
            frame = self._echo.cancel(np.frombuffer(received, "<i2"))
            share, came = self._echo.echo_share, Came(self._now_ms(), True)
            if share < self._settings.echo_share:
                self._take(_Frame(frame.tobytes(), self._voice.is_voice(frame), came, share))
            else:
                self._take(_Frame(_SILENCE, False, came, share))

    def bot_frame(self, frame: bytes) -> None:
        """Note a frame sent to the caller, silence too: what may come back as echo."""
        self._echo.reference(np.frombuffer(frame, "<i2"))

    def expect(self, expectation: Expectation, question: int) -> None:
        """From now on the bot waits for this; `question` is the prompt that asks for it."""
        self._judgement.expect(expectation, question)

    def prompt_changed(self, prompt: int | None) -> None:
        """Note which prompt is being spoken now; None for none."""
        self._prompt = prompt

    @property
    def last_utterance(self) -> Samples:
        """The sound of the utterance that ended last, echo taken out: int16 mono 8 kHz, shape (n,)."""
        return self._transcriber.sound

    @property
    def open_ms(self) -> int:
        """How long the caller can still go on in the turn that just ended; 0 when it is over for good."""
        if self._words_before:
            return _UNDECIDED_MS
        if self._since_end is None:
            return 0
        return self._longest_join_ms - len(self._since_end) * FRAME_MS

    async def run(self) -> None:
        """Recognise until cancelled; raises HearingError when recognition fails."""
        while True:
            await self._transcriber.step(max(self._heard_at + _PATIENCE - self._loop.time(), _LEAST))
            if self._loop.time() - self._heard_at >= _PATIENCE:
                self._pass_silence()
            self._decide()

    def _pass_silence(self) -> None:
        """Let time go on where no sound comes: while the caller presses keys Asterisk sends none."""
        since_ms = self._call_ms(self._heard_at)
        self._heard_at += _STEP
        for end_ms in range(FRAME_MS, round(1000 * _STEP) + 1, FRAME_MS):
            self._take(_Frame(_SILENCE, False, Came(since_ms + end_ms, False), 0.0))

    def _take(self, frame: _Frame) -> None:
        self._recent.append(frame)
        if self._since_end is not None:
            self._since_end.append(frame)
        if self._detector.push(frame.voiced, over_prompt=self._prompt is not None):
            self._start()
        elif self._detector.speaking:
            self._utterance.add(frame)
            self._transcriber.add(frame.samples)
            self._decide()
            self._weigh()
        elif self._since_end and len(self._since_end) * FRAME_MS > self._longest_join_ms:
            self._since_end = None

    def _start(self) -> None:
        self._over = self._prompt
        if self._since_end is not None:
            self._go_on(self._since_end)
            return
        recent = list(self._recent)
        self._utterance = _Utterance([frame.came for frame in recent[: -self._onset_frames]])
        for frame in recent[-self._onset_frames :]:
            self._utterance.add(frame)
        self._transcriber.begin(b"".join(frame.samples for frame in recent))
        self._tell(self._barge_in.begin(self._utterance.started_ms, over_prompt=self._over is not None))
        self._on_event(SpeechStarted(self._over))

    def _go_on(self, since: Sequence[_Frame]) -> None:
        """Open the last utterance again, with all that came since; it went on if more words come of it."""
        self._since_end = None
        for frame in since:
            self._utterance.add(frame)
            self._transcriber.add(frame.samples)
        self._transcriber.go_on()
        self._words_before = len(self._said.split())
        self._tell(self._barge_in.begin(self._now_ms(), over_prompt=True))

    def _weigh(self) -> None:
        """Let the bot go on, or be silent for good, once it is clear what the caller wants with it."""
        if not (self._detector.speaking and self._barge_in.undecided):
            return
        if self._barge_in.asks(self._now_ms()):
            self._asking = True
            self._transcriber.finish(cut=True)
        silence = self._detector.silence_ms
        claim = self._claim(self._transcriber.partial, cut=not silence)
        self._tell(self._barge_in.hear(self._now_ms(), silence, claim))
        self._asking &= self._barge_in.undecided and self._transcriber.final is None

    def _claim(self, text: str, *, cut: bool = False) -> Claim:
        if self._words_before:
            return Claim.WANTED if len(text.split()) > self._words_before else Claim.NONE
        return self._judgement.claim(text, self._over, cut=cut)

    def _tell(self, floor: Floor | None) -> None:
        if floor is Floor.STOP and self._words_before:
            self._words_before = 0
            self._on_event(SpeechContinued(self._over))
        if floor is not None:
            self._on_floor(floor)

    def _decide(self) -> None:
        """Finish, doubt and end the utterance, or take that back, as silence and text have it."""
        if not self._detector.speaking:
            return
        settings, silence, transcriber = self._settings, self._detector.silence_ms, self._transcriber
        too_long = self._now_ms() - self._utterance.started_ms >= settings.longest_ms
        if not silence and not too_long:
            if not self._asking:
                transcriber.go_on()
        elif (final := transcriber.final) is None:
            if too_long or silence >= (settings.finish_ms if transcriber.short else settings.finish_long_ms):
                transcriber.finish()
        elif too_long or silence >= self._patience_ms(final.text):
            self._end(final)
        elif silence >= settings.doubt_ms:
            transcriber.doubt()

    def _patience_ms(self, text: str) -> int:
        """Return how long a silence ends what was said."""
        if not text:
            return self._settings.wordless_silence_ms
        match self._judgement.completeness(text):
            case Completeness.COMPLETE:
                return self._settings.complete_silence_ms
            case Completeness.LIKELY:
                return self._settings.likely_silence_ms
            case Completeness.UNFINISHED:
                return self._settings.unfinished_silence_ms
            case Completeness.OPEN:
                return self._settings.silence_ms

    def _end(self, final: Transcript) -> None:
        utterance = self._utterance
        self._detector.end()
        self._asking = False
        self._recent.clear()  # the next utterance must not look back into this one
        if utterance.echo_share > self._settings.echo_utterance:
            final = Transcript("")
        if self._barge_in.undecided:
            self._tell(self._barge_in.end(self._claim(final.text)))
        passed_over = self._barge_in.passed_over
        self._since_end, self._said = [] if final.text and not passed_over else None, final.text
        if self._words_before:  # it did not go on: what was told of it holds
            self._words_before = 0
            return
        words = word_times(final.words, utterance.frames)
        started_ms, ended_ms = utterance.started_ms, utterance.ended_ms
        self._on_event(UtteranceEnded(final.text, started_ms, ended_ms, words, passed_over))

    @property
    def _longest_join_ms(self) -> int:
        """How long the end of an utterance stays open: until a voice that began in time is noticed."""
        return self._settings.join_ms + self._onset_frames * FRAME_MS

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
