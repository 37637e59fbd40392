"""The acoustic network: a factorised time-delay neural network (TDNN-F; Povey et al., Interspeech 2018)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.batches import SUBSAMPLING
from training.features import Floats, telephone
from training.settings import NetworkSettings
from voicebot.modelling import PDFS

BYPASS: Final = 0.66
"""How much of a layer's input goes past it."""
VARIANCE_FLOOR: Final = 1e-3
_MOMENTUM: Final = 0.02
_RAREST: Final = -10.0


class Network(nn.Module):
    """TDNN-F with a second output for cross-entropy; all but the first layers run once in 30 ms."""

    mean: Tensor
    scale: Tensor

    def __init__(self, settings: NetworkSettings, cepstra: int = telephone.cepstra) -> None:
        super().__init__()
        width, bottleneck, dropout = settings.width, settings.bottleneck, settings.dropout
        self.offsets = settings.offsets
        self.register_buffer("mean", torch.zeros(cepstra))
        self.register_buffer("scale", torch.ones(cepstra))
        self.first = Rectified(3 * cepstra, width, dropout)
        self.layers = nn.ModuleList(
            Factorised(width, bottleneck, offset, dropout) for offset in settings.offsets
        )
        self.shared = _linear(width, bottleneck)
        self.chain = Head(bottleneck, width, settings.output_bottleneck, dropout)
        self.cross_entropy = Head(bottleneck, width, settings.output_bottleneck, dropout)

    @property
    def context(self) -> int:
        """Frames that must be given before the first output's frame and after the last one's."""
        return 1 + sum(self.offsets)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return both outputs for `features`, (B, 3 T - 2 + 2 context, cepstra): each (B, T, PDFS)."""
        normal = (features - self.mean) * self.scale
        hidden = self.first(torch.cat([normal[:, :-2], normal[:, 1:-1], normal[:, 2:]], dim=2))
        is_fast = True
        for offset, layer in zip(self.offsets, self.factorised(), strict=True):
            if is_fast and offset == SUBSAMPLING:
                hidden, is_fast = hidden[:, ::SUBSAMPLING], False
            hidden = layer(hidden)
        shared = functional.linear(hidden, self.shared)
        return self.chain(shared), self.cross_entropy(shared)

    def factorised(self) -> Iterator[Factorised]:
        """Yield the TDNN-F layers, lowest first."""
        for layer in self.layers:
            assert isinstance(layer, Factorised)
            yield layer

    def outputs(self) -> list[nn.Parameter]:
        """Return what leads to our states from the last hidden layers: no other language's network has it."""
        heads = (self.chain, self.cross_entropy)
        return [part for head in heads for part in (head.narrow, head.weight, head.bias)]

    def start(self, features: Floats, frequencies: NDArray[np.float64]) -> None:
        """Normalise the input over `features`, (frames, cepstra); expect states at their `frequencies`."""
        values = torch.from_numpy(features)
        self.mean.copy_(values.mean(0))
        self.scale.copy_(1 / values.std(0))
        with torch.no_grad():
            self.cross_entropy.bias.copy_(torch.from_numpy(np.log(frequencies)).clamp_min(_RAREST))

    def keep_semi_orthogonal(self) -> None:
        """Bring each narrow matrix closer to a multiple of a semi-orthogonal one (as in that paper)."""
        with torch.no_grad():
            for layer in self.factorised():
                product = layer.linear @ layer.linear.T
                scale = (product @ product).trace() / product.trace()
                product.diagonal().sub_(scale)
                layer.linear.sub_(product @ layer.linear, alpha=float(0.5 / scale))


class Rectified(nn.Module):
    """An affine layer, ReLU, normalisation of each unit (batch normalisation without parameters), dropout."""

    def __init__(self, inputs: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.weight = _linear(inputs, outputs)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.norm = nn.BatchNorm1d(outputs, eps=VARIANCE_FLOOR, momentum=_MOMENTUM, affine=False)
        self.dropout = dropout

    def forward(self, inputs: Tensor) -> Tensor:
        """Return (B, T, outputs) for (B, T, inputs)."""
        active = functional.relu(functional.linear(inputs, self.weight, self.bias))
        normal: Tensor = self.norm(active.flatten(0, 1)).view_as(active)
        if not (self.training and self.dropout):
            return normal
        # Kaldi's continuous dropout: a factor around 1 for each unit, the same all through a chunk
        noise = torch.rand(normal.shape[0], 1, normal.shape[2], dtype=normal.dtype)
        return normal * (1 + self.dropout * (2 * noise - 1))


class Factorised(nn.Module):
    """A TDNN-F layer: a narrow matrix over (t - offset, t), a wide one over (t, t + offset), and a bypass."""

    def __init__(self, width: int, bottleneck: int, offset: int, dropout: float) -> None:
        super().__init__()
        self.step = 1 if offset == SUBSAMPLING else offset
        times = 2 if offset else 1
        self.linear = _linear(times * width, bottleneck)
        self.affine = Rectified(times * bottleneck, width, dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return (B, T - 2 step, width) for (B, T, width)."""
        narrow = functional.linear(_beside(hidden, self.step), self.linear)
        changed: Tensor = self.affine(_beside(narrow, self.step))
        middle = hidden[:, self.step : -self.step] if self.step else hidden
        return changed + BYPASS * middle


class Head(nn.Module):
    """From the shared bottleneck to the states."""

    def __init__(self, inputs: int, width: int, bottleneck: int, dropout: float) -> None:
        super().__init__()
        self.affine = Rectified(inputs, width, dropout)
        self.narrow = _linear(width, bottleneck)
        self.weight = nn.Parameter(torch.zeros(PDFS, bottleneck))
        self.bias = nn.Parameter(torch.zeros(PDFS))

    def forward(self, shared: Tensor) -> Tensor:
        """Return (B, T, PDFS) for (B, T, inputs)."""
        return functional.linear(functional.linear(self.affine(shared), self.narrow), self.weight, self.bias)


def _beside(hidden: Tensor, step: int) -> Tensor:
    """Return each time step next to the one `step` later: (B, T - step, 2 width)."""
    return torch.cat([hidden[:, :-step], hidden[:, step:]], dim=2) if step else hidden


def _linear(inputs: int, outputs: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(outputs, inputs) / math.sqrt(inputs))
