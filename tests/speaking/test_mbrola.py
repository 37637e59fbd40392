"""MBROLA's voices through pyttsx3; see `conftest.py` for where they are not to be had."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mbrola import TREE

from voicebot.audio import RATE
from voicebot.speaking import Synthesiser, Voice

pytestmark = pytest.mark.audio

TEXT = "Uw bestelling wordt morgen bezorgd."


@pytest.fixture
def synthesiser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Synthesiser]:
    (library,) = Path(TREE, "usr", "lib").glob("*-linux-gnu")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(library))
    monkeypatch.setenv("ESPEAK_DATA_PATH", str(library))
    monkeypatch.setenv("PATH", f"{TREE}/usr/bin", prepend=":")
    with Synthesiser() as one:
        yield one


@pytest.mark.parametrize("name", ["mb-nl2", "mb-nl3"])
def test_speaks_at_its_own_rate(synthesiser: Synthesiser, name: str) -> None:
    prompt = synthesiser.speak(TEXT, Voice(name))
    plain = synthesiser.speak(TEXT, Voice())
    assert prompt.size == pytest.approx(plain.size, rel=0.25), (
        "at a wrong sampling rate it would be 0.73 of it"
    )
    assert prompt.size > RATE
    assert np.abs(prompt).max() > 3000


def test_slower_is_longer(synthesiser: Synthesiser) -> None:
    slow, fast = (synthesiser.speak(TEXT, Voice("mb-nl2", rate)).size for rate in (100, 200))
    assert slow > 1.5 * fast
