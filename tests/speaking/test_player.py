import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio import FRAME_BYTES, FRAME_SAMPLES
from voicebot.clock import run_virtual
from voicebot.events import Event, PromptFinished, PromptInterrupted, PromptStarted, Say
from voicebot.speaking import Player

pytestmark = pytest.mark.unit

SILENCE = bytes(FRAME_BYTES)


@dataclass
class Line:
    """What left the player, and when (virtual seconds)."""

    frames: list[tuple[float, bytes]] = field(default_factory=list)
    events: list[tuple[float, Event]] = field(default_factory=list)
    echo: list[bytes] = field(default_factory=list)

    def sound(self) -> list[int]:
        return [at for at, (_, frame) in enumerate(self.frames) if frame != SILENCE]

    def told(self) -> list[Event]:
        return [event for _, event in self.events]


def play(script: Callable[[Player, Line], Awaitable[None]]) -> tuple[Player, Line]:
    """Run `script` beside a player on virtual time."""
    line = Line()

    async def main() -> Player:
        now = asyncio.get_running_loop().time
        player = Player(
            lambda frame: line.frames.append((now(), frame)),
            lambda event: line.events.append((now(), event)),
            line.echo.append,
        )
        task = asyncio.create_task(player.run())
        await script(player, line)
        task.cancel()
        return player

    return run_virtual(main()), line


def say(prompt: int, *, interruptible: bool = True) -> Say:
    return Say(prompt, f"prompt_{prompt}", "Hallo.", interruptible=interruptible)


def tone(frames: float) -> np.ndarray:
    return np.full(int(frames * FRAME_SAMPLES), 1000, np.int16)


def test_silence_flows_from_the_first_moment_every_20_ms() -> None:
    async def wait(player: Player, line: Line) -> None:
        await asyncio.sleep(1.01)

    player, line = play(wait)
    assert [round(at, 6) for at, _ in line.frames] == [round(0.02 * n, 6) for n in range(51)]
    assert {frame for _, frame in line.frames} == {SILENCE}
    assert (player.frames_sent, player.frames_late) == (51, 0)
    assert line.echo == [frame for _, frame in line.frames]


def test_prompt_is_sent_whole_and_told() -> None:
    async def one(player: Player, line: Line) -> None:
        await asyncio.sleep(0.05)
        player.play(say(7), tone(2.5))
        assert player.current is None
        await asyncio.sleep(0.03)
        assert player.current == 7
        await asyncio.sleep(0.1)
        assert player.current is None

    _, line = play(one)
    assert line.sound() == [3, 4, 5]
    assert line.frames[5][1] == tone(0.5).tobytes().ljust(FRAME_BYTES, b"\0")
    started, finished = line.events
    assert started == (line.frames[3][0], PromptStarted(7, "prompt_7", "Hallo.", {}))
    assert finished == (line.frames[5][0], PromptFinished(7))


def test_prompts_follow_each_other_after_a_breath() -> None:
    async def two(player: Player, line: Line) -> None:
        player.play(say(1), tone(2))
        player.play(say(2), tone(2))
        await asyncio.sleep(0.5)

    _, line = play(two)
    assert line.sound() == [0, 1, 9, 10]
    assert line.told() == [
        PromptStarted(1, "prompt_1", "Hallo."),
        PromptFinished(1),
        PromptStarted(2, "prompt_2", "Hallo."),
        PromptFinished(2),
    ]


def test_pieces_of_one_prompt_are_one_prompt() -> None:
    async def pieces(player: Player, line: Line) -> None:
        player.queue(say(1))
        await asyncio.sleep(0.03)
        player.feed(1, tone(1.5))
        player.feed(1, tone(1))
        await asyncio.sleep(0.1)
        player.feed(1, tone(1))
        player.complete(1)
        await asyncio.sleep(0.1)

    _, line = play(pieces)
    assert line.sound() == [2, 3, 4, 7]
    assert line.told() == [PromptStarted(1, "prompt_1", "Hallo."), PromptFinished(1)]


def test_empty_prompt_is_told_too() -> None:
    async def empty(player: Player, line: Line) -> None:
        player.play(say(1), tone(0))
        await asyncio.sleep(0.05)

    _, line = play(empty)
    assert line.sound() == []
    assert line.told() == [PromptStarted(1, "prompt_1", "Hallo."), PromptFinished(1)]


def test_stop_silences_within_a_frame_and_forgets_the_queue() -> None:
    async def stop(player: Player, line: Line) -> None:
        player.play(say(1), tone(50))
        player.play(say(2), tone(50))
        await asyncio.sleep(0.09)
        player.stop()
        await asyncio.sleep(0.5)

    _, line = play(stop)
    assert line.sound() == [0, 1, 2, 3, 4, 5]
    fade = np.frombuffer(line.frames[5][1], np.int16)
    assert (np.diff(fade) <= 0).all()
    assert not fade[40:].any()
    assert line.told() == [
        PromptStarted(1, "prompt_1", "Hallo."),
        PromptInterrupted(1, heard_ms=100),
        PromptInterrupted(2, heard_ms=0),
    ]


def test_stop_spares_what_may_not_be_interrupted() -> None:
    async def stop(player: Player, line: Line) -> None:
        player.play(say(1, interruptible=False), tone(50))
        player.play(say(2), tone(50))
        await asyncio.sleep(0.05)
        player.stop()
        assert player.current == 1
        assert not player.wants(2)
        await asyncio.sleep(2)

    _, line = play(stop)
    assert line.told()[1:] == [PromptInterrupted(2, 0), PromptFinished(1)]


