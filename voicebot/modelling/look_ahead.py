"""Which words can come next from each state: what lets Vosk compose with a language model while it decodes.

Allauzen, Riley & Schalkwyk 2009, "A generalized composition algorithm for weighted finite-state transducers".
"""

from __future__ import annotations

import re
from collections import defaultdict, deque

import numpy as np

from voicebot.modelling.openfst import Interval, Transducer


def reach(fst: Transducer, final_label: int) -> list[tuple[Interval, ...]]:
    """Return for each state the output labels that can come next, and `final_label` where it can end first.

    A state reaches what its arcs tell, and what the states behind its silent arcs reach.
    """
    masks = [1 << final_label if np.isfinite(cost) else 0 for cost in fst.finals]
    before: defaultdict[int, list[int]] = defaultdict(list)
    for source, arc in zip(fst.sources.tolist(), fst.arcs.tolist(), strict=True):
        _, label, _, after = arc
        if label:
            masks[source] |= 1 << label
        elif after != source:
            before[after].append(source)
    changed = deque(range(len(masks)))
    waits = [True] * len(masks)  # whether a state is in `changed`: once is enough, and fifty times as fast
    while changed:
        state = changed.popleft()
        waits[state] = False
        for source in before[state]:
            if masks[state] & ~masks[source]:
                masks[source] |= masks[state]
                if not waits[source]:
                    waits[source] = True
                    changed.append(source)
    known = {mask: _intervals(mask) for mask in set(masks)}
    return [known[mask] for mask in masks]


def _intervals(mask: int) -> tuple[Interval, ...]:
    """Return the runs of ones in `mask`, from the lowest bit."""
    return tuple(found.span() for found in re.finditer("1+", f"{mask:b}"[::-1]))
