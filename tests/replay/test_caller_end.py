"""What the caller does, 20 ms at a time."""

import numpy as np
import pytest

from voicebot.replay import Turn
from voicebot.replay.caller_end import SILENCE, CallerEnd, Doing
from voicebot.replay.fixture import LineSpec
from voicebot.replay.line import LineSimulator

pytestmark = pytest.mark.unit

VOICE = np.full(160, 3000, np.int16).tobytes()
CLEAR = LineSpec(codec="none", band=False)
LOSSY = LineSpec(codec="none", band=False, loss_percent=50, loss_burst=1)


def do(turns: list[Turn], heard: str, spec: LineSpec = CLEAR) -> tuple[list[Doing], CallerEnd]:
    """Hear ``v``oice or ``.`` quiet; return what was done at each."""
    end = CallerEnd(turns, LineSimulator(spec, np.zeros(160), seed="proef"))
    frames = [VOICE if frame == "v" else SILENCE for frame in heard]
    return [end.tick(frame, 20 * number) for number, frame in enumerate(frames)], end


def said(samples: int) -> Turn:
    return Turn(np.full(samples, 500, np.int16), after_s=0.04)


def test_a_turn_is_said_whole_with_silence_around_it() -> None:
    done, end = do([said(200)], "v......")
    heard = np.frombuffer(b"".join(doing.frame or b"" for doing in done), np.int16)
    assert heard.tolist() == [0] * 320 + [500] * 200 + [0] * (5 * 160 - 200)
    assert [(turn.start_ms, turn.end_ms) for turn in end.turns] == [(40, 65)]


def test_keys_come_after_what_is_said_and_no_sound_is_sent_meanwhile() -> None:
    done, end = do([Turn(np.full(160, 500, np.int16), keys="1#", after_s=0.02)], "v" + "." * 30)
    pressed = [(number, doing.key) for number, doing in enumerate(done) if doing.key]
    assert pressed == [(2, "1"), (14, "#")]
    assert all((doing.frame is None) is doing.pressing for doing in done)
    assert sum(doing.pressing for doing in done) == 24
    assert end.turns[0].end_ms - end.turns[0].start_ms == 20 + 2 * 240


def test_the_next_turn_waits_until_the_keys_are_done() -> None:
    done, _ = do([Turn(keys="12", after_s=0.02), said(160)], "v.v" + "." * 40 + "v...")
    assert done[-2].frame != SILENCE
    assert all(doing.frame in (None, SILENCE) for doing in done[:-2])


def test_hanging_up_is_the_last_thing() -> None:
    done, _ = do([Turn(hangs_up=True, after_s=0.02)], "v.")
    assert done == [Doing(SILENCE), Doing(hangs_up=True)]


def test_lost_frames_do_not_arrive_but_both_sides_stay_in_step() -> None:
    done, end = do([], "v" * 200, LOSSY)
    assert 0 < sum(doing.frame is None for doing in done) < 200
    both = end.both()
    assert len(both[0]) == len(both[1]) == 200 * 160
