"""Who has the floor when a caller speaks while the bot does: pure, fed with what is heard and when.

At the first sound of a voice the bot falls silent, at once: nobody likes to be talked over. As words come,
it is decided whether the caller wants to say something (the bot stops), or only shows that they listen
("mm-hm"), coughs, or is not who spoke (the bot goes on where it was).
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Final

from voicebot.expectation import Claim

_ASK_MS: Final = (440, 570)
"""Since the voice began: by then there may be words, which a recogniser must be asked for."""
_DECIDE_MS: Final = 620
"""Since the voice began: the caller, who heard the bot fall silent, must know whose turn it is."""
_FALLEN_SILENT_MS: Final = 120
"""Who said one word and then nothing for so long has said it; it is weighed once it is known for sure."""


class Floor(Enum):
    """What the bot's voice must do."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class BargeIn:
    """One utterance at a time: `begin`, `hear` as it goes on, `end`; each returns what is to be done."""

    def __init__(self) -> None:
        self._since_ms = 0
        self._asked = 0
        self._last = Floor.STOP
        self.passed_over = False
        """Whether the utterance that ended made no claim, so that the bot went on."""

    @property
    def undecided(self) -> bool:
        """Whether what is heard can still change what the bot does."""
        return self._last is not Floor.STOP

    def begin(self, now_ms: int, *, over_prompt: bool) -> Floor:
        """Begin an utterance; who speaks while the bot has not begun to has the floor at once."""
        self._since_ms, self._asked, self.passed_over = now_ms, 0, False
        self._last = Floor.PAUSE if over_prompt else Floor.STOP
        return self._last

    def asks(self, now_ms: int) -> bool:
        """Return whether the words so far must be known now; told once each time."""
        due = self._last is Floor.PAUSE and now_ms - self._since_ms >= [*_ASK_MS, math.inf][self._asked]
        self._asked += due
        return due

    def hear(self, now_ms: int, silence_ms: int, claim: Claim) -> Floor | None:
        """Weigh the claim of the words so far, after which it has been silent for so long."""
        if claim is Claim.WANTED and self.undecided:
            return self._do(Floor.STOP)
        if self._last is Floor.PAUSE and now_ms - self._since_ms >= _DECIDE_MS:
            goes_on = claim is Claim.POSSIBLE and silence_ms < _FALLEN_SILENT_MS
            return self._do(Floor.STOP if goes_on else Floor.RESUME)
        return None

    def end(self, claim: Claim) -> Floor | None:
        """End it, with a claim that is final now."""
        if claim is Claim.WANTED:
            return self._do(Floor.STOP)
        self.passed_over = True
        return self._do(Floor.RESUME) if self._last is Floor.PAUSE else None

    def _do(self, floor: Floor) -> Floor:
        self._last = floor
        return floor
