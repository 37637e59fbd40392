from pathlib import Path

import numpy as np
import pytest

from voicebot.errors import ModelError
from voicebot.modelling import CLASSES, PHONES, PhoneLoop, read_phone_loop, write_phone_loop

pytestmark = pytest.mark.unit

EVEN = np.full((CLASSES, len(PHONES)), 0.25)


def test_a_loop_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "loop.txt"
    write_phone_loop(PhoneLoop(EVEN, entry=4.5, each=-0.25), file)
    loop = read_phone_loop(file)
    assert (loop.entry, loop.each) == (4.5, -0.25)
    assert (loop.probabilities == EVEN).all()
    assert loop.cost(0, 3) == pytest.approx(-0.25 - np.log(0.25), abs=1e-3)


def test_the_first_models_say_nothing_of_costs(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "loop.txt", EVEN)
    loop = read_phone_loop(tmp_path / "loop.txt")
    assert (loop.entry, loop.each) == (PhoneLoop(EVEN).entry, PhoneLoop(EVEN).each)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# entry much each 0.5\n0.5 0.5\n", "could not convert string to float: 'much'"),
        ("een twee\n", "could not convert string"),
        ("0.5 0.5\n0.5 0.5\n", "has 2 x 2 numbers"),
    ],
)
def test_what_is_no_loop_is_told(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "loop.txt"
    file.write_text(text)
    with pytest.raises(ModelError, match=problem):
        read_phone_loop(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        read_phone_loop(tmp_path / "loop.txt")
