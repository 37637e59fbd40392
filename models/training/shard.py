"""A stream of features with the phone at each frame, on disk: what the network learns from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.corpus import Segment
from training.features import FRAME_CENTRE_S, FRAME_S
from training.manifest import whole_file


@dataclass(frozen=True, slots=True)
class Shard:
    """Utterances one after another, with silence between them."""

    features: NDArray[np.float16]
    """Shape (frames, cepstra)."""
    starts: NDArray[np.int64]
    """The first frame of each segment, ascending from 0: shape (segments,)."""
    phones: NDArray[np.uint8]
    """The phone of each segment, never silence twice in a row: shape (segments,)."""


def join(parts: Iterable[tuple[NDArray[np.float16], Iterable[tuple[int, int]]]]) -> Shard:
    """Join features with their (first frame, phone) pairs, the first of which is at frame 0."""
    features: list[NDArray[np.float16]] = []
    starts: list[int] = []
    phones: list[int] = []
    frames = 0
    for some, segments in parts:
        features.append(some)
        for start, phone in segments:
            if phones and phone == phones[-1] == 0:
                continue
            starts.append(frames + start)
            phones.append(phone)
        frames += len(some)
    return Shard(np.concatenate(features), np.array(starts, np.int64), np.array(phones, np.uint8))


def in_frames(segments: Iterable[Segment], frames: int) -> list[tuple[int, int]]:
    """Return (first frame, phone) of what is heard in so many frames, silence around `segments` included.

    A frame belongs to the segment in which its centre lies.
    """
    placed: list[tuple[int, int]] = [(0, 0)]
    end = 0
    for segment in segments:
        start, end = (round_up((edge - FRAME_CENTRE_S) / FRAME_S) for edge in (segment.start, segment.end))
        if end > max(0, start) and start < frames:
            placed.append((max(0, start), segment.phone))
    if end < frames:
        placed.append((max(0, end), 0))
    first = {start: (start, phone) for start, phone in placed}
    return sorted(first.values())


def round_up(value: float) -> int:
    """Return the least whole number not below `value`, with a hair's breadth for rounding errors."""
    return int(np.ceil(value - 1e-9))


def save_shard(file: Path, shard: Shard) -> None:
    """Write `shard` as one file, which is there whole or not at all."""
    with whole_file(file) as out:
        np.savez(out, features=shard.features, starts=shard.starts, phones=shard.phones)


def load_shards(files: Iterable[Path]) -> Shard:
    """Read shards, and join them."""
    loaded = [np.load(file) for file in files]
    pairs = (
        (one["features"], zip(one["starts"].tolist(), one["phones"].tolist(), strict=True)) for one in loaded
    )
    return join(pairs)
