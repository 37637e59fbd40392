import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pytest

from voicebot.clock import run_virtual
from voicebot.errors import HearingError
from voicebot.hearing import Transcript
from voicebot.hearing.transcriber import Doubting, Transcriber

pytestmark = pytest.mark.unit

T = TypeVar("T")


class CountingRecogniser:
    """Its text is the number of frames it heard since the start."""

    def __init__(self) -> None:
        self.frames = 0
        self.heard: list[int] = []

    def start(self, grammar: Sequence[str] | None = None) -> None:
        self.frames = 0

    def accept(self, samples: np.ndarray) -> str:
        self.frames += samples.size // 160
        return f"{self.frames}..."

    def finish(self) -> Transcript:
        self.heard.append(self.frames)
        return Transcript(str(self.frames))


class Contented:
    """Leaves everything as it is."""

    def second_look(self, transcript: Transcript) -> Sequence[str] | None:
        return None

    def believes(self, second: Transcript) -> bool:
        return True


@dataclass
class Doubtful:
    """Has everything recognised again."""

    believing: bool

    def second_look(self, transcript: Transcript) -> Sequence[str] | None:
        return ["ja", "nee"]

    def believes(self, second: Transcript) -> bool:
        return self.believing


class ObedientRecogniser(CountingRecogniser):
    """Hears how much sound there was, and with what grammar."""

    grammar: Sequence[str] | None = None

    def start(self, grammar: Sequence[str] | None = None) -> None:
        super().start()
        self.grammar = grammar

    def finish(self) -> Transcript:
        return Transcript(f"{super().finish().text} of {self.grammar}")


FRAME = bytes(320)


async def work(transcriber: Transcriber) -> None:
    """Let the transcriber do all there is to do."""
    for _ in range(5):
        await transcriber.step(0)


def transcriber(recogniser: CountingRecogniser, doubts: Doubting | None = None) -> Transcriber:
    async def inline(work: Callable[[], T], /) -> T:
        return work()

    return Transcriber(recogniser, inline, doubts or Contented())


def test_partials_come_in_pieces_and_the_final_holds_all() -> None:
    async def main() -> None:
        scribe = transcriber(CountingRecogniser())
        scribe.begin(14 * FRAME)
        await work(scribe)
        assert scribe.partial == "14..."
        for _ in range(3):
            scribe.add(FRAME)
        await work(scribe)
        assert (scribe.partial, scribe.final) == ("14...", None)
        scribe.finish()
        await work(scribe)
        assert (scribe.partial, scribe.final) == ("17", Transcript("17"))

    run_virtual(main())


def test_a_late_continuation_is_recognised_with_what_it_continues() -> None:
    async def main() -> None:
        scribe = transcriber(CountingRecogniser())
        scribe.begin(10 * FRAME)
        scribe.finish()
        await work(scribe)
        assert scribe.final == Transcript("10")
        scribe.add(5 * FRAME)
        await work(scribe)
        assert scribe.final == Transcript("10")
        scribe.go_on()
        assert scribe.final is None
        await work(scribe)
        assert scribe.partial == "15..."
        scribe.finish()
        await work(scribe)
        assert scribe.final == Transcript("15")

    run_virtual(main())


def test_what_happens_while_a_thread_works_is_not_lost() -> None:
    """Each piece of work lets the caller speak on; the outcome is as if it had taken no time."""

    async def main() -> None:
        recogniser = CountingRecogniser()

        async def slow(work: Callable[[], T], /) -> T:
            result = work()
            await asyncio.sleep(0.05)
            return result

        scribe = Transcriber(recogniser, slow, Contented())
        scribe.begin(10 * FRAME)
        scribe.finish()
        stepping = asyncio.create_task(scribe.step(1))
        await asyncio.sleep(0.12)  # inside `finish`
        scribe.add(2 * FRAME)
        scribe.go_on()
        await stepping
        assert scribe.final is None
        await scribe.step(1)
        scribe.finish()
        await scribe.step(1)
        assert scribe.final == Transcript("12")
        assert recogniser.heard == [10, 12]

    run_virtual(main())


def test_the_next_utterance_starts_afresh() -> None:
    async def main() -> None:
        scribe = transcriber(CountingRecogniser())
        for frames in (8, 6):
            scribe.begin(frames * FRAME)
            scribe.finish()
            await work(scribe)
            assert scribe.final == Transcript(str(frames))

    run_virtual(main())


def test_recognition_that_hangs_is_an_error_in_time() -> None:
    async def main() -> None:
        async def hang(work: Callable[[], T], /) -> T:
            await asyncio.sleep(3600)
            return work()

        scribe = Transcriber(CountingRecogniser(), hang, Contented())
        scribe.begin(FRAME)
        with pytest.raises(HearingError, match="hung"):
            await scribe.step(1)
        assert asyncio.get_running_loop().time() == pytest.approx(4)

    run_virtual(main())


@pytest.mark.parametrize(
    ("believing", "frames", "text"),
    [(True, 12, "12 of ['ja', 'nee']"), (False, 12, "12 of None"), (True, 401, "401 of None")],
)
def test_what_means_nothing_is_recognised_again_if_it_is_short(
    believing: bool, frames: int, text: str
) -> None:
    async def main() -> None:
        scribe = transcriber(ObedientRecogniser(), Doubtful(believing))
        scribe.begin(frames * FRAME)
        for heard in (frames, frames + 1):
            scribe.finish()
            await work(scribe)
            assert scribe.final == Transcript(f"{heard} of None")
            scribe.doubt()
            await work(scribe)
            assert scribe.final == Transcript(text.replace(str(frames), str(heard)))
            scribe.go_on()
            scribe.add(FRAME)

    run_virtual(main())


def test_a_silence_that_ends_before_anything_was_finished_costs_nothing() -> None:
    async def main() -> None:
        recogniser = CountingRecogniser()
        scribe = transcriber(recogniser)
        scribe.begin(14 * FRAME)
        await work(scribe)
        scribe.finish()
        scribe.go_on()
        await work(scribe)
        assert (scribe.final, recogniser.heard, recogniser.frames) == (None, [], 14)

    run_virtual(main())


def test_what_was_known_is_not_forgotten_while_it_is_recognised_again() -> None:
    async def main() -> None:
        scribe = transcriber(CountingRecogniser())
        scribe.begin(120 * FRAME)
        scribe.finish()
        await work(scribe)
        scribe.go_on()
        partials = {scribe.partial}
        for _ in range(20):
            scribe.add(FRAME)
            await scribe.step(0)
            partials.add(scribe.partial)
        assert partials == {"120", "121...", "133..."}
        scribe.begin(FRAME)
        assert scribe.partial == ""

    run_virtual(main())
