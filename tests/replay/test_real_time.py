"""What arrives from the bot in pieces is heard in frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.replay.caller_end import SILENCE
from voicebot.replay.real_time import Heard

pytestmark = pytest.mark.unit


@given(st.lists(st.integers(1, 200), max_size=15))
def test_pieces_come_out_in_order_as_frames(sizes: list[int]) -> None:
    heard, sound = Heard(), b""
    for number, size in enumerate(sizes, start=1):
        piece = bytes([number]) * 2 * size
        heard.push(piece)
        sound += piece
    frames = []
    while (frame := heard.next_frame()) != SILENCE:
        frames.append(frame)
    kept = sound[-3200:]
    assert b"".join(frames) == kept[: len(kept) // 320 * 320]


def test_nothing_arrived_is_silence() -> None:
    assert Heard().next_frame() == SILENCE
