from __future__ import annotations

import asyncio
import errno
import socket
import struct
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from ipaddress import ip_network
from typing import cast

import pytest
from structlog.testing import capture_logs

from voicebot.telephony import audiosocket, audiosocket_line
from voicebot.telephony.audiosocket import AudioSocketServer, listen
from voicebot.telephony.audiosocket_frames import (
    AUDIO,
    ERROR,
    HANG_UP,
    KEY,
    UUID,
    Frame,
)
from voicebot.telephony.audiosocket_line import MAX_UNREAD_AUDIO, AudioSocketLine
from voicebot.telephony.transport import (
    FRAME_BYTES,
    AudioReceived,
    CallTransport,
    KeyReceived,
    LineClosed,
    Received,
)

pytestmark = pytest.mark.unit

CALL_ID = "0b5a2a5e-6d5b-4a2f-9a53-2f7c1f2d7e01"
INTRODUCTION = Frame(UUID, uuid.UUID(CALL_ID).bytes)
SOUND = bytes(range(160)) * 2


def new_call() -> Frame:
    return Frame(UUID, uuid.uuid4().bytes)


class Peer:
    """Asterisk's end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, *frames: Frame) -> None:
        self._writer.write(b"".join(frame.encode() for frame in frames))

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def frame(self) -> Frame:
        kind, length = struct.unpack("!BH", await self._reader.readexactly(3))
        return Frame(kind, await self._reader.readexactly(length))

    async def rest(self) -> bytes:
        """Everything until the other end closes."""
        try:
            return await self._reader.read()
        except ConnectionResetError:
            return b""

    async def leave(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


@asynccontextmanager
async def peer_of(listening: socket.socket, *first: Frame) -> AsyncIterator[Peer]:
    peer = Peer(*await asyncio.open_connection(*listening.getsockname()))
    peer.send(*first)
    try:
        yield peer
    finally:
        await peer.leave()


def over_loopback(
    scenario: Callable[[socket.socket], Awaitable[None]],
) -> None:
    async def main() -> None:
        async with asyncio.timeout(5):
            await scenario(listening)

    with listen("127.0.0.1", 0) as listening:
        asyncio.run(main())


async def until_closed(line: CallTransport) -> list[Received]:
    received = [await line.receive()]
    while received[-1] != LineClosed():
        received.append(await line.receive())
    return received


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


class Desk:
    """An `on_call` that lets the test do the talking: hands out lines, and waits until they close."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[AudioSocketLine] = asyncio.Queue()

    async def __call__(self, line: CallTransport) -> None:
        assert isinstance(line, AudioSocketLine)
        self.lines.put_nowait(line)
        await line._ended.wait()


def test_a_call_is_heard_and_answered() -> None:
    async def echo_then_hand_back(line: CallTransport) -> None:
        assert line.call_id == CALL_ID
        received = await line.receive()
        assert isinstance(received, AudioReceived)
        line.send(received.samples)
        assert await line.receive() == KeyReceived("#")
        line.hang_up()
        line.hang_up()
        line.send(received.samples)

    async def scenario(listening: socket.socket) -> None:
        async with AudioSocketServer(listening, echo_then_hand_back, max_calls=1) as server:
            async with peer_of(listening, INTRODUCTION, Frame(AUDIO, SOUND), Frame(KEY, b"#")) as peer:
                assert await peer.frame() == Frame(AUDIO, SOUND)
                assert await peer.frame() == Frame(HANG_UP)
                assert server.active == 1, "the peer has time to read the 0x00"
            await until(lambda: server.active == 0)
        assert server.lines_broken == 0

    over_loopback(scenario)


