"""The two seams to the telephone: the sound of one call, and control over it.

Both have a real form (`audiosocket`, `manager`) and an in-memory form
(`memory`), as httpx ships its mock transport.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from voicebot.audio import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, RATE

__all__ = [
    "FRAME_BYTES",
    "FRAME_MS",
    "FRAME_SAMPLES",
    "RATE",
    "AudioReceived",
    "CallControl",
    "CallTransport",
    "KeyReceived",
    "LineClosed",
    "Received",
]


@dataclass(frozen=True, slots=True)
class AudioReceived:
    """Sound from the caller."""

    samples: bytes
    """int16 little-endian mono 8 kHz; usually one frame, never more than a few."""


@dataclass(frozen=True, slots=True)
class KeyReceived:
    """The caller pressed a key."""

    key: str


@dataclass(frozen=True, slots=True)
class LineClosed:
    """The line is gone: the caller hung up, or Asterisk left."""


Received: TypeAlias = AudioReceived | KeyReceived | LineClosed


class CallTransport(Protocol):
    """The sound of one call."""

    @property
    def call_id(self) -> str:
        """The call's id: the UUID that Asterisk gave it."""
        ...

    async def receive(self) -> Received:
        """Return the next thing from the caller; after `LineClosed` nothing else comes."""
        ...

    def send(self, frame: bytes) -> None:
        """Send one frame to the caller; never blocks, does nothing on a closed line."""
        ...

    def hang_up(self) -> None:
        """Hand the caller back to the dialplan (which goes on to the human queue unless told otherwise)."""
        ...

    def close(self) -> None:
        """Drop the line at once. To the dialplan this is the same as `hang_up`."""
        ...


class CallControl(Protocol):
    """What can be done to a call outside its sound."""

    async def caller_number(self, call_id: str) -> str | None:
        """Return the caller's number, or None when it is withheld or not known in time."""
        ...

    async def set_context(self, call_id: str, variables: Mapping[str, str]) -> bool:
        """Set channel variables; return whether Asterisk confirmed them within 300 ms. Never raises."""
        ...

    async def finish(self, call_id: str) -> bool:
        """Earn a hang-up: tell the dialplan that this call is done. Return whether Asterisk confirmed."""
        ...
