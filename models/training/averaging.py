"""The mean of several checkpoints: better than the last of them (Izmailov et al., 2018)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import nn

from training.batches import Batch
from training.network import Network


def average(network: Network, checkpoints: Sequence[Path]) -> None:
    """Give `network` the mean of the weights in `checkpoints`."""
    states = [torch.load(file, weights_only=True) for file in checkpoints]
    mean = {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(states[0][name].dtype)
        for name in states[0]
    }
    network.load_state_dict(mean)


def recalibrate(network: Network, batches: Iterable[Batch]) -> None:
    """Measure the mean and variance of each unit again, over `batches`: an average network's are its own."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d)]
    momenta = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # for PyTorch that is the plain mean over all batches
        norm.train()
    with torch.no_grad():
        for batch in batches:
            network(batch.features)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