@pytest.mark.parametrize(
    "farewell", [Frame(HANG_UP), Frame(ERROR, b"\x01"), None], ids=["0x00", "0xff", "eof"]
)
def test_every_way_to_leave_closes_the_line_once_and_for_all(farewell: Frame | None) -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=1):
            async with peer_of(listening, INTRODUCTION, Frame(AUDIO, SOUND)) as peer:
                line = await desk.lines.get()
                if farewell:
                    peer.send(farewell, Frame(AUDIO, SOUND))
                    await peer.rest()
            assert await until_closed(line) == [AudioReceived(SOUND), LineClosed()]
            assert await line.receive() == LineClosed()
            line.send(SOUND)
            line.hang_up()
            line.close()
            assert not line.handed_back

    over_loopback(scenario)


def test_close_drops_the_line() -> None:
    async def close(line: CallTransport) -> None:
        line.close()
        assert await line.receive() == LineClosed()

    async def scenario(listening: socket.socket) -> None:
        async with AudioSocketServer(listening, close, max_calls=1), peer_of(listening, INTRODUCTION) as peer:
            assert await peer.rest() == b""

    over_loopback(scenario)


def test_unread_sound_is_dropped_oldest_first_but_no_key_is() -> None:
    frames_kept = MAX_UNREAD_AUDIO // FRAME_BYTES
    sounds = [struct.pack("<h", n) * (FRAME_BYTES // 2) for n in range(frames_kept + 20)]

    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=1):
            async with peer_of(listening, INTRODUCTION) as peer:
                line = await desk.lines.get()
                peer.send(Frame(KEY, b"7"), *(Frame(AUDIO, sound) for sound in sounds))
            received = await until_closed(line)
        assert received[0] == KeyReceived("7")
        assert received[1:-1] == [AudioReceived(sound) for sound in sounds[20:]]
        assert line.frames_overrun == 20

    over_loopback(scenario)


def test_crumbs_become_frames_and_a_backlog_leaves_time_for_others() -> None:
    crumbs = [struct.pack("<h", number) for number in range(FRAME_BYTES)]

    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=1):
            async with peer_of(listening, INTRODUCTION) as peer:
                line = await desk.lines.get()
                peer.send(*(Frame(AUDIO, crumb) for crumb in crumbs), Frame(KEY, b"7"))
            await line._ended.wait()
            turns = 0

            async def others() -> None:
                nonlocal turns
                while True:
                    turns += 1
                    await asyncio.sleep(0)

            beside = asyncio.create_task(others())
            received = await until_closed(line)
            beside.cancel()
        whole = b"".join(crumbs)
        assert received == [
            AudioReceived(whole[:FRAME_BYTES]),
            AudioReceived(whole[FRAME_BYTES:]),
            KeyReceived("7"),
            LineClosed(),
        ]
        assert turns >= 3

    over_loopback(scenario)


def test_a_peer_that_does_not_read_costs_frames_not_memory() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        async with AudioSocketServer(listening, desk, max_calls=1):
            with deaf:
                loop = asyncio.get_running_loop()
                await loop.sock_connect(deaf, listening.getsockname())
                await loop.sock_sendall(deaf, INTRODUCTION.encode())
                line = await desk.lines.get()
                for _ in range(1000):
                    line.send(SOUND)
                assert line.frames_refused > 800
                assert line._transport.get_write_buffer_size() < 9000

    over_loopback(scenario)


