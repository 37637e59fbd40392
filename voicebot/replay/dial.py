"""Where a caller calls, and the line they get there."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from voicebot.replay.phone_line import PhoneLine
from voicebot.replay.socket_line import SocketLine, socket_line
from voicebot.telephony import SipPhone


@dataclass(frozen=True, slots=True)
class SocketDial:
    """A voicebot's AudioSocket, called as Asterisk calls it."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @asynccontextmanager
    async def line(self) -> AsyncIterator[SocketLine]:
        """Call, and hang up at the end; raises TelephonyError when nobody answers."""
        async with socket_line(self.host, self.port, str(uuid.uuid4())) as line:
            yield line


@dataclass(frozen=True, slots=True)
class PhoneDial:
    """A number at a SIP server, called by telephone."""

    host: str
    port: int
    number: str

    def __str__(self) -> str:
        return f"sip:{self.number}@{self.host}:{self.port}"

    @asynccontextmanager
    async def line(self) -> AsyncIterator[PhoneLine]:
        """Call, and hang up at the end; raises TelephonyError when the call is refused or not answered."""
        async with SipPhone("caller", (self.host, self.port)) as phone:
            yield PhoneLine(await phone.call(self.number))


Dial: TypeAlias = SocketDial | PhoneDial
