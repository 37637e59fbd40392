"""LF-MMI: lattice-free maximum mutual information (Povey et al., Interspeech 2016).

The objective of a chunk is the log-likelihood of what was said, any alignment within a tolerance allowed,
less that of everything that might have been said according to a phone language model. Both are sums over
paths (forward-backward), and the gradient for the outputs is the difference of the two sums' posteriors; so
no autograd runs through them.

Our states make the second sum small: a phone in its context is one unit of two states (first frame, loop), so
the denominator graph is one dense matrix from unit to unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.batches import Batch
from voicebot.modelling import CLASS_OF, CLASSES, PDFS, PHONES, first_pdf

_NEVER: Final = -1e30
_IMPOSSIBLE: Final = -1e20
_UNITS: Final = PDFS // 2
_BACK_OFF_COUNT: Final = 20.0
"""How many observations the bigram is worth in the phone language model's trigram."""


@dataclass(frozen=True, slots=True)
class Objective:
    """LF-MMI of a batch."""

    per_output: float
    """Its mean per step of 30 ms, of the chunks that have an alignment."""
    gradient: Tensor
    """Of the mean per step for the outputs, to be descended: (B, T, PDFS)."""


class LatticeFreeMmi:
    """The objective for one phone language model."""

    def __init__(self, phone_model: NDArray[np.float64], frequencies: NDArray[np.float64]) -> None:
        """`phone_model` is what `phone_language_model` returns; `frequencies` of states start every chunk."""
        self._transitions = torch.tensor(_unit_transitions(phone_model), dtype=torch.float32)
        self._initial = torch.tensor(frequencies, dtype=torch.float32).view(_UNITS, 2)

    def __call__(self, outputs: Tensor, batch: Batch) -> Objective:
        """Return the objective of `outputs`, (B, T, PDFS); a chunk that cannot be aligned does not count."""
        with torch.no_grad():
            values = outputs.detach().float()
            said, numerator = self.numerator(values, batch)
            anything, denominator = self.denominator(values)
            is_fit = (said > _IMPOSSIBLE) & torch.isfinite(anything)
            steps = values.shape[1]
            difference = torch.where(is_fit[:, None, None], denominator - numerator, torch.zeros(()))
            mean = ((said - anything)[is_fit].mean() / steps).item() if bool(is_fit.any()) else 0.0
            return Objective(mean, difference / (steps * values.shape[0]))

    def denominator(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-likelihood of all phone sequences, (B,), and the posteriors of states, (B, T, PDFS).

        The forward and backward values are scaled to 1 at each step, so they stay plain numbers.
        """
        chunks, steps, _ = outputs.shape
        highest = outputs.max(dim=2, keepdim=True).values
        emitted = (outputs - highest).exp().clamp_min(1e-30).view(chunks, steps, _UNITS, 2)
        forward = torch.empty(steps, chunks, _UNITS, 2)
        log_likelihood = highest[:, :, 0].sum(1)
        reached = self._initial * emitted[:, 0]
        for step in range(steps):
            if step:
                units = forward[step - 1].sum(2)
                reached = torch.stack([units @ self._transitions, units], dim=2) * emitted[:, step]
            total = reached.sum((1, 2), keepdim=True)
            log_likelihood += total[:, 0, 0].log()
            forward[step] = reached / total
        posteriors = torch.empty(chunks, steps, _UNITS, 2)
        backward = torch.ones(chunks, _UNITS, 1)
        for step in range(steps - 1, -1, -1):
            joint = forward[step] * backward
            posteriors[:, step] = joint / joint.sum((1, 2), keepdim=True)
            later = backward * emitted[:, step]
            units = later[..., 0] @ self._transitions.T + later[..., 1]
            backward = (units / units.mean(1, keepdim=True))[..., None]
        return log_likelihood, posteriors.view(chunks, steps, PDFS)

    def numerator(self, outputs: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the log-likelihood of the batch's segments in order, (B,), and the posteriors of states.

        A segment is its first state once, then its loop; the sum is over all allowed times of change.
        """
        chunks, steps, _ = outputs.shape
        states = batch.first_pdfs[:, None].expand(-1, steps, -1)
        first = outputs.gather(2, states).masked_fill(~batch.allowed, _NEVER)
        loop = outputs.gather(2, states + 1).masked_fill(~batch.allowed, _NEVER)
        forward = _numerator_forward(first, loop)
        which = torch.arange(chunks)
        log_likelihood = torch.logaddexp(*forward[-1])[which, batch.last]
        backward = torch.full(batch.first_pdfs.shape, _NEVER)
        backward[which, batch.last] = 0
        posteriors = torch.zeros_like(outputs)
        for step in range(steps - 1, -1, -1):
            joint = (forward[step] + backward - log_likelihood[:, None]).clamp(max=0).exp()
            posteriors[:, step].scatter_add_(1, batch.first_pdfs, joint[0])
            posteriors[:, step].scatter_add_(1, batch.first_pdfs + 1, joint[1])
            advance = torch.full_like(backward, _NEVER)
            advance[:, :-1] = backward[:, 1:] + first[:, step, 1:]
            backward = torch.logaddexp(backward + loop[:, step], advance).clamp(min=_NEVER)
        return log_likelihood, posteriors


def _numerator_forward(first: Tensor, loop: Tensor) -> Tensor:
    """Return forward log-likelihoods of (first, loop) of each segment: (T, 2, B, S)."""
    chunks, steps, segments = first.shape
    forward = torch.full((steps, 2, chunks, segments), _NEVER)
    forward[0, 0, :, 0], forward[0, 1, :, 0] = first[:, 0, 0], loop[:, 0, 0]
    for step in range(1, steps):
        either = torch.logaddexp(forward[step - 1, 0], forward[step - 1, 1])
        forward[step, 0, :, 1:] = either[:, :-1] + first[:, step, 1:]
        forward[step, 1] = either + loop[:, step]
    return forward


def phone_language_model(sequences: Iterable[NDArray[Any]]) -> NDArray[np.float64]:
    """Return P(phone | class before the last, last phone): shape (CLASSES, PHONES, PHONES).

    A trigram of which the oldest part is a class only, as the states know no more; it backs off to a bigram.
    """
    size = len(PHONES)
    pairs = np.full((size, size), 1e-4)
    triples = np.zeros((CLASSES, size, size))
    kinds = np.array(CLASS_OF)
    for sequence in sequences:
        np.add.at(pairs, (sequence[:-1], sequence[1:]), 1)
        np.add.at(triples, (kinds[sequence[:-2]], sequence[1:-1], sequence[2:]), 1)
    pairs[0, 0] = 0
    pairs /= pairs.sum(axis=1, keepdims=True)
    counts = triples.sum(axis=2, keepdims=True)
    model: NDArray[np.float64] = (triples + _BACK_OFF_COUNT * pairs) / (counts + _BACK_OFF_COUNT)
    # silence knows no context: whatever came before it, what follows is the bigram
    model[:, 0] = pairs[0]
    return model


def _unit_transitions(phone_model: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each unit after each: a unit is a phone after a class, or silence."""
    transitions = np.zeros((_UNITS, _UNITS))
    for kind in range(CLASSES):
        for phone in range(1, len(PHONES)):
            unit = first_pdf(kind, phone) // 2
            for following in range(len(PHONES)):
                next_unit = first_pdf(CLASS_OF[phone], following) // 2
                transitions[unit, next_unit] = phone_model[kind, phone, following]
    for following in range(1, len(PHONES)):
        transitions[0, first_pdf(0, following) // 2] = phone_model[0, 0, following]
    return transitions
