"""SpecAugment (Park et al., 2019): hiding stretches of time and bands of frequency from the network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from training.features import FrontEnd, telephone
from training.settings import MaskSettings


class Mask:
    """Hides parts of a batch; bands are hidden in the mel spectrum that the cepstra were made from."""

    def __init__(self, settings: MaskSettings, mean: Tensor, front: FrontEnd = telephone) -> None:
        """`mean` is the average cepstrum, (cepstra,), which is what hidden parts look like."""
        self._settings, self._mean = settings, mean
        self._to_cepstra = torch.from_numpy(front.cosines())
        self._to_mels = torch.from_numpy(np.linalg.pinv(front.cosines()))

    def hide(self, features: Tensor, random: np.random.Generator) -> Tensor:
        """Return `features`, (B, frames, cepstra), with other parts hidden in each chunk."""
        chunks, frames, _ = features.shape
        mels = self._to_mels.shape[0]
        seen = torch.from_numpy(_keep(random, chunks, mels, self._settings.bands, self._settings.widest_mels))
        heard = torch.from_numpy(
            _keep(random, chunks, frames, self._settings.times, self._settings.longest_frames)
        )
        around = (features - self._mean) * heard[:, :, None]
        # one matrix per chunk: to mels, without the hidden ones, and back
        masked = torch.einsum("cm,bm,md->bcd", self._to_cepstra, seen, self._to_mels)
        return torch.bmm(around, masked.transpose(1, 2)) + self._mean


def _keep(
    random: np.random.Generator, chunks: int, size: int, count: int, widest: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return (chunks, size): 0 within `count` stretches of up to `widest`, 1 elsewhere."""
    kept = np.ones((chunks, size), np.float32)
    for row in kept:
        for _ in range(count):
            width = int(random.integers(0, widest + 1))
            start = int(random.integers(0, max(1, size - width)))
            row[start : start + width] = 0
    return kept
