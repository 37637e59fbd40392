"""Streams: segments on frames, silences joined."""

from pathlib import Path

import numpy as np
import pytest
from training.corpus import Segment
from training.shard import Shard, in_frames, join, load_shards, save_shard

pytestmark = pytest.mark.unit


def part(frames: int, *segments: tuple[int, int]) -> tuple[np.ndarray, list[tuple[int, int]]]:
    return np.full((frames, 30), frames, np.float16), list(segments)


def test_a_frame_belongs_to_the_segment_its_centre_lies_in() -> None:
    segments = [Segment(5, 0.05, 0.10, 0), Segment(6, 0.10, 0.104, 0), Segment(7, 0.104, 0.2, 0)]
    # centres lie at 12.5, 22.5, ... ms: the short one has the centre at 102.5 ms
    assert in_frames(segments, 30) == [(0, 0), (4, 5), (9, 6), (10, 7), (19, 0)]


def test_a_segment_without_a_centre_is_left_out_and_one_at_the_start_replaces_the_silence() -> None:
    assert in_frames([Segment(5, 0, 0.1, 0), Segment(6, 0.1, 0.101, 0)], 10) == [(0, 5), (9, 0)]


def test_silences_that_meet_are_one() -> None:
    shard = join([part(10, (0, 0), (4, 5), (8, 0)), part(6, (0, 0)), part(8, (0, 0), (2, 5), (4, 5), (6, 0))])
    assert shard.starts.tolist() == [0, 4, 8, 18, 20, 22]
    assert shard.phones.tolist() == [0, 5, 0, 5, 5, 0]
    assert len(shard.features) == 24


def test_shards_are_read_as_they_were_written_one_after_another(tmp_path: Path) -> None:
    shards = [join([part(10, (0, 0), (4, 5))]), join([part(6, (0, 0), (3, 7))])]
    for number, shard in enumerate(shards):
        save_shard(tmp_path / f"{number}.npz", shard)
    both = load_shards(sorted(tmp_path.glob("*.npz")))
    assert isinstance(both, Shard)
    assert both.starts.tolist() == [0, 4, 10, 13]
    assert both.features[:, 0].tolist() == [10] * 10 + [6] * 6
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["0.npz", "1.npz"]
