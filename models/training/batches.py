"""Pieces of a stream as the network takes them, with what it should have heard."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.shard import Shard
from voicebot.modelling import CLASS_OF, PDFS, first_pdf

SUBSAMPLING: Final = 3
"""Frames of 10 ms for each output of the network."""
_JITTER: Final = 8
"""Frames by which the grid of chunks moves from epoch to epoch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """B chunks of T outputs; S is the most segments in one of them."""

    features: Tensor
    """(B, 3 T - 2 + 2 context, cepstra)."""
    first_pdfs: Tensor
    """(B, S) the state of each segment's first output; the next number is its loop."""
    allowed: Tensor
    """(B, T, S) where a segment may lie."""
    last: Tensor
    """(B,) which segment is the last."""
    labels: Tensor
    """(B, T) the state at each output, as aligned."""


class Batches:
    """Cuts a stream into chunks of equal length."""

    def __init__(self, shard: Shard, chunk_frames: int, tolerance: int, context: int) -> None:
        """`tolerance` is in outputs, `context` in frames that the network needs on both sides of a chunk."""
        self.shard, self._frames, self._tolerance, self._context = shard, chunk_frames, tolerance, context
        left = np.array(CLASS_OF)[np.concatenate([[0], shard.phones[:-1]])]
        pairs = zip(left.tolist(), shard.phones.tolist(), strict=True)
        self._pdfs = np.array([first_pdf(kind, phone) for kind, phone in pairs])
        self._ends = np.append(shard.starts[1:], len(shard.features))
        self._segment_at = np.repeat(np.arange(len(shard.starts)), self._ends - shard.starts)

    @property
    def chunks(self) -> int:
        """How many chunks an epoch has."""
        return max(0, (len(self.shard.features) - 2 * self._context - _JITTER) // self._frames)

    def epoch(self, random: np.random.Generator, size: int) -> NDArray[np.int64]:
        """Return where the chunks of an epoch begin, in random order: (batches, size); a rest is left out."""
        starts = (
            self._context + int(random.integers(_JITTER)) + self._frames * random.permutation(self.chunks)
        )
        whole = self.chunks - self.chunks % size
        return starts[:whole].reshape(-1, size)

    def batch(self, starts: NDArray[np.int64]) -> Batch:
        """Return the chunks that begin at these frames."""
        outputs = SUBSAMPLING * np.arange(self._frames // SUBSAMPLING)
        reach = outputs[-1] + 1 + 2 * self._context
        frames = (starts - self._context)[:, None] + np.arange(reach)
        first, last = self._segment_at[starts], self._segment_at[starts + outputs[-1]]
        segments = np.minimum(first[:, None] + np.arange(int((last - first).max()) + 1), len(self._pdfs) - 1)
        at = starts[:, None] + outputs
        segment = self._segment_at[at]
        is_loop = at - self.shard.starts[segment] >= SUBSAMPLING
        return Batch(
            features=torch.from_numpy(self.shard.features[frames].astype(np.float32)),
            first_pdfs=torch.from_numpy(self._pdfs[segments]),
            allowed=torch.from_numpy(self._allowed(starts, segments, last - first)),
            last=torch.from_numpy(last - first),
            labels=torch.from_numpy(self._pdfs[segment] + is_loop),
        )

    def _allowed(
        self, starts: NDArray[np.int64], segments: NDArray[np.int64], last: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return (B, T, S): where each segment may lie, which is where it was aligned, give or take."""
        begin = (self.shard.starts[segments] - starts[:, None]) / SUBSAMPLING - self._tolerance
        end = (self._ends[segments] - starts[:, None]) / SUBSAMPLING + self._tolerance
        time = np.arange(self._frames // SUBSAMPLING)[None, :, None]
        is_real = np.arange(segments.shape[1]) <= last[:, None]
        allowed: NDArray[np.bool_] = (time >= begin[:, None]) & (time < end[:, None]) & is_real[:, None]
        return allowed

    def frequencies(self) -> NDArray[np.float64]:
        """Return how often each state is seen, adding up to 1: shape (PDFS,); never 0."""
        at = np.arange(0, len(self.shard.features), SUBSAMPLING)
        segment = self._segment_at[at]
        states = self._pdfs[segment] + (at - self.shard.starts[segment] >= SUBSAMPLING)
        counts = np.bincount(states, minlength=PDFS) + 1e-2
        frequencies: NDArray[np.float64] = counts / counts.sum()
        return frequencies

    def phone_sequences(self) -> list[NDArray[np.uint8]]:
        """Return what is said between one silence and the next, both included."""
        silences = np.flatnonzero(self.shard.phones == 0)
        return [self.shard.phones[start : end + 1] for start, end in pairwise(silences.tolist())]
