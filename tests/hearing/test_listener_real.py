"""The ear with the real model: the bot's greeting, echoes of it, and callers through it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest

from voicebot.audio import alaw_decode, alaw_encode, to_samples
from voicebot.clock import run_virtual
from voicebot.events import Event, SpeechStarted, UtteranceEnded
from voicebot.hearing import Listener, Model, Recogniser
from voicebot.understanding import Understanding

pytestmark = pytest.mark.audio

T = TypeVar("T")
Speak = Callable[..., np.ndarray]

GREETING = "Ik ben een computer. Wilt u liever een mens? Zeg dan altijd: medewerker."


def listen(model: Model, received: np.ndarray, sent: np.ndarray | None = None) -> list[Event]:
    events: list[Event] = []

    async def inline(work: Callable[[], T], /) -> T:
        return work()

    async def main() -> None:
        ear = Listener(Recogniser(model), inline, events.append, lambda floor: None, Understanding({}, {}))
        ear.prompt_changed(None if sent is None else 1)
        running = asyncio.create_task(ear.run())
        for start in range(0, received.size - 159, 160):
            if sent is not None:
                ear.bot_frame(sent[start : start + 160].tobytes())
            await asyncio.sleep(0.02)
            ear.hear(received[start : start + 160].tobytes())
        await asyncio.sleep(2)
        running.cancel()

    run_virtual(main())
    return events


def padded(sound: np.ndarray, before_s: float = 0.5, after_s: float = 1.0) -> np.ndarray:
    return np.pad(sound, (round(8000 * before_s), round(8000 * after_s)))


def line(sound: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 5, sound.size)
    return alaw_decode(alaw_encode(to_samples(sound + noise)))


def echo(sent: np.ndarray, delay_ms: int, level_db: float) -> np.ndarray:
    return np.concatenate((np.zeros(8 * delay_ms), sent))[: sent.size] * 10 ** (level_db / 20)


@pytest.mark.parametrize("text", ["waar is mijn bestelling", "medewerker", "ja", "vier vijf zes een een b j"])
@pytest.mark.parametrize("voice", ["nl", "nl+f2"])
def test_a_caller_is_heard(model: Model, speak: Speak, text: str, voice: str) -> None:
    started, ended = listen(model, line(padded(speak(text, voice))))
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, UtteranceEnded)
    assert ended.text == text


@pytest.mark.parametrize("delay_ms", [0, 7, 60, 133, 220, 300])
@pytest.mark.parametrize("level_db", [-12, -20])
def test_the_echoed_greeting_never_transfers(
    model: Model, speak: Speak, delay_ms: int, level_db: float
) -> None:
    sent = padded(speak(GREETING))
    assert listen(model, line(echo(sent, delay_ms, level_db)), sent) == []


@pytest.mark.parametrize("voice", ["nl+f2", "nl+m3"])
@pytest.mark.parametrize(("at_s", "delay_ms"), [(0.8, 40), (2.5, 180)])
def test_a_caller_is_heard_through_the_echoed_greeting(
    model: Model, speak: Speak, voice: str, at_s: float, delay_ms: int
) -> None:
    sent = padded(speak(GREETING))
    received = echo(sent, delay_ms, -12)
    caller = speak("medewerker", voice)
    start = round(8000 * at_s)
    received[start : start + caller.size] += 0.6 * caller
    events = listen(model, line(received), sent)
    assert SpeechStarted(during_prompt=1) in events
    assert any(isinstance(event, UtteranceEnded) and "medewerker" in event.text for event in events)


def trimmed(sound: np.ndarray) -> np.ndarray:
    """Return `sound` from where it is heard until where it is not: a thirtieth of its loudest 10 ms."""
    level = np.convolve(np.abs(sound.astype(float)), np.ones(80) / 80, "same")
    (heard,) = np.nonzero(level > level.max() / 30)
    return sound[heard[0] : heard[-1]]


@pytest.mark.parametrize("voice", ["nl", "nl+m3"])
@pytest.mark.parametrize("gaps_ms", [(0, 0, 0), (100, 300, 60), (80, 620, 100)])
def test_each_word_is_told_when_it_was_said(
    model: Model, speak: Speak, voice: str, gaps_ms: tuple[int, int, int]
) -> None:
    """A pause of 620 ms concludes the utterance, and what follows takes that back."""
    words = ["waar", "blijft", "mijn", "bestelling"]
    said = [trimmed(speak(word, voice)) for word in words]
    starts = np.cumsum([2500, *(one.size / 8 + gap for one, gap in zip(said, gaps_ms, strict=False))])
    sound = np.zeros(8 * 6000)
    for one, start_ms in zip(said, starts, strict=True):
        begin = round(8 * start_ms)
        sound[begin : begin + one.size] = one
    _, ended = listen(model, line(sound))
    assert isinstance(ended, UtteranceEnded)
    assert [word.text for word in ended.words] == words
    assert [word.start_ms for word in ended.words] == pytest.approx(starts, abs=100)
    ends = [start_ms + one.size / 8 for one, start_ms in zip(said, starts, strict=True)]
    assert [word.end_ms for word in ended.words] == pytest.approx(ends, abs=100)


def test_the_same_call_is_heard_the_same_twice(model: Model, speak: Speak) -> None:
    received = line(padded(speak("ik wil een medewerker spreken", "nl+f2")))
    assert listen(model, received) == listen(model, received)
