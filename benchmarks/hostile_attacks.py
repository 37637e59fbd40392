"""The attacks of `hostile.py`, each run in a process of its own, against a voicebot that runs elsewhere."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import shutil
import socket
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from hostile_inputs import HostileInputs

from voicebot.dialogue import load_bot, shipped_bots
from voicebot.errors import BotError, FixtureError, ProtocolError
from voicebot.replay import load_fixture
from voicebot.telephony import SipPhone

HOST = "127.0.0.1"
ANSWER_S = 8.0
"""Whoever is attacked has ended what it does not like by then: 5 s for a frame that does not end."""
FRAME_S = 0.02
Outcomes = Counter[str]


async def _many(count: int, at_once: int, attack: Callable[[int], Awaitable[str]]) -> Outcomes:
    """Do `attack` so many times, so many at once; return how often each outcome came."""
    numbers, outcomes = iter(range(count)), Outcomes()

    async def attacker() -> None:
        for number in numbers:
            try:
                outcomes[await attack(number)] += 1
            except (OSError, TimeoutError) as error:
                outcomes[type(error).__name__] += 1

    await asyncio.gather(*(attacker() for _ in range(at_once)))
    return outcomes


async def _until_closed(reader: asyncio.StreamReader) -> str:
    """Read until the other side closes."""
    try:
        async with asyncio.timeout(ANSWER_S):
            while await reader.read(65536):
                pass
    except ConnectionError:
        pass
    except TimeoutError:
        return "kept open"
    return "closed"


def strangers(port: int, count: int, seed: int) -> Outcomes:
    """Open AudioSockets that never become a call: at once, byte by byte, or leaving early."""
    inputs, dice = HostileInputs(seed), random.Random(seed)

    async def attack(_: int) -> str:
        reader, writer = await asyncio.open_connection(HOST, port)
        stream, manner = inputs.audiosocket_stream(), dice.random()
        if manner < 0.02:
            for byte in stream[:10]:
                writer.write(bytes([byte]))
                await asyncio.sleep(1.0)
        else:
            writer.write(stream)
        outcome = "left" if manner > 0.4 else await _until_closed(reader)
        writer.transport.abort()
        return outcome

    return asyncio.run(_many(count, 100, attack))


def false_calls(port: int, count: int, seed: int) -> Outcomes:
    """Begin as a call, with a UUID that nobody knows, and break the protocol in the same breath."""
    inputs = HostileInputs(seed)

    async def attack(_: int) -> str:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(inputs.introduced_stream())
        outcome = await _until_closed(reader)
        writer.transport.abort()
        return outcome

    return asyncio.run(_many(count, 4, attack))


def nonsense_calls(port: int, count: int, seed: int) -> Outcomes:
    """Send `count` frames of well-formed nonsense at the pace of a call, in three calls at once.

    Nothing that comes back is read. A call that voicebot ends is followed by a next one.
    """
    inputs, frames, outcomes = HostileInputs(seed), iter(range(count)), Outcomes()

    async def call() -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as deaf, suppress(ConnectionError):
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, (HOST, port))
            await loop.sock_sendall(deaf, inputs.introduction())
            outcomes["calls"] += 1
            for _ in frames:
                outcomes["frames"] += 1
                await loop.sock_sendall(deaf, inputs.audiosocket_frame())
                await asyncio.sleep(FRAME_S)

    async def caller() -> None:
        while outcomes["frames"] < count:
            await call()

    async def callers() -> None:
        await asyncio.gather(*(caller() for _ in range(3)))

    asyncio.run(callers())
    return outcomes


def feed(path: str, count: int, seed: int) -> Outcomes:
    """Send datagrams to the live feed, as no worker would."""
    inputs, outcomes = HostileInputs(seed), Outcomes()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(path)
        for _ in range(count):
            sender.send(inputs.feed())
            outcomes["sent"] += 1
    return outcomes


def web(port: int, count: int, seed: int) -> Outcomes:
    """Send requests to the status page; return the statuses."""
    inputs = HostileInputs(seed)

    async def attack(_: int) -> str:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(inputs.http())
        writer.write_eof()
        answer = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(20):
                while more := await reader.read(65536):
                    answer += more
        writer.transport.abort()
        return answer[9:12].decode(errors="replace") if answer.startswith(b"HTTP/") else "closed"

    return asyncio.run(_many(count, 20, attack))


def datagrams(_: int, count: int, seed: int) -> Outcomes:
    """Send SIP, SDP in it, and RTP to a telephone of ours; it must still answer afterwards."""
    inputs, dice, outcomes = HostileInputs(seed), random.Random(seed), Outcomes()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: outcomes.update([f"exception {type(context.get('exception')).__name__}"])
        )
        async with SipPhone("victim", (HOST, 9)) as phone:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
                attacker.setblocking(False)
                attacker.connect(phone.address)
                for number in range(count):
                    with suppress(BlockingIOError, OSError):
                        attacker.send(inputs.sip() if dice.random() < 0.7 else inputs.rtp())
                        outcomes["sent"] += 1
                    if number % 20 == 0:
                        await asyncio.sleep(0.001)
                        with suppress(BlockingIOError, OSError):
                            while attacker.recv(65536):
                                outcomes["answered"] += 1
                await asyncio.sleep(0.5)
                with suppress(BlockingIOError, OSError):
                    while attacker.recv(65536):
                        outcomes["answered"] += 1
                attacker.send(inputs.request("OPTIONS").replace(b"Content-Length: 129", b"Content-Length: 0"))
                async with asyncio.timeout(5):
                    answer = await loop.sock_recv(attacker, 65536)
                outcomes["alive" if answer.startswith(b"SIP/2.0 200") else "dead"] += 1

    asyncio.run(main())
    return outcomes


def files(_: int, count: int, seed: int) -> Outcomes:
    """Load mutilated bots and fixtures."""
    inputs, outcomes = HostileInputs(seed), Outcomes()
    with tempfile.TemporaryDirectory() as folder:
        bot, fixture = Path(folder) / "bot", Path(folder) / "fixture.yaml"
        shutil.copytree(shipped_bots()["webshop"], bot)
        for number in range(count):
            data = inputs.yaml()
            file = fixture if number % 2 else bot / "flows.yaml"
            file.write_bytes(data)
            try:
                load_fixture(fixture) if number % 2 else load_bot(bot)
                outcomes["loaded"] += 1
            except (BotError, FixtureError):
                outcomes["refused"] += 1
    return outcomes


ATTACKS = {
    each.__name__: each for each in (strangers, false_calls, nonsense_calls, feed, web, datagrams, files)
}


def run(name: str, target: int | str, count: int, seed: int) -> dict[str, int]:
    """Do the attack `name`; return its outcomes. A ``crash`` is an exception that nobody meant."""
    os.nice(15)  # the attackers are on another machine, as it were
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it warns of peers that are gone
    try:
        return dict(ATTACKS[name](target, count, seed))  # type: ignore[operator]
    except ProtocolError as error:
        return {f"crash {type(error).__name__}": 1}
    except Exception as error:
        return {f"crash {type(error).__name__}: {error}": 1}