def test_frames_leave_without_delay() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=1), peer_of(listening, INTRODUCTION):
            line = await desk.lines.get()
            connection = line._transport.get_extra_info("socket")
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    over_loopback(scenario)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "no_uuid"),
        (INTRODUCTION.encode() * 2, "second_uuid"),
        (INTRODUCTION.encode() + Frame(KEY, b"1").encode() * 400, "too_fast"),
        (INTRODUCTION.encode() + Frame(AUDIO, b"\0\0").encode() * 7000, "too_fast"),
        (INTRODUCTION.encode() + b"\x77\x00\x00", "unknown_kind"),
        (INTRODUCTION.encode() + b"\x10\xff\xff", "bad_length"),
        (INTRODUCTION.encode() + Frame(KEY, b"x").encode(), "bad_key"),
    ],
    ids=["another protocol", "second UUID", "flood of keys", "crumbs", "unknown kind", "oversized", "no key"],
)
def test_a_broken_peer_is_closed_and_counted_once(data: bytes, cause: str) -> None:
    async def scenario(listening: socket.socket) -> None:
        with capture_logs() as logs:
            async with AudioSocketServer(listening, Desk(), max_calls=1) as server:
                async with peer_of(listening) as peer:
                    peer.send_bytes(data)
                    peer.send_bytes(b"\xff" * 100)
                    assert await peer.rest() == b""
                assert server.refusals.counts == {cause: 1}
                assert (server.lines_broken, server.calls_refused) == (1, 0)
        assert [(entry["event"], entry["cause"]) for entry in logs] == [("audiosocket_refused", cause)]

    over_loopback(scenario)


@pytest.mark.parametrize("first_bytes", [b"", b"\x01", b"\x01\x00\x10" + bytes(15)])
def test_a_peer_that_does_not_introduce_itself_is_closed(
    monkeypatch: pytest.MonkeyPatch, first_bytes: bytes
) -> None:
    monkeypatch.setattr(audiosocket_line, "INTRODUCTION_S", 0.05)

    async def scenario(listening: socket.socket) -> None:
        async with AudioSocketServer(listening, Desk(), max_calls=1) as server, peer_of(listening) as peer:
            peer.send_bytes(first_bytes)
            assert await peer.rest() == b""
            assert (server.refusals.counts, server.active) == ({"no_uuid": 1}, 0)

    over_loopback(scenario)


def test_a_frame_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiosocket_line, "FRAME_S", 0.05)

    async def scenario(listening: socket.socket) -> None:
        async with AudioSocketServer(listening, Desk(), max_calls=1) as server:
            async with peer_of(listening, INTRODUCTION, Frame(AUDIO, SOUND)) as peer:
                peer.send_bytes(Frame(AUDIO, SOUND).encode()[:-1])
                assert await peer.rest() == b""
            assert server.refusals.counts == {"unfinished_frame": 1}

    over_loopback(scenario)


def test_frames_that_come_in_pieces_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiosocket_line, "FRAME_S", 1.0)

    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=1):
            async with peer_of(listening, INTRODUCTION) as peer:
                line = await desk.lines.get()
                pieces = Frame(AUDIO, SOUND).encode() * 3
                for start in range(0, len(pieces), 200):
                    peer.send_bytes(pieces[start : start + 200])
                    await asyncio.sleep(0)
            assert await until_closed(line) == [AudioReceived(SOUND)] * 3 + [LineClosed()]
            assert line._due is None

    over_loopback(scenario)


def test_strangers_take_no_calls_place_and_the_oldest_makes_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiosocket, "MAX_STRANGERS", 3)

    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=1) as server, AsyncExitStack() as peers:
            strangers = [await peers.enter_async_context(peer_of(listening)) for _ in range(5)]
            assert await strangers[0].rest() == b""
            assert await strangers[1].rest() == b""
            await peers.enter_async_context(peer_of(listening, INTRODUCTION))
            await desk.lines.get()
            assert await strangers[2].rest() == b""
            strangers[4].send(new_call())
            assert await strangers[4].rest() in (Frame(HANG_UP).encode(), b"")
            assert server.refusals.counts == {"crowded": 3, "full": 1}
            assert server.active == 1

    over_loopback(scenario)


def test_thousands_of_strangers_one_after_the_other_leave_nothing_but_a_count() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        with capture_logs() as logs:
            async with AudioSocketServer(listening, desk, max_calls=1) as server:
                for number in range(1000):
                    with socket.create_connection(listening.getsockname()) as stranger:
                        stranger.send(b"\x10\x00\x02ab")
                    await until(lambda number=number: server.lines_broken > number - 100)
                await until(lambda: server.lines_broken == 1000)
                async with peer_of(listening, INTRODUCTION):
                    await desk.lines.get()
        assert len(logs) == 1

    over_loopback(scenario)


