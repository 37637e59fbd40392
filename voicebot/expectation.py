"""The open question, and what the words so far are worth as its answer.

Hearing asks these of understanding while the caller speaks, so it knows when
to wait without knowing intents.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the bot is waiting to hear; data only, so hearing can apply it without knowing intents."""

    slot: str | None = None
    """The slot the open question asks for; None for an open question."""
    slot_type: str | None = None
    """How that slot is spoken: ``digits``, ``postcode``, ``phone``, ``yes_no``; None for free speech."""
    length: int | None = None
    """How many characters a complete value has, where that is fixed."""
    confirming: bool = False
    """A value of the slot was read back: wanted is yes or no, or another value."""

    @property
    def only_digits(self) -> bool:
        """Whether a value has no letters in it."""
        return self.slot_type in ("digits", "phone")


class Completeness(StrEnum):
    """How much of an answer was said so far: how long to wait for the rest."""

    COMPLETE = "complete"
    """A whole answer, or a whole request: nobody has to wait for more."""
    LIKELY = "likely"
    """A request in words of the caller's own, which is understood as it is."""
    OPEN = "open"
    """It may be all, or not."""
    UNFINISHED = "unfinished"
    """There is more to come: a hesitation, half a number, a sentence that cannot end so."""


class Claim(StrEnum):
    """Whether a caller who speaks over a prompt wants to say something, by the words so far."""

    NONE = "none"
    """No words, or only a sign of listening: "mm-hm", "ja" where that answers nothing."""
    POSSIBLE = "possible"
    """A word, which may have been heard in a noise."""
    WANTED = "wanted"
