from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from voicebot.errors import ProtocolError
from voicebot.telephony import audiosocket
from voicebot.telephony.audiosocket import (
    MAX_UNREAD,
    MAX_UNREAD_AUDIO,
    AudioSocketLine,
    AudioSocketServer,
    listen,
)
from voicebot.telephony.audiosocket_frames import (
    AUDIO,
    ERROR,
    HANG_UP,
    KEY,
    MAX_PAYLOAD,
    UUID,
    Frame,
    FrameParser,
)
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

later_frames = st.lists(
    st.one_of(
        st.binary(max_size=MAX_PAYLOAD // 2).map(lambda half: Frame(AUDIO, half * 2)),
        st.sampled_from("0123456789*#ABCD").map(lambda key: Frame(KEY, key.encode())),
        st.binary(max_size=4).map(lambda payload: Frame(ERROR, payload)),
        st.just(Frame(HANG_UP)),
    ),
    max_size=8,
)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


# ----------------------------------------------------------------- the parser


@given(later_frames, st.lists(st.integers(min_value=0), max_size=12))
def test_frames_are_the_same_however_the_bytes_are_cut(frames: list[Frame], cuts: list[int]) -> None:
    frames = [INTRODUCTION, *frames]
    parser = FrameParser()
    parsed = [
        frame
        for piece in in_pieces(b"".join(f.encode() for f in frames), cuts)
        for frame in parser.feed(piece)
    ]
    assert parsed == frames


def accepts(pieces: list[bytes]) -> bool:
    parser = FrameParser()
    try:
        for piece in pieces:
            parser.feed(piece)
    except ProtocolError:
        return False
    return True


@given(st.booleans(), st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=6))
def test_any_bytes_are_refused_with_a_protocol_error_or_accepted(
    introduced: bool, data: bytes, cuts: list[int]
) -> None:
    data = (INTRODUCTION.encode() if introduced else b"") + data
    assert accepts(in_pieces(data, cuts)) == accepts([data])


@pytest.mark.parametrize(
    "data",
    [
        Frame(AUDIO, SOUND).encode(),
        Frame(HANG_UP).encode(),
        Frame(UUID, b"short").encode(),
        INTRODUCTION.encode() * 2,
        INTRODUCTION.encode() + Frame(AUDIO, b"odd").encode(),
        INTRODUCTION.encode() + Frame(AUDIO, bytes(MAX_PAYLOAD + 2)).encode(),
        INTRODUCTION.encode() + Frame(0x12, SOUND).encode(),
        INTRODUCTION.encode() + Frame(KEY, b"x").encode(),
        INTRODUCTION.encode() + Frame(KEY, b"12").encode(),
        INTRODUCTION.encode() + Frame(HANG_UP, b"!").encode(),
    ],
    ids=[
        "audio first",
        "hang-up first",
        "short UUID",
        "second UUID",
        "odd audio",
        "huge audio",
        "wideband audio",
        "no such key",
        "two keys in a frame",
        "hang-up with payload",
    ],
)
def test_what_asterisk_never_sends_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameParser().feed(data)


def test_a_frame_too_large_is_refused_at_its_header() -> None:
    parser = FrameParser()
    parser.feed(INTRODUCTION.encode())
    with pytest.raises(ProtocolError):
        parser.feed(struct.pack("!BH", AUDIO, 65534))


# ----------------------------------------------------------------- line and server, over loopback


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
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        INTRODUCTION.encode() + Frame(KEY, b"1").encode() * (MAX_UNREAD + 1),
        INTRODUCTION.encode() + b"\x77\x00\x00",
    ],
    ids=["another protocol", "a flood of keys", "unknown kind"],
)
def test_a_broken_peer_is_closed_and_counted_once(data: bytes) -> None:
    async def scenario(listening: socket.socket) -> None:
        with capture_logs() as logs:
            async with AudioSocketServer(listening, Desk(), max_calls=1) as server:
                async with peer_of(listening) as peer:
                    peer.send_bytes(data)
                    peer.send_bytes(b"\xff" * 100)
                    assert await peer.rest() == b""
                assert server.lines_broken == 1
        assert [entry["event"] for entry in logs] == ["line_broken"]

    over_loopback(scenario)


def test_a_peer_that_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiosocket, "INTRODUCTION_S", 0.05)

    async def scenario(listening: socket.socket) -> None:
        async with AudioSocketServer(listening, Desk(), max_calls=1) as server, peer_of(listening) as peer:
            assert await peer.rest() == b""
            assert (server.lines_broken, server.active) == (1, 0)

    over_loopback(scenario)


def test_calls_over_the_limit_are_refused_and_the_others_go_on() -> None:
    async def scenario(listening: socket.socket) -> None:
        desk = Desk()
        async with AudioSocketServer(listening, desk, max_calls=2) as server:
            async with peer_of(listening, INTRODUCTION), peer_of(listening, INTRODUCTION) as second:
                lines = [await desk.lines.get(), await desk.lines.get()]
                async with peer_of(listening, INTRODUCTION) as third:
                    assert await third.rest() in (Frame(HANG_UP).encode(), b"")
                assert (server.active, server.calls_refused) == (2, 1)
                for line in lines:
                    line.send(SOUND)
                assert await second.frame() == Frame(AUDIO, SOUND)
            await until(lambda: server.active == 0)
            async with peer_of(listening, INTRODUCTION):
                await desk.lines.get()

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
