"""Reading the parameters of somebody else's network."""

from pathlib import Path

import numpy as np
import pytest
from training.kaldi_binary import HEADER, boolean, enclosed, integer, integers, real, tagged, token, vector
from training.nnet3_reader import read_components

from voicebot.errors import ModelError

pytestmark = pytest.mark.unit

MATRIX = np.arange(6, dtype="<f4").reshape(2, 3)


def network() -> bytes:
    matrix = b"FM " + integer(2) + integer(3) + MATRIX.tobytes()
    affine = enclosed(
        "TdnnComponent",
        tagged("LearningRate", real(0.5)),
        tagged("TimeOffsets", integers([-1, 0])),
        tagged("LinearParams", matrix),
        tagged("BiasParams", vector([1, 2])),
        tagged("UseNaturalGradient", boolean(True)),
    )
    norm = enclosed("BatchNormComponent", tagged("Dim", integer(2)), tagged("StatsMean", vector([3, 4])))
    named = (
        tagged("ComponentName", token(name), component) for name, component in (("a", affine), ("b", norm))
    )
    return HEADER + tagged("Nnet3", b"\n...\n", tagged("NumComponents", integer(2), *named))


def test_arrays_are_found_by_component_and_token(tmp_path: Path) -> None:
    file = tmp_path / "final.mdl"
    file.write_bytes(network())
    found = read_components(file)
    assert list(found) == ["a", "b"]
    assert found["a"]["LinearParams"].tolist() == MATRIX.tolist()
    assert found["a"]["BiasParams"].tolist() == [1, 2]
    assert found["b"]["StatsMean"].tolist() == [3, 4]


@pytest.mark.parametrize("content", [b"", b"something else", network()[:-40]])
def test_anything_else_is_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "final.mdl"
    file.write_bytes(content)
    with pytest.raises(ModelError, match="is not a binary Kaldi nnet3 model"):
        read_components(file)
