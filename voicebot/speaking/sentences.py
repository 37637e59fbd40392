"""Text in sentences, so that the first can be heard while the next is made."""

from __future__ import annotations

import re
from typing import Final

_BETWEEN: Final = re.compile(r"(?<=[.?!])(?<!\b[A-Z]\.)\s+")
"""White space after the end of a sentence, but not after an initial."""


def sentences(text: str) -> list[str]:
    """Return the sentences of normalised `text`, in order."""
    return [sentence for sentence in _BETWEEN.split(text.strip()) if sentence]
