"""Reading OpenFst's `ngram` files: language models as the official small models have them (Gr.fst).

Sorensen & Allauzen 2011, "Unary data structures for language models". Contexts are the nodes of a tree, in
the order of their depth; the first step from its root is the last word said, the next one the word before.
The tree is written as bits: for each node a one for each child, then a zero (OpenFst 1.8,
extensions/ngram/ngram-fst.h).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from voicebot.modelling.openfst import ARC, Transducer, read_const, read_header, read_names, whole_file

_Numbers: TypeAlias = NDArray[np.int64]
_BLOCK: Final = 64
"""Bits are stored in whole blocks of so many."""


def read_grammar(file: Path) -> tuple[Transducer, dict[int, str]]:
    """Return the language model in a Gr.fst and the names of its labels; raises ModelError."""
    with whole_file(file) as stream:
        header = read_header(stream)
        symbols = read_names(stream, header)
        if header.kind == "ngram":
            return _read_ngram(stream, header.start), symbols
    return read_const(file)


def _read_ngram(stream: BinaryIO, start: int) -> Transducer:
    """Return the language model in what follows header and symbols; an arc without a word backs off.

    Raises ValueError when it is cut off.
    """
    file = _File(stream)
    steps = np.arange(1, file.states)
    sources = np.concatenate([file.sources, steps])
    arcs = np.zeros(len(sources), ARC)
    told = len(file.sources)
    arcs["input"][:told] = arcs["output"][:told] = file.labels
    arcs["weight"] = np.concatenate([file.costs, file.back_off_costs[1:]])
    arcs["next"] = np.concatenate([_longest_contexts(file), file.parents[1:]])
    return Transducer(sources.astype(np.int32), arcs, file.final_costs, start).sorted_by("input")


class _File:
    """What stands there, context by context."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.states, words, finals = map(int, self._read("<u8", 3))
        tree = self._bits(2 * self.states + 1)
        seen = self._bits(words + self.states + 1)
        ends = self._bits(self.states)
        self.added: _Numbers = self._read("<i4", self.states + 1)[:-1].astype(np.int64)
        """The word that a context has and its parent has not: the oldest."""
        self.labels: _Numbers = self._read("<i4", words).astype(np.int64)
        """The words seen in each context, one context after the other."""
        self.back_off_costs: NDArray[np.float32] = self._read("<f4", self.states + 1)[:-1]
        self.final_costs = np.full(self.states, np.inf, np.float32)
        self.final_costs[ends] = self._read("<f4", finals)
        self.costs: NDArray[np.float32] = self._read("<f4", words)
        self.parents = _zeros_before_ones(tree) - 1
        """-1 for the root, which is context 0."""
        self.sources = _zeros_before_ones(seen) - 1

    def _read(self, form: str, count: int) -> NDArray[Any]:
        size = count * np.dtype(form).itemsize
        data = self._stream.read(size)
        if len(data) < size:
            raise ValueError("it is cut off")
        return np.frombuffer(data, form)

    def _bits(self, count: int) -> NDArray[np.bool_]:
        blocks = self._read("<u8", -(-count // _BLOCK))
        return np.unpackbits(blocks.view(np.uint8), count=count, bitorder="little").astype(bool)


def _zeros_before_ones(bits: NDArray[np.bool_]) -> _Numbers:
    ones = np.flatnonzero(bits)
    return ones - np.arange(len(ones))


def _longest_contexts(file: _File) -> _Numbers:
    """Return for each word seen the longest context that ends in it."""
    radix = int(max(file.labels.max(initial=0), file.added.max(initial=0))) + 1
    keys = file.parents[1:] * radix + file.added[1:]  # in order, as the tree is
    found = np.zeros(len(file.labels), np.int64)
    open_ones = np.arange(len(found))
    said = file.labels
    for ancestors in [None, *_ancestors(file.parents)]:
        if ancestors is not None:  # one word further back, for those that have one
            before = ancestors[file.sources[open_ones]]
            open_ones, before = open_ones[before > 0], before[before > 0]
            said = file.added[before]
        wanted = found[open_ones] * radix + said
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        there = keys[at] == wanted
        open_ones = open_ones[there]
        found[open_ones] = at[there] + 1
    return found


def _ancestors(parents: _Numbers) -> list[_Numbers]:
    """Return for each context its ancestor, or itself, of one word, of two, ...; 0 where it has fewer."""
    lines: list[_Numbers] = []
    first, last = 0, 1
    while last < len(parents):
        first, last = last, int(np.searchsorted(parents, last))
        for line in lines:
            line[first:last] = line[parents[first:last]]
        lines.append(np.zeros(len(parents), np.int64))
        lines[-1][first:last] = np.arange(first, last)
    return lines
