"""Calls that simply come and go leave nothing behind in a worker."""

import asyncio
import struct
import uuid

import numpy as np
import pytest
from breakable import MOST_THREADS, Voicebot
from exchange import Exchange
from processes import Footprint, footprint

from voicebot.telephony.audiosocket_frames import HANG_UP, UUID, Frame

pytestmark = pytest.mark.faults

CALLS = 200
AT_ONCE = 20
LOUD = 1000


async def short_call(port: int) -> bool:
    """Connect as Asterisk does, hear that the bot speaks, and be gone; return False when it has no room."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(Frame(UUID, uuid.uuid4().bytes).encode())
        loudest = 0
        while loudest < LOUD:
            kind, length = struct.unpack("!BH", await reader.readexactly(3))
            if kind == HANG_UP:
                return False
            samples = np.frombuffer(await reader.readexactly(length), "<i2")
            loudest = int(np.abs(samples.astype(np.int32)).max(initial=0))
        return True
    finally:
        writer.close()
        await writer.wait_closed()


async def calls(port: int, number: int) -> None:
    async def answered() -> None:
        async with asyncio.timeout(20):
            while not await short_call(port):
                await asyncio.sleep(0.1)

    for _ in range(number // AT_ONCE):
        await asyncio.gather(*(answered() for _ in range(AT_ONCE)))


def test_two_hundred_calls_leave_nothing(
    runner: asyncio.Runner, exchange: Exchange, voicebot: Voicebot
) -> None:
    async def main() -> tuple[list[Footprint], list[Footprint]]:
        await calls(exchange.port, CALLS // 2)
        assert await voicebot.leftovers() == []
        before = [footprint(worker) for worker in voicebot.workers()]
        await calls(exchange.port, CALLS)
        assert await voicebot.leftovers() == []
        return before, [footprint(worker) for worker in voicebot.workers()]

    for before, after in zip(*runner.run(main()), strict=True):
        assert after.sockets == before.sockets
        assert after.files <= before.files
        assert after.children == before.children
        assert after.threads <= MOST_THREADS
