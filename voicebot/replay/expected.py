"""What a fixture expects: of a turn, and when the call is over."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from voicebot.replay.orders import OrderFields
from voicebot.replay.parts import EventName, HowOften, Part, Seconds, Texts


class Expect(Part):
    """What should come of a turn, before the caller's next one."""

    intent: str | None = None
    slots: Mapping[str, str] = Field(default_factory=dict)
    says: Texts = ()
    """Words the bot says, as it speaks them (``twee uur``, not ``14:00``)."""
    says_not: Texts = ()
    within_ms: int | None = Field(default=None, ge=0)
    """From the caller's last sound to the bot's first, in virtual time."""
    event: EventName | None = None
    """Something in the log, by name."""
    outcome: str | None = None
    """How the call ended: contained, transferred or abandoned."""
    reason: str | None = None
    """Why a human was brought in."""


class BackendAfter(Part):
    """What the company's systems should hold when the call is over."""

    unchanged: bool = False
    """All of it as it was when the call began."""
    orders: Mapping[str, OrderFields] = Field(default_factory=dict)
    """Of these numbers, what is said about them; others may be anything."""


class RecordAfter(Part):
    """What should hold for the log as it would be stored."""

    redacted: bool = True
    """No slot value stands in it."""


class After(Part):
    """What should hold when the call is over."""

    outcome: str | None = None
    reason: str | None = None
    intent: str | None = None
    """What the agent is told the caller came for."""
    evidence: Texts = ()
    """Parts of what the agent is told of why a human was brought in."""
    events: tuple[EventName, ...] = ()
    """Names from the log that come in this order, others in between."""
    counts: Mapping[EventName, HowOften] = Field(default_factory=dict)
    """How often names come in the log."""
    says: Mapping[str, HowOften] = Field(default_factory=dict)
    """How often the bot says words, in the whole call."""
    ends_within: Seconds | None = None
    """How long the call may last."""
    context: Mapping[str, str] = Field(default_factory=dict)
    """Channel variables the agent's side gets."""
    backend: BackendAfter = BackendAfter()
    record: RecordAfter = RecordAfter()
