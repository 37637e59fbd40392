import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from voicebot.audio import RATE
from voicebot.clock import run_virtual
from voicebot.errors import SpeakingError
from voicebot.events import Event, PromptFinished, PromptInterrupted, PromptStarted, Say
from voicebot.speaking import Player, Speaker, Voice, warm
from voicebot.values import Personal

pytestmark = pytest.mark.unit

SECOND_OF_SOUND = np.full(RATE, 1000, np.int16)


class SlowSynthesiser:
    """Takes 100 ms of virtual time for each sentence; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.rates: list[int] = []

    def speak(self, text: str, voice: Voice, *, keep: bool = True) -> NDArray[np.int16]:
        self.asked.append((text, keep))
        self.rates.append(voice.rate_wpm)
        if "stuk" in text:
            raise SpeakingError("the speech worker died")
        return SECOND_OF_SOUND

    async def run(self, work: Callable[[], NDArray[np.int16]]) -> NDArray[np.int16]:
        await asyncio.sleep(0.1)
        return work()


def talk(
    script: Callable[[Speaker, "asyncio.Task[None]"], Awaitable[None]], respell: dict[str, str] | None = None
) -> tuple[SlowSynthesiser, list[tuple[float, Event]]]:
    synthesiser = SlowSynthesiser()
    events: list[tuple[float, Event]] = []

    async def main() -> None:
        now = asyncio.get_running_loop().time
        player = Player(lambda frame: None, lambda event: events.append((now(), event)), lambda frame: None)
        speaker = Speaker(player, synthesiser, Voice(), synthesiser.run, respell or {})  # type: ignore[arg-type]
        playing, speaking = asyncio.create_task(player.run()), asyncio.create_task(speaker.run())
        await script(speaker, speaking)
        for task in (playing, speaking):
            task.cancel()

    run_virtual(main())
    return synthesiser, events


def test_personal_values_are_spoken_and_never_kept() -> None:
    async def script(speaker: Speaker, task: object) -> None:
        speaker.say(Say(1, "greeting", "Welkom om 9:00."))
        speaker.say(Say(2, "status", "Bestelling {number}.", {"number": Personal("order_number", "12345")}))
        await asyncio.sleep(5)

    synthesiser, events = talk(script)
    assert synthesiser.asked == [
        ("Welkom om negen uur.", True),
        ("Bestelling één twee, drie vier vijf.", False),
    ]
    assert [type(event) for _, event in events] == [PromptStarted, PromptFinished] * 2
    assert events[2][1] == PromptStarted(
        2, "status", "Bestelling {number}.", {"number": Personal("order_number", "12345")}
    )


def test_long_prompt_starts_with_its_first_sentence() -> None:
    async def script(speaker: Speaker, task: object) -> None:
        speaker.say(Say(1, "long", "Eén. Twee. Drie."))
        await asyncio.sleep(5)

    _, events = talk(script)
    assert [(round(at, 1), type(event)) for at, event in events] == [
        (0.1, PromptStarted),
        (3.4, PromptFinished),
    ]


def test_who_asked_for_it_hears_shorter_pieces_slowly_and_with_longer_pauses() -> None:
    async def script(speaker: Speaker, task: object) -> None:
        speaker.say(Say(1, "fast", "Ik zoek het op, en daarna bel ik."))
        speaker.say(Say(2, "slow", "Ik zoek het op, en daarna bel ik.", slow=True))
        await asyncio.sleep(8)

    synthesiser, events = talk(script)
    assert [text for text, _ in synthesiser.asked] == [
        "Ik zoek het op, en daarna bel ik.",
        "Ik zoek het op,",
        "en daarna bel ik.",
    ]
    assert synthesiser.rates == [140, 105, 105]
    (begun, _), (ended, _) = events[2:]
    assert ended - begun == pytest.approx(2.35, abs=0.03)


def test_stop_forgets_what_was_not_made_yet() -> None:
    async def script(speaker: Speaker, task: object) -> None:
        speaker.say(Say(1, "first", "Eén. Twee. Drie."))
        speaker.say(Say(2, "second", "Vier."))
        await asyncio.sleep(0.15)
        speaker.stop()
        speaker.say(Say(3, "third", "Vijf."))
        await asyncio.sleep(5)

    synthesiser, events = talk(script)
    told = [event for _, event in events]
    assert isinstance(told[1], PromptInterrupted)
    assert told[1].prompt == 1
    assert told[2] == PromptInterrupted(2, heard_ms=0)
    assert told[-1] == PromptFinished(3)
    assert [text for text, _ in synthesiser.asked] == ["Eén.", "Twee.", "Vijf."]


def test_respelling_reaches_the_voice() -> None:
    async def script(speaker: Speaker, task: object) -> None:
        speaker.say(Say(1, "pay", "Betaal met iDEAL."))
        await asyncio.sleep(1)

    synthesiser, _ = talk(script, {"ideal": "ai diel"})
    assert synthesiser.asked == [("Betaal met ai diel.", True)]


@pytest.mark.parametrize("template", ["Dit gaat stuk.", "Waar is {number}?"])
def test_failure_for_good_ends_the_speaker(template: str) -> None:
    async def script(speaker: Speaker, task: "asyncio.Task[None]") -> None:
        speaker.say(Say(1, "broken", template))
        with pytest.raises(SpeakingError):
            await task

    talk(script)


def test_warming_makes_only_prompts_without_places() -> None:
    synthesiser = SlowSynthesiser()
    progress: list[tuple[int, int]] = []
    run_virtual(
        warm(
            ["Hallo. Welkom.", "Bestelling {number}.", "Dag."],
            synthesiser,  # type: ignore[arg-type]
            Voice(),
            synthesiser.run,
            on_progress=lambda done, total: progress.append((done, total)),
        )
    )
    assert synthesiser.asked == [("Hallo.", True), ("Welkom.", True), ("Dag.", True)]
    assert progress == [(1, 2), (2, 2)]
