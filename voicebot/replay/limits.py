"""How long a replayed call may last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voicebot.errors import TelephonyError

LONGEST_S = 600.0
"""A call that lasts longer, on its own clock, is broken off."""


@asynccontextmanager
async def bounded() -> AsyncIterator[None]:
    """Break off what takes over `LONGEST_S`; raises TelephonyError then."""
    try:
        async with asyncio.timeout(LONGEST_S) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise TelephonyError(f"the call did not end within {LONGEST_S:.0f} s; does the bot wait?") from None
