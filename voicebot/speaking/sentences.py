"""Text in sentences, so that the first can be heard while the next is made."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import RATE

SENTENCE_PAUSE: Final[NDArray[np.int16]] = np.zeros(170 * RATE // 1000, np.int16)
"""Between two sentences of a prompt; with the silence around each the caller hears a quarter of a second."""
_BETWEEN: Final = re.compile(r"(?<=[.?!])(?<!\b[A-Z]\.)\s+")
"""White space after the end of a sentence, but not after an initial."""


def sentences(text: str) -> list[str]:
    """Return the sentences of normalised `text`, in order."""
    return [sentence for sentence in _BETWEEN.split(text.strip()) if sentence]
