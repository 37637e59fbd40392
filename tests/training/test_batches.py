"""Chunks of a stream, with what should be heard in them."""

import numpy as np
import pytest
import torch
from training.batches import Batches
from training.shard import Shard

from voicebot.modelling import CLASS_OF, PDFS, first_pdf

pytestmark = pytest.mark.unit

STARTS, PHONES = [0, 30, 45, 60, 100], [0, 5, 6, 0, 7]
FEATURES = np.repeat(np.arange(200, dtype=np.float16)[:, None], 30, axis=1)
SHARD = Shard(FEATURES, np.array(STARTS), np.array(PHONES, np.uint8))
STATES = [first_pdf(CLASS_OF[left], phone) for left, phone in zip([0, *PHONES], PHONES, strict=False)]


def test_a_chunk_has_its_frames_segments_and_states() -> None:
    batch = Batches(SHARD, chunk_frames=30, tolerance=2, context=4).batch(np.array([33, 45]))
    assert batch.features[:, :, 0].tolist() == [[*range(29, 65)], [*range(41, 77)]]
    assert batch.last.tolist() == [2, 1]
    assert batch.first_pdfs[0].tolist() == STATES[1:4]
    assert batch.first_pdfs[1, :2].tolist() == STATES[2:4]
    # outputs lie at frames 33, 36 ...; the first within 3 frames of a border is the segment's first state
    loop = [STATES[1] + 1] * 4 + [STATES[2]] + [STATES[2] + 1] * 4 + [STATES[3]]
    assert batch.labels[0].tolist() == loop


def test_a_segment_may_lie_where_it_was_aligned_give_or_take() -> None:
    batch = Batches(SHARD, chunk_frames=30, tolerance=2, context=4).batch(np.array([33]))
    assert batch.allowed[0].T.int().tolist() == [
        [1, 1, 1, 1, 1, 1, 0, 0, 0, 0],
        [0, 0, 1, 1, 1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
    ]


def test_an_epoch_has_every_chunk_once() -> None:
    batches = Batches(SHARD, chunk_frames=30, tolerance=2, context=4)
    starts = batches.epoch(np.random.default_rng(1), 2)
    assert starts.shape == (batches.chunks // 2, 2)
    assert len(set(starts.ravel().tolist())) == starts.size
    assert starts.min() >= 4 and starts.max() + 30 + 4 <= 200


def test_frequencies_and_sequences_are_of_the_whole_stream() -> None:
    batches = Batches(SHARD, chunk_frames=30, tolerance=2, context=4)
    frequencies = batches.frequencies()
    assert frequencies.sum() == pytest.approx(1)
    # of every third frame, the last segment has 32 of 67 in its loop; each state gets a hundredth besides
    assert frequencies[STATES[4] + 1] == pytest.approx(32.01 / (67 + 0.01 * PDFS))
    assert [one.tolist() for one in batches.phone_sequences()] == [[0, 5, 6, 0]]
    assert isinstance(batches.batch(np.array([33])).features, torch.Tensor)
