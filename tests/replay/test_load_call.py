"""One call of a load test, in virtual time, with a bot that does as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from voicebot.audio import FRAME_BYTES, FRAME_SAMPLES, RATE
from voicebot.clock import run_virtual
from voicebot.errors import TelephonyError
from voicebot.replay import Fixture, Script, Turn
from voicebot.replay.caller_end import SILENCE, Doing
from voicebot.replay.fixture import TurnSpec
from voicebot.replay.load_call import LoadCall, load_call
from voicebot.replay.real_time import Heard

pytestmark = pytest.mark.unit

VOICE = np.full(FRAME_SAMPLES, 3000, np.int16).tobytes()
SAID = Turn(np.full(RATE, 3000, np.int16))
LEAVES = Turn(hangs_up=True, after_s=2.0)


@dataclass
class Line:
    """Speaks from and to these seconds of the call; then hands the caller back, or drops them, or neither."""

    speaks: list[tuple[float, float]] = field(default_factory=list)
    ends_at: float = float("inf")
    lost: bool = False
    silent: bool = False
    """Sends nothing at all."""

    lead_ms = 0
    packets = None

    def __post_init__(self) -> None:
        self.heard = Heard()
        self.gone = asyncio.Event()
        self.doings: list[Doing] = []
        self._left_at: list[float] = []

    def send(self, doing: Doing) -> bool:
        self.doings.append(doing)
        self._left_at.append(asyncio.get_running_loop().time())
        return doing.frame is not None

    def left_at(self, number: int) -> float | None:
        return self._left_at[number] if number < len(self._left_at) else None

    @asynccontextmanager
    async def line(self) -> AsyncIterator["Line"]:
        speaking = asyncio.create_task(self._speak())
        yield self
        speaking.cancel()

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < self.ends_at:
            speaks = any(begin <= loop.time() < end for begin, end in self.speaks)
            if not self.silent:
                self.heard.push(VOICE if speaks else SILENCE)
            await asyncio.sleep(0.02)
        self.gone.set()


class Refuses:
    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        raise TelephonyError("busy")
        yield


def call(line: Line | Refuses, *turns: Turn) -> LoadCall:
    fixture = Fixture(call="x", bot="webshop", turns=(TurnSpec(),))
    script = Script(fixture, turns, np.zeros(FRAME_SAMPLES))
    return run_virtual(load_call(line, script))  # type: ignore[arg-type]


def test_a_caller_is_greeted_answered_and_leaves() -> None:
    line = Line(speaks=[(0.1, 2.0), (4.0, 6.0)])
    had = call(line, SAID, LEAVES)
    assert had.outcome == "completed"
    assert had.times.greeting_ms == pytest.approx(100, abs=25)
    # speaks 0.7 s after 2.0 for 1 s; in the wire's 20 ms: see `said_spans`
    assert had.times.response_ms == (pytest.approx(300, abs=45),)
    assert (had.times.missed, had.times.talked_over) == (0, 0)
    assert had.seconds == pytest.approx(8, abs=0.1)
    assert had.frames == pytest.approx(8 / 0.02, abs=5)
    assert (had.frames_late, had.frames_withheld) == (0, 0)
    assert all(len(doing.frame or b"") == FRAME_BYTES for doing in line.doings)


def test_what_is_said_but_never_answered_is_missed() -> None:
    had = call(Line(speaks=[(0.1, 2.0)], ends_at=30), SAID, LEAVES)
    assert (had.outcome, had.times.missed, had.times.response_ms) == ("completed", 1, ())


def test_frames_under_a_key_are_withheld() -> None:
    had = call(Line(speaks=[(0.1, 2.0), (4.0, 6.0)]), Turn(keys="12"), LEAVES)
    assert had.frames_withheld == 2 * 240 // 20
    assert had.times.missed == 0


def test_a_bot_that_says_nothing_does_not_answer() -> None:
    had = call(Line(), SAID)
    assert had.outcome == "unanswered"
    assert had.seconds == pytest.approx(10, abs=0.1)
    assert had.times.greeting_ms is None


def test_a_call_that_goes_on_and_on_is_left() -> None:
    had = call(Line(speaks=[(1, 1000)]), SAID)
    assert had.outcome == "endless"
    assert had.seconds == pytest.approx(180, abs=0.1)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (Line(speaks=[(0.1, 9)], ends_at=2), "completed"),
        (Line(speaks=[(0.1, 9)], ends_at=2, lost=True), "lost"),
        (Line(silent=True, ends_at=0.1, lost=True), "refused"),
        (Line(silent=True, ends_at=0.1), "refused"),
        (Refuses(), "refused"),
    ],
    ids=["handed back", "dropped", "closed at once", "handed back at once", "not put through"],
)
def test_how_a_line_ends_is_how_the_call_went(line: Line | Refuses, outcome: str) -> None:
    assert call(line, SAID).outcome == outcome