def test_a_call_that_goes_on_is_not_taken_over() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=3) as server:
            async with peer_of(listening, INTRODUCTION) as first:
                line = await desk.lines.get()
                async with peer_of(listening, INTRODUCTION) as second:
                    assert await second.rest() == b""
                assert server.refusals.counts == {"same_uuid": 1}
                line.send(SOUND)
                assert await first.frame() == Frame(AUDIO, SOUND)
            await until(lambda: server.active == 0)
            async with peer_of(listening, INTRODUCTION):
                await desk.lines.get()

    over_loopback(scenario)


@pytest.mark.parametrize(
    ("networks", "allowed"), [(["10.0.0.0/8", "127.0.0.0/8"], True), (["10.0.0.0/8", "::1/128"], False)]
)
def test_only_peers_from_allowed_networks_are_taken(networks: list[str], allowed: bool) -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        allow = [ip_network(network) for network in networks]
        async with AudioSocketServer(listening, desk, max_calls=1, allow=allow) as server:
            async with peer_of(listening, INTRODUCTION) as peer:
                if allowed:
                    await desk.lines.get()
                else:
                    assert await peer.rest() == b""
            assert server.refusals.counts == ({} if allowed else {"not_allowed": 1})

    over_loopback(scenario)


def test_a_full_server_leaves_calls_alone_until_there_is_room() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=2) as server, AsyncExitStack() as peers:
            first = await peers.enter_async_context(peer_of(listening, INTRODUCTION))
            for _ in range(3):
                await peers.enter_async_context(peer_of(listening, new_call()))
            lines = [await desk.lines.get(), await desk.lines.get()]
            await asyncio.sleep(0.05)
            assert (server.active, server.room, desk.lines.qsize()) == (2, 0, 0)
            lines[0].send(SOUND)
            assert await first.frame() == Frame(AUDIO, SOUND)
            lines[0].close()
            await desk.lines.get()
            await asyncio.sleep(0.05)
            assert (server.active, server.room, desk.lines.qsize()) == (2, 0, 0)
            assert (server.calls_answered, server.calls_refused) == (3, 0)

    over_loopback(scenario)


@pytest.mark.parametrize("calls", [10, 30])
def test_servers_on_one_socket_fill_every_place_once(calls: int) -> None:
    """However many calls come at the same moment."""

    async def scenario(listening: socket.socket) -> None:
        desks = [Desk(), Desk()]
        places = [AudioSocketServer(listening.dup(), desk, max_calls=10) for desk in desks]
        for server in places:
            server.start()
        async with AsyncExitStack() as peers:
            for _ in range(calls):
                await peers.enter_async_context(peer_of(listening, new_call()))
            await until(lambda: sum(server.active for server in places) == min(calls, 20))
            await asyncio.sleep(0.05)
            assert sum(server.active for server in places) == min(calls, 20)
            assert all(server.active <= 10 and server.calls_refused == 0 for server in places)
        for server in places:
            await server.close()

    over_loopback(scenario)


def test_who_is_paused_takes_no_calls_but_keeps_those_it_has() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=9) as server, AsyncExitStack() as peers:
            first = await peers.enter_async_context(peer_of(listening, INTRODUCTION))
            line = await desk.lines.get()
            server.pause()
            await peers.enter_async_context(peer_of(listening, new_call()))
            await asyncio.sleep(0.05)
            assert (server.active, server.room) == (1, 0)
            line.send(SOUND)
            assert await first.frame() == Frame(AUDIO, SOUND)
            server.start()
            await desk.lines.get()

    over_loopback(scenario)


