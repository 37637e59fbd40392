from collections.abc import Callable, Iterator

import numpy as np
import pytest

from voicebot.hearing import Model, choose_model, load_model
from voicebot.speaking import Synthesiser, Voice

Speak = Callable[..., np.ndarray]


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model(choose_model(None).path)


@pytest.fixture(scope="session")
def speak() -> Iterator[Speak]:
    """Synthesise a sentence: int16 mono 8 kHz."""
    with Synthesiser() as synthesiser:
        yield lambda text, voice="nl": synthesiser.speak(text, Voice(voice, 150))
