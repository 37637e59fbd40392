"""A trained network as Kaldi's nnet3 (kaldi/src/nnet3), as libvosk loads it from am/final.mdl.

Kaldi needs no normalisation layers then: after a ReLU each unit is ``a * max(0, x) + b`` with a > 0, which is
``max(0, a * x) + b``, so a goes into the affine layer before it and b into the one after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.kaldi_binary import (
    HEADER,
    boolean,
    compressed_matrix,
    enclosed,
    integer,
    integers,
    real,
    tagged,
    token,
    vector,
)
from training.network import BYPASS, Factorised, Head, Network, Rectified
from voicebot.modelling import KALDI_PHONES, TRANSITION_STATES

Array = NDArray[np.float64]


def final_mdl(network: Network) -> bytes:
    """Return the content of am/final.mdl: transition model and network."""
    return HEADER + _transition_model() + _nnet3(network)


def _transition_model() -> bytes:
    """Return the chain topology: one state a phone, one output for its first frame, one for its loop."""
    phones = len(KALDI_PHONES)
    even = real(0.5)
    state = integer(0) + integer(1) + integer(2) + integer(0) + even + integer(1) + even
    final_state = integer(-1) + integer(-1) + integer(0)
    with_loops_apart = integer(-1)
    entries = with_loops_apart + integer(1) + integer(2) + state + final_state
    topology = enclosed("Topology", integers(range(1, phones + 1)), integers([-1] + [0] * phones), entries)
    rows = (
        integer(row.kaldi_phone) + integer(0) + integer(row.forward_pdf) + integer(row.loop_pdf)
        for row in TRANSITION_STATES
    )
    tuples = enclosed("Tuples", integer(len(TRANSITION_STATES)), *rows)
    log_probabilities = enclosed("LogProbs", vector([0.0] + [np.log(0.5)] * (2 * len(TRANSITION_STATES))))
    return enclosed("TransitionModel", topology, tuples, log_probabilities)


def _nnet3(network: Network) -> bytes:
    graph = _Graph(len(network.mean))
    top, shift = _hidden(network, graph)
    head = network.chain
    zeros = np.zeros(len(network.shared))
    shared = graph.add("prefinal.linear", top, _fixed_affine(_array(network.shared), zeros))
    _output(head, graph, shared, _array(network.shared) @ shift)
    return tagged(
        "Nnet3",
        b"\n" + "\n".join(graph.config).encode() + b"\n\n",
        tagged("NumComponents", integer(len(graph.components)), *graph.components),
        token("</Nnet3>"),
        *(tagged(side, integer(network.context)) for side in ("LeftContext", "RightContext")),
        tagged("Priors", vector(())),
    )


@dataclass
class _Graph:
    """Components, and the configuration that says how they hang together."""

    inputs: int
    config: list[str] = field(init=False)
    components: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.config = [f"input-node name=input dim={self.inputs}"]

    def add(self, name: str, source: str, component: bytes) -> str:
        """Add `component`, which is fed `source`; return its name."""
        self.config.append(f"component-node name={name} component={name} input={source}")
        self.components.append(tagged("ComponentName", token(name), component))
        return name


def _hidden(network: Network, graph: _Graph) -> tuple[str, Array]:
    """Add all layers below the output; return the top one, and what each of its units still lacks."""
    scale, shift = _normalisation(network.first)
    mean, inverse_deviation = (np.tile(_array(values), 3) for values in (network.mean, network.scale))
    weight = _array(network.first.weight) * inverse_deviation
    bias = _array(network.first.bias) - weight @ mean
    spliced = "Append(Offset(input, -1), input, Offset(input, 1))"
    top = graph.add("tdnn1.affine", spliced, _fixed_affine(scale[:, None] * weight, scale * bias))
    top = graph.add("tdnn1.relu", top, _relu(len(bias)))
    for number, (offset, layer) in enumerate(
        zip(network.offsets, network.factorised(), strict=True), start=2
    ):
        top, shift = _factorised(f"tdnnf{number}", offset, layer, graph, top, shift)
    return top, shift


def _factorised(
    name: str, offset: int, layer: Factorised, graph: _Graph, below: str, shift: Array
) -> tuple[str, Array]:
    """Add one TDNN-F layer; `shift` is what each unit of `below` lacks."""
    times = 2 if offset else 1
    before, after = ([-offset, 0], [0, offset]) if offset else ([0], [0])
    linear, weight = _array(layer.linear), _array(layer.affine.weight)
    bias = _array(layer.affine.bias) + weight @ np.tile(linear @ np.tile(shift, times), times)
    scale, own_shift = _normalisation(layer.affine)
    narrow = graph.add(f"{name}.linear", below, _tdnn(before, linear, np.zeros(0)))
    wide = graph.add(f"{name}.affine", narrow, _tdnn(after, scale[:, None] * weight, scale * bias))
    active = graph.add(f"{name}.relu", wide, _relu(len(bias)))
    summed = graph.add(f"{name}.noop", f"Sum(Scale({BYPASS}, {below}), {active})", _no_op(len(bias)))
    return summed, own_shift + BYPASS * shift


def _output(head: Head, graph: _Graph, shared: str, shift: Array) -> None:
    weight = _array(head.affine.weight)
    bias = _array(head.affine.bias) + weight @ shift
    scale, own_shift = _normalisation(head.affine)
    narrow, last = _array(head.narrow), _array(head.weight)
    wide = graph.add("prefinal.affine", shared, _fixed_affine(scale[:, None] * weight, scale * bias))
    active = graph.add("prefinal.relu", wide, _relu(len(bias)))
    below = graph.add("output.linear", active, _fixed_affine(narrow, np.zeros(len(narrow))))
    states = _fixed_affine(last, _array(head.bias) + last @ (narrow @ own_shift))
    name = graph.add("output.affine", below, states)
    graph.config.append(f"output-node name=output input={name} objective=linear")


def _normalisation(layer: Rectified) -> tuple[Array, Array]:
    """Return the scale and the shift of each unit after its ReLU."""
    mean, variance = layer.norm.running_mean, layer.norm.running_var
    assert mean is not None and variance is not None
    scale = 1 / np.sqrt(_array(variance) + layer.norm.eps)
    return scale, -_array(mean) * scale


def _fixed_affine(weight: Array, bias: Array) -> bytes:
    """Return a FixedAffineComponent."""
    content = tagged("LinearParams", compressed_matrix(weight)) + tagged("BiasParams", vector(bias))
    return enclosed("FixedAffineComponent", content)


def _tdnn(offsets: list[int], weight: Array, bias: Array) -> bytes:
    """Return a TdnnComponent; what only its training would need has Kaldi's default values."""
    return enclosed(
        "TdnnComponent",
        tagged("LearningRate", real(0.001)),
        tagged("TimeOffsets", integers(offsets)),
        tagged("LinearParams", compressed_matrix(weight)),
        tagged("BiasParams", vector(bias)),
        tagged("OrthonormalConstraint", real(0)),
        tagged("UseNaturalGradient", boolean(False)),
        tagged("NumSamplesHistory", real(2000)),
        tagged("AlphaInOut", real(4), real(4)),
        tagged("RankInOut", integer(20), integer(80)),
    )


def _relu(size: int) -> bytes:
    return enclosed(
        "RectifiedLinearComponent",
        tagged("Dim", integer(size)),
        tagged("ValueAvg", vector(())),
        tagged("DerivAvg", vector(())),
        tagged("Count", real(0)),
        tagged("NumDimsSelfRepaired", real(0)),
        tagged("NumDimsProcessed", real(0)),
    )


def _no_op(size: int) -> bytes:
    return enclosed("NoOpComponent", tagged("Dim", integer(size)), tagged("BackpropScale", real(1)))


def _array(values: Any) -> Array:
    """Return a tensor of the network as doubles."""
    array: Array = values.detach().double().numpy()
    return array
