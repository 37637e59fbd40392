"""The ear with a recogniser that is not one: what counts here is when."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pytest

from voicebot.clock import run_virtual
from voicebot.errors import HearingError
from voicebot.events import Event, SpeechContinued, SpeechStarted, UtteranceEnded
from voicebot.expectation import Claim, Completeness, Expectation
from voicebot.hearing import Floor, Listener, Transcript, Word

pytestmark = pytest.mark.unit

T = TypeVar("T")


@dataclass
class ScriptedRecogniser:
    """Says `text` to anything, and notes how much it heard."""

    text: str = "waar is mijn bestelling"
    heard_ms: list[int] = field(default_factory=list)
    error: Exception | None = None

    def start(self, grammar: Sequence[str] | None = None) -> None:
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

    def start(self, grammar: Sequence[str] | None = None) -> None:
        self.heard.clear()

    def accept(self, samples: np.ndarray) -> str:
        self.heard.append(samples)
        return self.text

    def finish(self) -> Transcript:
        (loud,) = np.nonzero(np.concatenate(self.heard))
        pauses = np.nonzero(np.diff(loud) > 160)[0]
        edges = loud[[0, *sorted([*pauses, *(pauses + 1)]), -1]] / 8000
        return Transcript(self.text, tuple(Word("ja", *edge, 1.0) for edge in edges.reshape(-1, 2)))


@dataclass
class FixedJudge:
    """Finds the same of every text, and notes what it was asked."""

    complete: Completeness = Completeness.COMPLETE
    wanted: Claim = Claim.WANTED
    asked: list[tuple[Expectation, str]] = field(default_factory=list)

    def completeness(self, expectation: Expectation, text: str) -> Completeness:
        self.asked.append((expectation, text))
        return self.complete

    def claim(self, expectation: Expectation, text: str, *, cut: bool) -> Claim:
        self.asked.append((expectation, text))
        return self.wanted if text else Claim.NONE

    def understands(self, expectation: Expectation, text: str) -> bool:
        return True


class CountingRecogniser(TimingRecogniser):
    """Hears a word wherever there is sound, and says how many so far."""

    def accept(self, samples: np.ndarray) -> str:
        self.heard.append(samples)
        return self._said()

    def finish(self) -> Transcript:
        self.text = self._said()
        return super().finish()

    def _said(self) -> str:
        (loud,) = np.nonzero(np.concatenate(self.heard))
        return " ".join(["ja"] * (1 + int((np.diff(loud) > 160).sum()))) if loud.size else ""


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
    completeness: Completeness = Completeness.OPEN,
    claim: Claim = Claim.WANTED,
    prompt: int | None = None,
    bot: np.ndarray | None = None,
    piece: int = 160,
    after_s: float = 2.0,
    floors: list[tuple[Floor, int]] | None = None,
) -> list[Told]:
    """Let a Listener hear `sounds` in real (virtual) time, in pieces; return what it told."""
    sound = np.concatenate(sounds)
    told: list[Told] = []
    floors = [] if floors is None else floors

    async def main() -> None:
        loop = asyncio.get_running_loop()
        ear = Listener(
            recogniser or ScriptedRecogniser(),
            inline,
            lambda event: told.append(Told(event, round(1000 * loop.time()))),
            lambda floor: floors.append((floor, round(1000 * loop.time()))),
            FixedJudge(completeness, claim),
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


@pytest.mark.parametrize(
    ("completeness", "delay_ms"),
    [
        (Completeness.COMPLETE, 180),
        (Completeness.LIKELY, 900),
        (Completeness.OPEN, 1500),
        (Completeness.UNFINISHED, 1800),
    ],
)
def test_the_more_complete_a_text_the_sooner_it_ends(completeness: Completeness, delay_ms: int) -> None:
    ended = listen(silence(500), voice(800), silence(2500), completeness=completeness)[-1]
    assert isinstance(ended.event, UtteranceEnded)
    assert ended.at_ms - ended.event.ended_ms == pytest.approx(delay_ms, abs=20)


@pytest.mark.parametrize("pause_ms", [600, 1470])
def test_a_hesitation_does_not_cut_the_utterance(pause_ms: int) -> None:
    """It is heard again as a whole: the longer pause had concluded it already."""
    recogniser = ScriptedRecogniser()
    sounds = (silence(500), voice(600), silence(pause_ms), voice(600), silence(1200))
    (utterance,) = utterances(listen(*sounds, recogniser=recogniser))
    assert utterance.ended_ms - utterance.started_ms == pytest.approx(1200 + pause_ms, abs=60)
    assert len(recogniser.heard_ms) == 2


@pytest.mark.parametrize("prompt", [None, 4])
def test_who_goes_on_after_all_was_still_in_the_same_turn(prompt: int | None) -> None:
    sounds = (silence(500), voice(600), silence(420), voice(600), silence(2000))
    told = listen(*sounds, recogniser=CountingRecogniser(), completeness=Completeness.COMPLETE, prompt=prompt)
    _, first, on, whole = (item.event for item in told)
    assert isinstance(first, UtteranceEnded)
    assert isinstance(whole, UtteranceEnded)
    assert on == SpeechContinued(prompt)
    assert (whole.started_ms, whole.ended_ms) == (first.started_ms, pytest.approx(2120, abs=60))
    assert whole.words[1].start_ms == pytest.approx(1520, abs=21)


def test_a_noise_after_the_end_changes_nothing_but_pauses_the_bot() -> None:
    floors: list[tuple[Floor, int]] = []
    sounds = (silence(500), voice(600), silence(420), voice(200), silence(2000))
    told = listen(*sounds, completeness=Completeness.COMPLETE, floors=floors)  # the same words again
    assert [type(item.event) for item in told] == [SpeechStarted, UtteranceEnded]
    assert [floor for floor, _ in floors] == [Floor.STOP, Floor.PAUSE, Floor.RESUME]


def test_who_speaks_again_later_takes_a_new_turn() -> None:
    recogniser = ScriptedRecogniser()
    sounds = (silence(500), voice(600), silence(1000), voice(600), silence(1200))
    told = listen(*sounds, recogniser=recogniser, completeness=Completeness.COMPLETE)
    assert [type(item.event) for item in told] == 2 * [SpeechStarted, UtteranceEnded]
    first, second = utterances(told)
    assert first.ended_ms < second.started_ms


def test_nothing_is_continued_where_no_words_were_heard() -> None:
    recogniser = ScriptedRecogniser(text="")
    sounds = (silence(500), voice(300), silence(1000), voice(300), silence(2000))  # in time, were there words
    told = listen(*sounds, recogniser=recogniser)
    assert [type(item.event) for item in told] == 2 * [SpeechStarted, UtteranceEnded]


def test_the_sound_just_before_the_onset_is_recognised_and_silence_is_not() -> None:
    recogniser = ScriptedRecogniser()
    listen(
        silence(3000), voice(800), silence(3000), recogniser=recogniser, completeness=Completeness.COMPLETE
    )
    (heard,) = recogniser.heard_ms
    assert 800 + 340 <= heard <= 800 + 340 + 200 + 500  # the last is silence, heard in advance


def test_an_utterance_ends_although_no_frames_come() -> None:
    ended = listen(silence(500), voice(800))[-1]
    assert isinstance(ended.event, UtteranceEnded)
    assert ended.at_ms - ended.event.ended_ms == pytest.approx(1600, abs=120)


def test_noise_that_never_stops_is_cut_at_the_limit() -> None:
    utterance, *_ = utterances(listen(voice(21_000), silence(1000)))
    assert utterance.ended_ms == pytest.approx(20_000, abs=60)


def test_a_prompt_is_named_and_short_noises_do_not_interrupt_it() -> None:
    click = (silence(500), voice(70), silence(1200))
    assert listen(*click, prompt=3) == []
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
@pytest.mark.parametrize("pause_ms", [100, 200, 300, 650, 1470])
def test_words_are_told_when_they_were_said(piece: int, pause_ms: int) -> None:
    """Also when a pause was settled, or concluded and that was taken back, and in a burst of sound."""
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


def hear_with(judge: FixedJudge, prompt: int | None) -> None:
    """Let someone speak while the bot asks for a postcode in prompt 7, and speaks `prompt`."""

    async def main() -> None:
        ear = Listener(ScriptedRecogniser("vijf"), inline, lambda event: None, lambda floor: None, judge)
        ear.expect(POSTCODE, 7)
        ear.prompt_changed(prompt)
        running = asyncio.create_task(ear.run())
        for frame in np.concatenate((voice(500), silence(600))).reshape(-1, 160):
            ear.hear(frame.tobytes())
            await asyncio.sleep(0.02)
        running.cancel()

    run_virtual(main())


POSTCODE = Expectation("postcode", "postcode")


def test_what_is_waited_for_decides_what_is_complete() -> None:
    judge = FixedJudge()
    hear_with(judge, None)
    assert judge.asked == [(POSTCODE, "vijf")]


def test_only_over_the_question_itself_words_answer_it() -> None:
    question, other = FixedJudge(), FixedJudge()
    hear_with(question, 7)
    hear_with(other, 6)
    assert (POSTCODE, "vijf") in question.asked
    assert (Expectation(), "vijf") not in question.asked
    assert (Expectation(), "vijf") in other.asked


@pytest.mark.parametrize(
    ("claim", "said_ms", "expected"),
    [
        (Claim.WANTED, 900, [Floor.PAUSE, Floor.STOP]),
        (Claim.POSSIBLE, 900, [Floor.PAUSE, Floor.STOP]),
        (Claim.POSSIBLE, 240, [Floor.PAUSE, Floor.RESUME]),
        (Claim.NONE, 240, [Floor.PAUSE, Floor.RESUME]),
        (Claim.NONE, 3000, [Floor.PAUSE, Floor.RESUME]),
    ],
)
def test_over_a_prompt_the_bot_pauses_and_then_stops_or_goes_on(
    claim: Claim, said_ms: int, expected: list[Floor]
) -> None:
    floors: list[tuple[Floor, int]] = []
    sounds = (silence(500), voice(said_ms), silence(1500))
    told = listen(*sounds, prompt=3, claim=claim, floors=floors)
    assert [floor for floor, _ in floors] == expected
    assert floors[0][1] - 500 <= 180
    assert floors[1][1] - 500 <= 700
    (utterance,) = utterances(told)
    assert utterance.passed_over is (expected[-1] is Floor.RESUME)


def test_who_speaks_before_the_bot_does_has_the_floor() -> None:
    floors: list[tuple[Floor, int]] = []
    listen(silence(500), voice(300), silence(1500), claim=Claim.NONE, floors=floors)
    assert [floor for floor, _ in floors] == [Floor.STOP]


def test_a_recogniser_that_fails_ends_the_run() -> None:
    recogniser = ScriptedRecogniser(error=HearingError("broken"))
    with pytest.raises(HearingError, match="broken"):
        listen(voice(800), recogniser=recogniser)