def test_prompt_after_a_stop_starts_clean() -> None:
    async def stop(player: Player, line: Line) -> None:
        player.play(say(1), tone(50))
        await asyncio.sleep(0.03)
        player.stop()
        player.play(say(2), tone(1))
        await asyncio.sleep(0.5)

    _, line = play(stop)
    assert line.sound() == [0, 1, 2, 9]  # two frames, the fade, a breath, the new prompt


def ramp(frames: int) -> np.ndarray:
    """Samples that are all different: 1, 2, 3, ..."""
    return np.arange(1, frames * FRAME_SAMPLES + 1).astype(np.int16)


def test_a_paused_prompt_goes_on_with_its_last_word_again() -> None:
    async def pause(player: Player, line: Line) -> None:
        player.play(say(1), ramp(50))
        await asyncio.sleep(0.39)
        player.pause()
        await asyncio.sleep(0.3)
        player.resume()
        await asyncio.sleep(2)

    _, line = play(pause)
    quiet = [at for at, (_, frame) in enumerate(line.frames[:60]) if frame == SILENCE]
    assert quiet == list(range(21, 35))
    paused, again = (np.frombuffer(line.frames[at][1], np.int16) for at in (19, 36))
    assert 0 < paused[-1] - again[0] < 8 * 200
    assert line.told() == [PromptStarted(1, "prompt_1", "Hallo."), PromptFinished(1)]


def test_a_pause_holds_what_is_queued_but_not_what_may_not_be_interrupted() -> None:
    async def pause(player: Player, line: Line) -> None:
        player.play(say(1, interruptible=False), tone(10))
        player.play(say(2), tone(10))
        await asyncio.sleep(0.05)
        player.pause()
        await asyncio.sleep(1)
        assert line.told()[1:] == [PromptFinished(1)]
        player.resume()
        await asyncio.sleep(1)

    _, line = play(pause)
    assert len(line.sound()) == 20
    assert line.told()[-1] == PromptFinished(2)


def test_a_paused_prompt_that_is_stopped_makes_no_more_sound() -> None:
    async def pause(player: Player, line: Line) -> None:
        player.play(say(1), tone(50))
        await asyncio.sleep(0.09)
        player.pause()
        await asyncio.sleep(0.2)
        player.stop()
        await asyncio.sleep(0.5)
        player.play(say(2), tone(1))
        await asyncio.sleep(0.2)

    _, line = play(pause)
    assert line.sound()[:6] == [0, 1, 2, 3, 4, 5]
    assert len(line.sound()) == 7
    assert PromptInterrupted(1, heard_ms=100) in line.told()


def test_what_was_decided_too_soon_is_taken_back_whatever_it_is() -> None:
    async def back(player: Player, line: Line) -> None:
        player.play(say(1), tone(5))
        player.play(say(2, interruptible=False), tone(50))
        await asyncio.sleep(0.5)
        player.take_back(1)
        await asyncio.sleep(0.2)

    _, line = play(back)
    assert [type(event) for event in line.told()] == [
        *(PromptStarted, PromptFinished),
        *(PromptStarted, PromptInterrupted),
    ]


def test_sound_for_a_stopped_prompt_is_ignored() -> None:
    async def stop(player: Player, line: Line) -> None:
        player.queue(say(1))
        player.stop()
        player.feed(1, tone(5))
        player.complete(1)
        await asyncio.sleep(0.2)

    _, line = play(stop)
    assert line.sound() == []
    assert line.told() == [PromptInterrupted(1, 0)]


def test_stopping_from_the_start_event_is_safe() -> None:
    events: list[Event] = []

    async def main() -> None:
        def on_event(event: Event) -> None:
            events.append(event)
            if isinstance(event, PromptStarted):
                player.stop()

        player = Player(lambda frame: None, on_event, lambda frame: None)
        task = asyncio.create_task(player.run())
        player.play(say(1), tone(1))
        await asyncio.sleep(0.2)
        assert not task.done()
        task.cancel()

    run_virtual(main())
    assert events == [PromptStarted(1, "prompt_1", "Hallo."), PromptInterrupted(1, 20)]


def test_frames_missed_in_a_stall_are_not_caught_up() -> None:
    async def stall(player: Player, line: Line) -> None:
        player.play(say(1), tone(10))
        await asyncio.sleep(0.05)
        asyncio.get_running_loop()._jumping.seconds += 0.105  # type: ignore[attr-defined]
        await asyncio.sleep(0.3)

    player, line = play(stall)
    times = [at for at, _ in line.frames]
    assert player.frames_late == 4
    assert min(b - a for a, b in pairwise(times)) > 0.004
    assert all(abs(at / 0.02 - round(at / 0.02)) < 1e-6 for at in times if not 0.15 < at < 0.159)
    assert len(line.sound()) == 10  # the prompt is late, not damaged


@given(st.lists(st.sampled_from(["play", "fixed", "stop", "pause", "resume", "wait"]), max_size=25))
def test_every_prompt_ends_exactly_once(steps: list[str]) -> None:
    async def script(player: Player, line: Line) -> None:
        for prompt, step in enumerate(steps, start=1):
            match step:
                case "play" | "fixed":
                    player.play(say(prompt, interruptible=step == "play"), tone(3))
                case "stop":
                    player.stop()
                case "pause":
                    player.pause()
                case "resume":
                    player.resume()
                case _:
                    await asyncio.sleep(0.05)
        player.resume()
        await asyncio.sleep(10)

    _, line = play(script)
    queued = [n for n, step in enumerate(steps, start=1) if step in ("play", "fixed")]
    ended = [e.prompt for e in line.told() if isinstance(e, PromptFinished | PromptInterrupted)]
    started = [e.prompt for e in line.told() if isinstance(e, PromptStarted)]
    assert sorted(ended) == queued
    assert started == sorted(started)
    heard = [e.prompt for e in line.told() if isinstance(e, PromptFinished)]
    assert set(heard) <= set(started)
