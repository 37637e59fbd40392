"""Any bytes at an AudioSocket, at any pace: what is kept stays bounded, and the line ends once."""

import asyncio
import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kept import tries

from voicebot.clock import run_virtual
from voicebot.errors import ProtocolError
from voicebot.telephony.audiosocket_line import MAX_UNREAD, MAX_UNREAD_AUDIO, AudioSocketLine
from voicebot.telephony.transport import AudioReceived, LineClosed

pytestmark = pytest.mark.unit


class Wire(asyncio.Transport):
    """A transport to nowhere."""

    def __init__(self, line: AudioSocketLine) -> None:
        super().__init__()
        self._line = line
        self.aborted = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self

    def setsockopt(self, *option: int) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: bytes) -> None:
        assert not self.aborted

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            asyncio.get_running_loop().call_soon(self._line.connection_lost, None)


class Keeper:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.causes: list[str] = []

    def line_opened(self, line: AudioSocketLine) -> None:
        self.told.append("opened")

    def line_introduced(self, line: AudioSocketLine) -> None:
        self.told.append("introduced")

    def line_refused(self, error: ProtocolError) -> None:
        self.causes.append(error.cause)

    def line_ended(self, line: AudioSocketLine) -> None:
        self.told.append("ended")


def frame(kind: int, payload: bytes) -> bytes:
    return struct.pack("!BH", kind, len(payload)) + payload


INTRODUCTION = frame(1, bytes(16))
SOUND = frame(0x10, bytes(320))
pieces = st.one_of(
    st.just(INTRODUCTION),
    st.just(SOUND),
    st.builds(frame, st.sampled_from([0x00, 0x01, 0x03, 0x10, 0xFF]), st.binary(max_size=40)),
    st.builds(frame, st.just(0x03), st.sampled_from([b"1", b"#", b"D"])),
    st.builds(
        lambda piece, times: piece * times, st.sampled_from([SOUND, frame(0x10, b"ab")]), st.integers(1, 3000)
    ),
    st.builds(struct.Struct("!BH").pack, st.integers(0, 255), st.integers(0, 65535)),
    st.binary(max_size=400),
)
pauses = st.sampled_from([0.0, 0.0, 0.02, 1.0, 3.0, 60.0])
takes = st.sampled_from([0, 0, 1, 200])


@tries(500)
@given(st.booleans(), st.lists(st.tuples(pieces, pauses, takes), max_size=12))
@example(True, [(b"\x10", 1.0, 0), (b"\x01", 1.0, 0), (b"\x40", 1.0, 0), (SOUND, 3.0, 0)])
@example(True, [(frame(0x10, b"ab") * 3000, 0.0, 0)])
@example(True, [(frame(0x03, b"1") * 3000, 0.0, 0)])
@example(True, [(SOUND * 3000, 60.0, 0), (SOUND * 3000, 60.0, 200)])
@example(False, [(frame(0x00, b"") + SOUND * 3000, 0.0, 0)])
def test_any_bytes_at_any_pace(introduced: bool, chunks: list[tuple[bytes, float, int]]) -> None:
    async def main() -> None:
        keeper = Keeper()
        line = AudioSocketLine(keeper)
        wire = Wire(line)
        line.connection_made(wire)
        for data, pause, takes in [(INTRODUCTION if introduced else b"", 0.0, 0), *chunks]:
            if not wire.aborted:
                line.data_received(data)
            line.send(bytes(320))
            assert len(line._unread) <= MAX_UNREAD + 1
            assert (
                sum(len(r.samples) for r in line._unread if isinstance(r, AudioReceived)) <= MAX_UNREAD_AUDIO
            )
            assert len(line._parser._unread) <= 4099 or wire.aborted
            for _ in range(min(takes, len(line._unread))):
                await line.receive()
            await asyncio.sleep(pause)
        line.close()
        await asyncio.sleep(0.1)
        assert keeper.told in (["opened", "ended"], ["opened", "introduced", "ended"])
        assert len(keeper.causes) <= 1
        while await line.receive() != LineClosed():
            pass
        assert line._due is None

    run_virtual(main())
