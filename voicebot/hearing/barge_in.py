"""Who has the floor when a caller speaks while the bot does: pure, fed with what is heard and when.

At the first sound of a voice the bot falls silent, at once: nobody likes to be talked over. As words come,
it is decided whether the caller wants to say something (the bot stops), or only shows that they listen
("mm-hm"), coughs, or is not who spoke (the bot goes on where it was).
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final

from voicebot.events import Claim

_DECIDE_MS: Final = 600
"""Since the voice began: by then a recogniser knows the first words."""
_VOICED_MS: Final = 400
"""Of a cough is less, of a sentence more by then."""


class Floor(Enum):
    """What the bot's voice must do."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class _Bot(StrEnum):
    SPEAKS = "speaks"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"


class BargeIn:
    """One utterance at a time: `begin`, `hear` as it goes on, `end`; each returns what is to be done."""

    def __init__(self) -> None:
        self._bot = _Bot.STOPPED

    def begin(self, *, over_prompt: bool) -> Floor:
        """Begin an utterance; who speaks while the bot has not begun to has the floor at once."""
        self._bot = _Bot.PAUSED if over_prompt else _Bot.STOPPED
        return Floor.PAUSE if over_prompt else Floor.STOP

    def hear(self, since_ms: int, voiced_ms: int, claim: Claim) -> Floor | None:
        """Weigh the claim of the words so far, so long after it began, and with so much voice in it."""
        if not self.undecided:
            return None
        if claim is Claim.WANTED:
            return self._stop()
        if self._bot is _Bot.PAUSED and since_ms >= _DECIDE_MS:
            if claim is Claim.POSSIBLE and voiced_ms >= _VOICED_MS:
                return self._stop()
            self._bot = _Bot.RESUMED
            return Floor.RESUME
        return None

    def end(self, claim: Claim) -> Floor | None:
        """End it, with a claim that is final now."""
        if claim is Claim.WANTED:
            return self._stop()
        was, self._bot = self._bot, _Bot.SPEAKS
        return Floor.RESUME if was is _Bot.PAUSED else None

    @property
    def undecided(self) -> bool:
        """Whether what is heard can still change what the bot does."""
        return self._bot in (_Bot.PAUSED, _Bot.RESUMED)

    @property
    def passed_over(self) -> bool:
        """Whether the utterance that ended made no claim, so that the bot went on."""
        return self._bot is _Bot.SPEAKS

    def _stop(self) -> Floor:
        self._bot = _Bot.STOPPED
        return Floor.STOP
