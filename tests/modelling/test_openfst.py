from pathlib import Path

import numpy as np
import pytest

from voicebot.errors import ModelError
from voicebot.hearing import open_registry
from voicebot.modelling.openfst import (
    INPUT_SORTED,
    read_const,
    read_symbols,
    transducer,
    write_const,
)

pytestmark = pytest.mark.unit

ARCS = [(0, 1, 1, 0.5, 1), (0, 2, 2, 0.25, 1), (1, 3, 0, 1.0, 0)]
SYMBOLS = {0: "<eps>", 1: "een", 2: "twee", 7: "#0"}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "Gr.fst"
    fst = transducer(ARCS, {1: 0.75}, 2, 0).sorted_by("input")
    write_const(fst, file, INPUT_SORTED, SYMBOLS)
    again, symbols = read_const(file)
    assert symbols == SYMBOLS
    assert read_symbols(file) == SYMBOLS
    assert (again.sources.tolist(), again.arcs.tolist()) == (fst.sources.tolist(), fst.arcs.tolist())
    assert (again.start, again.finals.tolist()) == (0, [np.inf, 0.75])


def test_what_openfst_itself_wrote_is_written_alike(tmp_path: Path) -> None:
    registry = open_registry()
    model = registry.find(registry.entry("vosk-model-nl-mini"))
    assert model
    theirs = model / "graph" / "Gr.fst"
    fst, symbols = read_const(theirs)
    assert len(fst.arcs) > 1000
    write_const(fst, tmp_path / "Gr.fst", INPUT_SORTED, symbols)
    ours, openfsts = (tmp_path / "Gr.fst").read_bytes(), theirs.read_bytes()
    assert ours[:33] == openfsts[:33]
    assert ours[41:] == openfsts[41:]  # all but the properties: what is not stated is found out


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\xd6\xfd\xb2\x7e\x05\x00\x00\x00const"])
def test_what_is_no_transducer_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "Gr.fst"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"Gr\.fst is no whole OpenFst file"):
        read_const(file)
