import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from voicebot.clock import run_virtual
from voicebot.events import Entry, IntentRecognised, UtteranceEnded
from voicebot.records import FeedReceiver, FeedSender, ServiceStatus
from voicebot.values import Personal

pytestmark = pytest.mark.unit


def entry(seq: int, text: str = "waar is mijn pakket") -> Entry:
    return Entry("c1", seq, 20 * seq, UtteranceEnded(text, 0, 1))


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn (sockets are real, time is not) until `condition` holds."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


def with_receiver(
    path: Path, scenario: Callable[[FeedSender, FeedReceiver, list[Entry]], Awaitable[None]]
) -> None:
    async def main() -> None:
        heard: list[Entry] = []

        def hear(entry: Entry, worker: int) -> None:
            assert worker == os.getpid()
            heard.append(entry)

        sender, receiver = FeedSender(path), FeedReceiver(path, hear, lambda status: None)
        await receiver.start()
        try:
            await scenario(sender, receiver, heard)
        finally:
            sender.close()
            receiver.close()
            await asyncio.sleep(0)

    run_virtual(main())


def test_a_burst_arrives_whole_and_in_order(tmp_path: Path) -> None:
    entries = [entry(seq) for seq in range(500)]

    async def scenario(sender: FeedSender, receiver: FeedReceiver, heard: list[Entry]) -> None:
        for one in entries:
            sender.send(one)
        await until(lambda: len(heard) == len(entries))
        assert heard == entries
        assert (sender.dropped, receiver.bad) == (0, 0)

    with_receiver(tmp_path / "feed", scenario)


def test_messages_arrive_as_they_were(tmp_path: Path) -> None:
    message = IntentRecognised("order_status", 0.9, {"nr": Personal("nr", "<nr:1>"), "zin": "één"})

    async def scenario(sender: FeedSender, receiver: FeedReceiver, heard: list[Entry]) -> None:
        sender.send(Entry("c1", 1, 2, message))
        await until(lambda: bool(heard))
        assert heard == [Entry("c1", 1, 2, message)]

    with_receiver(tmp_path / "feed", scenario)


def test_a_status_arrives_as_it_was(tmp_path: Path) -> None:
    status = ServiceStatus((7, 9), ready=1, draining=1, calls=3, kills={"memory": 2})

    async def main() -> None:
        heard: list[ServiceStatus] = []
        sender = FeedSender(tmp_path / "feed")
        receiver = FeedReceiver(tmp_path / "feed", lambda entry, worker: None, heard.append)
        await receiver.start()
        sender.tell(status)
        await until(lambda: bool(heard))
        sender.close()
        receiver.close()
        await asyncio.sleep(0)
        assert heard == [status]

    run_virtual(main())


def test_without_a_receiver_entries_are_dropped_and_counted(tmp_path: Path) -> None:
    async def main() -> None:
        sender = FeedSender(tmp_path / "nobody")
        sender.send(entry(1))
        sender.send(entry(2))
        assert sender.dropped == 2

    run_virtual(main())


def test_a_frozen_receiver_costs_nothing_but_entries(tmp_path: Path) -> None:
    async def main() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as frozen:
            frozen.bind(str(tmp_path / "feed"))
            sender = FeedSender(tmp_path / "feed")
            for seq in range(3000):
                sender.send(entry(seq))
            assert 1500 < sender.dropped < 2000
            sender.close()
            assert sender.dropped > 2500

    run_virtual(main())


def test_a_receiver_that_comes_back_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "feed"

    async def scenario(sender: FeedSender, receiver: FeedReceiver, heard: list[Entry]) -> None:
        sender.send(entry(1))
        await until(lambda: len(heard) == 1)
        receiver.close()
        await asyncio.sleep(0)
        sender.send(entry(2))
        assert sender.dropped == 1
        await receiver.start()
        sender.send(entry(3))
        await until(lambda: len(heard) == 2)
        assert [one.seq for one in heard] == [1, 3]

    with_receiver(path, scenario)


def test_an_oversized_entry_is_dropped(tmp_path: Path) -> None:
    async def scenario(sender: FeedSender, receiver: FeedReceiver, heard: list[Entry]) -> None:
        sender.send(entry(1, "x" * 60_000))
        sender.send(entry(2))
        await until(lambda: bool(heard))
        assert [one.seq for one in heard] == [2]
        assert sender.dropped == 1

    with_receiver(tmp_path / "feed", scenario)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"7",
        b"{}",
        b'{"message": {"type": "Nonsense"}}',
        b'{"message": 3}',
        b'{"status": 3}',
        b'{"status": {"ready": "veel"}}',
        b"[" * 50_000,
        b'{"worker": 1, "call_id": "c", "seq": 1e999, "at_ms": 0, "message": {"type": "CallerHungUp"}}',
        b'{"worker": 1, "call_id": "\\ud800", "seq": 1, "at_ms": 0, "message": {"type": "CallerHungUp"}}',
    ],
)
def test_what_is_no_entry_is_counted(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "feed"

    async def scenario(sender: FeedSender, receiver: FeedReceiver, heard: list[Entry]) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(data, str(path))
        sender.send(entry(1))
        await until(lambda: bool(heard))
        assert receiver.bad == 1

    with_receiver(path, scenario)


def test_only_this_user_may_send(tmp_path: Path) -> None:
    path = tmp_path / "feed"

    async def scenario(sender: FeedSender, receiver: FeedReceiver, heard: list[Entry]) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    with_receiver(path, scenario)
    assert not path.exists()
