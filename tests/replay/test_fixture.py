"""Fixtures load, and mistakes in them are one sentence."""

from pathlib import Path

import numpy as np
import pytest

from voicebot.audio import write_audio
from voicebot.errors import FixtureError
from voicebot.replay import load_fixture

pytestmark = pytest.mark.unit

GOOD = "call: Proef\nbot: webshop\nturns:\n  - caller: {wav: een.flac, after: 400ms}\n"


def write(folder: Path, text: str) -> Path:
    file = folder / "proef.yaml"
    file.write_text(text)
    return file


def test_reads_the_turns_and_their_sound(tmp_path: Path) -> None:
    write_audio(tmp_path / "een.flac", np.arange(800, dtype=np.int16))
    fixture, (turn,) = load_fixture(write(tmp_path, GOOD))
    assert (fixture.call, fixture.bot, turn.after_s) == ("Proef", "webshop", 0.4)
    assert len(turn.samples) == 800


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD, "een.flac"),
        (GOOD.replace("after", "afer"), "afer"),
        (GOOD.replace("400ms", "soon"), "after"),
        ("call: Proef\nbot: webshop\nturns: []\n", "turns"),
        ("[", "proef.yaml"),
        ("", "proef.yaml"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FixtureError, match=r"^[^\n]*$") as caught:
        load_fixture(write(tmp_path, text))
    assert message in str(caught.value)


def test_a_fixture_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match="nergens"):
        load_fixture(tmp_path / "nergens.yaml")
