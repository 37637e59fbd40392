import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio import FRAME_BYTES, Framer, to_samples

pytestmark = pytest.mark.unit


@given(st.lists(st.integers(0, 3 * FRAME_BYTES), max_size=12))
def test_any_pieces_become_the_same_whole_frames(sizes: list[int]) -> None:
    sound = np.random.default_rng(len(sizes)).bytes(sum(sizes))
    framer, frames, place = Framer(), [], 0
    for size in sizes:
        frames += framer.push(sound[place : place + size])
        place += size
    assert all(len(frame) == FRAME_BYTES for frame in frames)
    assert b"".join(frames) == sound[: len(sound) - len(sound) % FRAME_BYTES]


def test_rounds_and_clips() -> None:
    assert to_samples(np.array([1.6, -1.6, 4e4, -4e4])).tolist() == [2, -2, 32767, -32768]