def test_without_files_it_has_no_room_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiosocket, "ACCEPT_PAUSE_S", 0.05)

    class NoFiles:
        """A listening socket in a process that has too many files open."""

        def __init__(self, listening: socket.socket) -> None:
            self._listening = listening
            self.refusing = True

        def __getattr__(self, name: str) -> object:
            return getattr(self._listening, name)

        def accept(self) -> tuple[socket.socket, object]:
            if self.refusing:
                raise OSError(errno.EMFILE, "Too many open files")
            return self._listening.accept()

    async def scenario(listening: socket.socket) -> None:
        desk, scarce = Desk(), NoFiles(listening)
        server = AudioSocketServer(cast(socket.socket, scarce), desk, max_calls=2)
        server.start()
        async with peer_of(listening, INTRODUCTION):
            await until(lambda: server.room == 0)
            scarce.refusing = False
            await desk.lines.get()
            assert server.room == 1
        await server.close()

    over_loopback(scenario)


def test_a_crashed_call_closes_its_line_only_and_tells_nothing_personal() -> None:
    desk, crashed = Desk(), list[bool]()

    async def crash_first(line: CallTransport) -> None:
        if not crashed:
            crashed.append(True)
            raise RuntimeError("postcode 5611BJ")
        await desk(line)

    async def scenario(listening: socket.socket) -> None:
        with capture_logs() as logs:
            async with AudioSocketServer(listening, crash_first, max_calls=2):
                async with peer_of(listening, INTRODUCTION) as first:
                    assert await first.rest() == b""
                async with peer_of(listening, INTRODUCTION):
                    await desk.lines.get()
        assert logs == [
            {"event": "call_crashed", "call_id": CALL_ID, "error": "RuntimeError", "log_level": "error"}
        ]

    over_loopback(scenario)


def test_drain_lets_calls_finish_and_answers_no_new_ones() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        address = listening.getsockname()
        server = AudioSocketServer(listening, desk, max_calls=2)
        async with server, peer_of(listening, INTRODUCTION) as peer:
            await desk.lines.get()
            await server.drain(0.01)
            assert server.active == 1
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*address)
            draining = asyncio.create_task(server.drain(5))
            peer.send(Frame(HANG_UP))
            await draining
            assert server.active == 0

    over_loopback(scenario)


def test_a_call_whose_caller_has_left_keeps_nobody_out_unless_there_are_many() -> None:
    over = asyncio.Event()

    async def linger(line: CallTransport) -> None:
        await over.wait()

    async def scenario(listening: socket.socket) -> None:
        async with AudioSocketServer(listening, linger, max_calls=2) as server:
            for active in (1, 2, 3, 4):
                async with peer_of(listening, new_call()):
                    await until(lambda wanted=active: server.active == wanted)
            await until(lambda: server.room == 0)
            over.set()
            await until(lambda: server.room == 2)

    over_loopback(scenario)


def test_calls_begin_no_faster_than_allowed_in_the_long_run() -> None:
    begun: list[float] = []

    async def note(line: CallTransport) -> None:
        begun.append(asyncio.get_running_loop().time())

    async def scenario(listening: socket.socket) -> None:
        async with AudioSocketServer(listening, note, max_calls=5, calls_per_s=20) as server:
            async with AsyncExitStack() as peers:
                for _ in range(9):
                    await peers.enter_async_context(peer_of(listening, new_call()))
                await until(lambda: len(begun) == 9)
            assert server.refusals.counts == {}
        assert begun[8] - begun[0] > 0.15, "five at once, then one each 50 ms"

    over_loopback(scenario)


def test_close_ends_even_a_call_that_will_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiosocket, "CLOSE_GRACE_S", 0.02)
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def stubborn(line: CallTransport) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def scenario(listening: socket.socket) -> None:
        server = AudioSocketServer(listening, stubborn, max_calls=1)
        async with server, peer_of(listening, INTRODUCTION) as peer:
            await begun.wait()
            closing = asyncio.create_task(server.close())
            assert await peer.rest() == b""
            await closing
            assert (cancelled.is_set(), server.active) == (True, 0)

    over_loopback(scenario)
