"""The ear with a recogniser that is not one: what counts here is when."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pytest

from voicebot.clock import run_virtual
from voicebot.errors import HearingError
from voicebot.events import Event, Expectation, SpeechStarted, UtteranceEnded
from voicebot.hearing import Listener, Transcript, Word

pytestmark = pytest.mark.unit

T = TypeVar("T")


@dataclass
class ScriptedRecogniser:
    """Says `text` to anything, and notes how much it heard."""

    text: str = "waar is mijn bestelling"
    heard_ms: list[int] = field(default_factory=list)
    error: Exception | None = None

    def start(self, grammar: None = None) -> None:
        self.heard_ms.append(0)

    def accept(self, samples: np.ndarray) -> str:
        if self.error:
            raise self.error
        self.heard_ms[-1] += samples.size // 8
        return self.text

    def finish(self) -> Transcript:
        return Transcript(self.text)


@dataclass
class TimingRecogniser(ScriptedRecogniser):
    """Hears a word wherever there is sound."""

    text: str = "ja ja"
    heard: list[np.ndarray] = field(default_factory=list)

    def start(self, grammar: None = None) -> None:
        self.heard.clear()

    def accept(self, samples: np.ndarray) -> str:
        self.heard.append(samples)
        return self.text

    def finish(self) -> Transcript:
        (loud,) = np.nonzero(np.concatenate(self.heard))
        pauses = np.nonzero(np.diff(loud) > 160)[0]
        edges = loud[[0, *sorted([*pauses, *(pauses + 1)]), -1]] / 8000
        return Transcript(self.text, tuple(Word("ja", *edge, 1.0) for edge in edges.reshape(-1, 2)))


def voice(ms: int) -> np.ndarray:
    """A buzz at 120 Hz with the falling harmonics of a voice."""
    times = np.arange(8 * ms) / 8000
    return sum(3000 * np.sin(2 * np.pi * 120 * n * times) / n for n in range(1, 25)).astype(np.int16)


def silence(ms: int) -> np.ndarray:
    return np.zeros(8 * ms, np.int16)


@dataclass
class Told:
    """An event and when it was told."""

    event: Event
    at_ms: int


async def inline(work: Callable[[], T], /) -> T:
    return work()


def listen(
    *sounds: np.ndarray,
    recogniser: ScriptedRecogniser | None = None,
    complete: bool = False,
    prompt: int | None = None,
    bot: np.ndarray | None = None,
    piece: int = 160,
    after_s: float = 2.0,
) -> list[Told]:
    """Let a Listener hear `sounds` in real (virtual) time, in pieces; return what it told."""
    sound = np.concatenate(sounds)
    told: list[Told] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        ear = Listener(
            recogniser or ScriptedRecogniser(),
            inline,
            lambda event: told.append(Told(event, round(1000 * loop.time()))),
            lambda expectation, text: complete,
        )
        ear.prompt_changed(prompt)
        running = asyncio.create_task(ear.run())
        for start in range(0, sound.size, piece):
            if bot is not None:
                ear.bot_frame(bot[start : start + 160].tobytes())
            await asyncio.sleep((start + piece) / 8000 - loop.time())
            ear.hear(sound[start : start + piece].tobytes())
        await asyncio.sleep(after_s)
        running.cancel()
        await asyncio.wait([running])
        if not running.cancelled():
            await running

    run_virtual(main())
    return told


def utterances(told: list[Told]) -> list[UtteranceEnded]:
    return [item.event for item in told if isinstance(item.event, UtteranceEnded)]


def test_speech_is_told_at_its_onset_and_again_at_its_end() -> None:
    started, ended = listen(silence(1000), voice(800), silence(1200))
    assert started.event == SpeechStarted(during_prompt=None)
    assert 1080 <= started.at_ms <= 1160
    assert isinstance(ended.event, UtteranceEnded)
    assert ended.event.text == "waar is mijn bestelling"
    assert ended.event.started_ms == pytest.approx(1000, abs=40)
    assert ended.event.ended_ms == pytest.approx(1800, abs=60)


@pytest.mark.parametrize(("complete", "delay_ms"), [(True, 350), (False, 700)])
def test_a_complete_text_ends_sooner(complete: bool, delay_ms: int) -> None:
    ended = listen(silence(500), voice(800), silence(1200), complete=complete)[-1]
    assert isinstance(ended.event, UtteranceEnded)
    assert ended.at_ms - ended.event.ended_ms == pytest.approx(delay_ms, abs=20)


def test_a_hesitation_does_not_cut_the_utterance() -> None:
    recogniser = ScriptedRecogniser()
    sounds = (silence(500), voice(600), silence(600), voice(600), silence(1200))
    (utterance,) = utterances(listen(*sounds, recogniser=recogniser))
    assert utterance.ended_ms - utterance.started_ms == pytest.approx(1800, abs=60)
    # Concluded in the hesitation, then heard again from its start.
    assert len(recogniser.heard_ms) == 2
    assert recogniser.heard_ms[1] > 2100


def test_a_complete_text_and_its_continuation_are_two_utterances_that_share_no_sound() -> None:
    recogniser = ScriptedRecogniser()
    sounds = (silence(500), voice(600), silence(420), voice(600), silence(1200))
    assert len(utterances(listen(*sounds, recogniser=recogniser, complete=True))) == 2
    assert sum(recogniser.heard_ms) <= 2150


def test_the_sound_just_before_the_onset_is_recognised_and_silence_is_not() -> None:
    recogniser = ScriptedRecogniser()
    listen(silence(3000), voice(800), silence(3000), recogniser=recogniser, complete=True)
    (heard,) = recogniser.heard_ms
    assert 800 + 300 <= heard <= 800 + 300 + 200 + 120


def test_an_utterance_ends_although_no_frames_come() -> None:
    ended = listen(silence(500), voice(800))[-1]
    assert isinstance(ended.event, UtteranceEnded)
    assert ended.at_ms - ended.event.ended_ms == pytest.approx(800, abs=120)


def test_noise_that_never_stops_is_cut_at_the_limit() -> None:
    utterance, *_ = utterances(listen(voice(21_000), silence(1000)))
    assert utterance.ended_ms == pytest.approx(20_000, abs=60)


def test_a_prompt_is_named_and_short_noises_do_not_interrupt_it() -> None:
    cough = (silence(500), voice(130), silence(1200))
    assert listen(*cough, prompt=3) == []
    assert len(listen(*cough)) == 2
    told = listen(silence(500), voice(600), silence(1200), prompt=3)
    assert told[0].event == SpeechStarted(during_prompt=3)


@pytest.mark.parametrize("delay_ms", [0, 35, 140, 300])
def test_the_bots_own_voice_is_not_heard(delay_ms: int) -> None:
    bot = np.concatenate((silence(300), voice(300), silence(200), voice(700), silence(500)))
    echo = (np.concatenate((silence(delay_ms), bot))[: bot.size] * 0.25).astype(np.int16)
    assert listen(echo, bot=bot, prompt=1) == []


@pytest.mark.parametrize("piece", [1, 80, 161, 480, 4000])
def test_pieces_of_any_size_are_the_same_sound(piece: int) -> None:
    sounds = (silence(500), voice(800), silence(1500))
    (utterance,) = utterances(listen(*sounds, piece=piece))
    slack = 40 + piece / 8
    assert utterance.started_ms == pytest.approx(500, abs=slack)
    assert utterance.ended_ms == pytest.approx(1300, abs=slack)


@pytest.mark.parametrize("piece", [1, 161, 480, 1200])
@pytest.mark.parametrize("pause_ms", [100, 650])
def test_words_are_told_when_they_were_said(piece: int, pause_ms: int) -> None:
    """Also when a pause concluded the utterance and what followed took that back, and in a burst of sound."""
    sounds = (silence(3000), voice(500), silence(pause_ms), voice(400), silence(1500))
    (utterance,) = utterances(listen(*sounds, recogniser=TimingRecogniser(), piece=piece))
    second = 3500 + pause_ms
    expected = [(3000, 3500), (second, second + 400)]
    assert [(word.start_ms, word.end_ms) for word in utterance.words] == [
        pytest.approx(times, abs=21) for times in expected
    ]


def test_the_same_sound_gives_the_same_events_at_the_same_times() -> None:
    sounds = (silence(500), voice(800), silence(450), voice(300), silence(1500))
    assert listen(*sounds) == listen(*sounds)


def test_the_expectation_in_force_decides_what_is_complete() -> None:
    asked: list[tuple[Expectation, str]] = []

    async def main() -> None:
        def is_complete(expectation: Expectation, text: str) -> bool:
            asked.append((expectation, text))
            return True

        ear = Listener(ScriptedRecogniser("vijf"), inline, lambda event: None, is_complete)
        ear.expect(Expectation("postcode", "postcode"))
        running = asyncio.create_task(ear.run())
        for frame in np.concatenate((voice(500), silence(600))).reshape(-1, 160):
            ear.hear(frame.tobytes())
            await asyncio.sleep(0.02)
        running.cancel()

    run_virtual(main())
    assert asked == [(Expectation("postcode", "postcode"), "vijf")]


def test_a_recogniser_that_fails_ends_the_run() -> None:
    recogniser = ScriptedRecogniser(error=HearingError("broken"))
    with pytest.raises(HearingError, match="broken"):
        listen(voice(800), recogniser=recogniser)
