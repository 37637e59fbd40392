"""LF-MMI against sums over paths that are written out, and its gradient against differences."""

import itertools

import numpy as np
import pytest
import torch
from training.batches import Batch
from training.mmi import LatticeFreeMmi, phone_language_model

from voicebot.modelling import CLASS_OF, PDFS, PHONES, first_pdf

pytestmark = pytest.mark.unit

SEQUENCES = [np.array(one) for one in ([0, 3, 9, 4, 0], [0, 5, 3, 0], [0, 3, 9, 9, 1, 30, 0])]
MODEL = phone_language_model(SEQUENCES)
FREQUENCIES = np.linspace(1, 3, PDFS) / np.linspace(1, 3, PDFS).sum()


def outputs(chunks: int, steps: int) -> torch.Tensor:
    return torch.randn(chunks, steps, PDFS, generator=torch.Generator().manual_seed(2)) * 2


def batch(first_pdfs: list[int], steps: int) -> Batch:
    allowed = torch.ones(1, steps, len(first_pdfs), dtype=torch.bool)
    allowed[0, 0, 1:] = False
    allowed[0, 3:, 0] = False
    nothing = torch.zeros(0)
    return Batch(nothing, torch.tensor([first_pdfs]), allowed, torch.tensor([len(first_pdfs) - 1]), nothing)


def all_transitions() -> np.ndarray:
    """Return P(state | state) in full, by definition: a first state or loop goes to its loop or onwards."""
    units = [(0, 0)] + [(kind, phone) for kind in range(10) for phone in range(1, len(PHONES))]
    matrix = np.zeros((PDFS, PDFS))
    for kind, phone in units:
        state = first_pdf(kind, phone)
        for here in (state, state + 1):
            matrix[here, state + 1] += 1
            for following in range(len(PHONES)):
                if phone or following:
                    matrix[here, first_pdf(CLASS_OF[phone], following)] += MODEL[kind, phone, following]
    return matrix


def test_the_denominator_sums_over_all_phone_sequences() -> None:
    values = outputs(2, 4)
    found, posteriors = LatticeFreeMmi(MODEL, FREQUENCIES).denominator(values)
    likely = np.exp(values.double().numpy())
    transitions = all_transitions()
    for chunk in range(2):
        reached = FREQUENCIES * likely[chunk, 0]
        for step in range(1, 4):
            reached = (reached @ transitions) * likely[chunk, step]
        assert found[chunk].item() == pytest.approx(np.log(reached.sum()), abs=1e-3)
        assert posteriors[chunk, 3].numpy() == pytest.approx(reached / reached.sum(), abs=1e-5)
    assert posteriors.sum(2).numpy() == pytest.approx(np.ones((2, 4)), abs=1e-4)


def test_the_numerator_sums_over_all_allowed_times() -> None:
    states, steps = [10, 0, 10], 6
    values = outputs(1, steps)
    told = batch(states, steps)
    found, posteriors = LatticeFreeMmi(MODEL, FREQUENCIES).numerator(values, told)
    paths = []
    for changes in itertools.combinations(range(1, steps), 2):
        segment = [sum(change <= step for change in changes) for step in range(steps)]
        if all(told.allowed[0, step, place] for step, place in enumerate(segment)):
            loops = [step not in changes for step in range(steps)]
            for begins_in_loop in (False, True):  # a chunk may begin in the middle of a segment
                loops[0] = begins_in_loop
                paths.append([states[place] + loop for place, loop in zip(segment, loops, strict=True)])
    scores = torch.stack([values[0, range(steps), path].sum() for path in paths])
    assert found.item() == pytest.approx(torch.logsumexp(scores, 0).item(), abs=1e-4)
    expected = torch.zeros(steps, PDFS)
    for path, weight in zip(paths, torch.softmax(scores, 0), strict=True):
        expected[range(steps), path] += weight
    assert posteriors[0].numpy() == pytest.approx(expected.numpy(), abs=1e-5)


def test_the_gradient_is_that_of_the_objective() -> None:
    mmi, told = LatticeFreeMmi(MODEL, FREQUENCIES), batch([10, 0, 10], 6)
    values = outputs(1, 6)
    direction = torch.randn(values.shape, generator=torch.Generator().manual_seed(3))
    step = 1e-2
    rise = mmi(values + step * direction, told).per_output - mmi(values - step * direction, told).per_output
    found = -(mmi(values, told).gradient * direction).sum().item()
    assert found == pytest.approx(rise / (2 * step), rel=1e-2)


def test_a_chunk_that_cannot_be_aligned_does_not_count() -> None:
    told = batch([10, 0, 10, 0, 10, 0, 10], 6)
    objective = LatticeFreeMmi(MODEL, FREQUENCIES)(outputs(1, 6), told)
    assert objective.per_output == 0
    assert not objective.gradient.any()


def test_the_phone_model_is_of_probabilities_and_knows_what_it_saw() -> None:
    assert MODEL.sum(axis=2) == pytest.approx(np.ones(MODEL.shape[:2]))
    assert MODEL[0, 3].argmax() == 9
    assert MODEL[0, 0, 0] == 0
