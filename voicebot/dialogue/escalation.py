"""When a human takes over though nobody asked for one, and how such a caller is received: a bot's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from voicebot.dialogue.steps import Name, Part

PhoneNumber = Annotated[str, StringConstraints(pattern=r"^0\d{9}$|^\+\d{8,15}$")]


class Treatment(Part):
    """Where callers go who are handed over for one reason."""

    queue: Name | None = None
    """None: the bot's own."""
    skill: Name | Literal[""] = ""
    priority: int = Field(default=0, ge=0, le=100)


class EscalationSpec(Part):
    """The policy; as it stands, any bot can use it."""

    voice: bool = False
    """Whether irritation is listened for in the voice. Every caller is told so, and can refuse."""
    notice: str = (
        "Ik hoor ook aan uw stem of u ontevreden bent. "
        "Liever niet? Zeg dan: geen stemanalyse, of druk op het hekje."
    )
    """Said right after the disclosure, never interrupted, when `voice` is on (AI Act, art. 50)."""
    refused: str = "Goed, ik let niet meer op uw stem."
    frustrated: float = Field(default=0.6, gt=0, le=1)
    """Level of frustration, 0..1, at which a human comes; 1 is next to never."""
    apology: str = "Het spijt me dat dit niet vlot gaat. Ik verbind u door met een collega."
    """To who is frustrated; a prompt of `handoff` named ``frustrated`` goes before it."""
    risks: Mapping[Name, tuple[str, ...]] = Field(default_factory=dict)
    """Subject -> templates of phrases that bring a human wherever they are said: a lost card, a lawyer."""
    vip: tuple[PhoneNumber, ...] = ()
    """Telephone numbers of callers whom a human serves at once."""
    unsure: int = Field(default=3, ge=2, le=10)
    """So many values in a row that may have been heard wrong bring a human."""
    treatment: Mapping[Name, Treatment] = Field(default_factory=dict)
    """By reason of the transfer; the others go to the bot's queue as they come."""

    @field_validator("notice")
    @classmethod
    def _tells_of_the_voice(cls, text: str) -> str:
        if "stem" not in text.lower():
            raise ValueError('the notice must say that the voice is listened to: "stem" (AI Act, art. 50)')
        return text
