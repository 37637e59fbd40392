from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import numpy as np
import pytest

from voicebot.audio import Samples
from voicebot.clock import run_virtual
from voicebot.errors import TelephonyError
from voicebot.telephony.reception import Reception
from voicebot.telephony.rtp import Address, RtpStream
from voicebot.telephony.rtp_packets import EVENT_TYPE, PCMA, KeyEvent, RtpPacket
from voicebot.telephony.sdp import Media

pytestmark = pytest.mark.unit

PEER: Address = ("10.0.0.1", 4000)
MEDIA = Media(*PEER, (8,), EVENT_TYPE)


class Wire:
    """Stands in for the socket; notes what is sent when."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, RtpPacket]] = []

    def sendto(self, data: bytes, to: Address) -> None:
        assert to == PEER
        self.sent.append((asyncio.get_running_loop().time(), RtpPacket.parse(data)))

    def abort(self) -> None:
        pass

    @property
    def packets(self) -> list[RtpPacket]:
        return [packet for _, packet in self.sent]

    def heard(self) -> Samples:
        return np.concatenate([PCMA.decode(packet.payload) for packet in self.packets])


def on_a_stream(play: Callable[[RtpStream, Wire], Awaitable[None]]) -> None:
    async def main() -> None:
        stream, wire = RtpStream(), Wire()
        stream.connection_made(cast(asyncio.DatagramTransport, wire))
        stream.connect(MEDIA)
        await play(stream, wire)
        stream.close()

    run_virtual(main())


def levels(count: int) -> Samples:
    """Sound that survives A-law unchanged."""
    return PCMA.decode(bytes(k % 256 for k in range(count)))


def test_silence_goes_out_every_20_ms_on_absolute_deadlines() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        stream.start()
        await asyncio.sleep(10.001)
        assert [at for at, _ in wire.sent] == pytest.approx([k * 0.02 for k in range(501)])
        assert list(stream.sent_at) == [at for at, _ in wire.sent]
        stamps = np.array([packet.timestamp for packet in wire.packets], np.uint32)
        assert set(np.diff(stamps)) == {160}
        assert [packet.marker for packet in wire.packets] == [True] + [False] * 500
        assert (np.abs(wire.heard()) == 8).all()
        assert stream.statistics().sent == 501

    on_a_stream(play)


def test_pieces_are_said_without_a_seam_and_at_the_place_told() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        stream.start()
        await asyncio.sleep(0.05)
        sound = levels(1000)
        places = [stream.say(sound[:250]), stream.say(sound[250:300]), stream.say(sound[300:])]
        assert places == [480, 730, 780]
        await stream.idle.wait()
        assert np.array_equal(wire.heard()[480:1480], sound)
        assert np.array_equal(stream.spoken()[480:1480], sound)
        assert stream.sent_at[780 // 160] == pytest.approx(0.08)

    on_a_stream(play)


def test_keys_are_sent_in_turn_without_sound() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        stream.say(levels(160))
        stream.press("1#")
        assert stream.say(levels(160)) == (1 + 2 * 12) * 160
        stream.start()
        await stream.idle.wait()
        kinds = [packet.payload_type for packet in wire.packets]
        assert kinds == [8] + [EVENT_TYPE] * 14 + [8]
        events = [KeyEvent.parse(packet.payload) for packet in wire.packets[1:15]]
        assert "".join(event.key for event in events) == "1" * 7 + "#" * 7
        stamps = [(packet.timestamp - wire.packets[0].timestamp) % 2**32 for packet in wire.packets]
        assert stamps == [0] + [160] * 7 + [160 * 13] * 7 + [160 * 25]
        sequence = [(packet.sequence - wire.packets[0].sequence) % 2**16 for packet in wire.packets]
        assert sequence == list(range(16))
        assert [k for k, packet in enumerate(wire.packets) if packet.marker] == [0, 1, 8, 15]

    on_a_stream(play)


def test_lost_sound_takes_its_number_and_its_time_and_is_never_sent() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        sound = levels(160)
        assert stream.say(sound) == 0
        assert [stream.lose(), stream.lose()] == [160, 320]
        assert stream.say(sound) == 480
        stream.start()
        await stream.idle.wait()
        assert [at for at, _ in wire.sent] == pytest.approx([0, 0.06])
        first, second = wire.packets
        assert (second.sequence - first.sequence) % 2**16 == 3
        assert (second.timestamp - first.timestamp) % 2**32 == 480
        assert (first.marker, second.marker) == (True, False)
        assert stream.statistics().sent == 2
        assert len(stream.sent_at) == 4
        assert np.array_equal(stream.spoken(), np.concatenate([sound, np.zeros(320, np.int16), sound]))

    on_a_stream(play)


def test_the_other_side_counts_what_was_lost() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        for _ in range(3):
            stream.say(levels(160))
            stream.lose()
        stream.say(levels(160))
        stream.start()
        await stream.idle.wait()
        received = Reception()
        for at, packet in wire.sent:
            received.add_sound(packet, at)
        assert (received.packets, received.lost) == (4, 3)
        assert not received.heard()[160:320].any()

    on_a_stream(play)


def test_wrong_keys_are_refused() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        with pytest.raises(TelephonyError, match="'x'"):
            stream.press("1x")
        stream.connect(Media(*PEER, (8,), event_type=None))
        with pytest.raises(TelephonyError, match="takes no keys"):
            stream.press("1")
        assert stream.idle.is_set()

    on_a_stream(play)


def test_on_hold_the_clock_runs_but_nothing_is_sent() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        stream.start()
        stream.connect(Media(*PEER, (8,), EVENT_TYPE, "sendonly"))
        await asyncio.sleep(0.101)
        assert len(wire.sent) == 1
        stream.connect(MEDIA)
        await asyncio.sleep(0.02)
        assert (wire.packets[1].timestamp - wire.packets[0].timestamp) % 2**32 == 6 * 160

    on_a_stream(play)


def test_frames_are_told_as_they_arrive_from_the_other_side_only() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        told: list[tuple[float, Samples]] = []
        stream.on_frame = lambda samples, at: told.append((at, samples))
        await asyncio.sleep(0.5)
        sound = levels(160)
        packet = RtpPacket(8, 1, 1, 1, PCMA.encode(sound)).build()
        stream.datagram_received(packet, ("10.0.0.2", 4000))
        stream.datagram_received(b"noise", PEER)
        stream.datagram_received(packet, PEER)
        stream.datagram_received(packet, PEER)
        stream.datagram_received(RtpPacket(EVENT_TYPE, 2, 1, 1, KeyEvent("7", 160).build()).build(), PEER)
        stream.datagram_received(RtpPacket(EVENT_TYPE, 3, 1, 1, b"").build(), PEER)
        assert len(told) == 1
        assert told[0][0] == 0.5
        assert np.array_equal(told[0][1], sound)
        assert [key.key for key in stream.received.keys] == ["7"]
        statistics = stream.statistics()
        assert (statistics.packets, statistics.duplicates, statistics.lost) == (2, 1, 0)

    on_a_stream(play)


def test_both_sides_are_recorded_on_one_time_line() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        sound = levels(160)
        assert stream.recording().shape == (0, 2)
        stream.say(sound)
        stream.start()
        await asyncio.sleep(0.05)
        stream.datagram_received(RtpPacket(8, 1, 1, 1, PCMA.encode(sound)).build(), PEER)
        recording = stream.recording()
        assert np.array_equal(recording[:160, 0], sound)
        assert np.array_equal(recording[400:560, 1], sound)
        assert not recording[:400, 1].any()

    on_a_stream(play)


def test_a_closed_stream_says_nothing_and_waits_for_nobody() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        stream.start()
        stream.say(levels(8000))
        stream.close()
        stream.say(levels(8000))
        await asyncio.wait_for(stream.idle.wait(), 1)
        await asyncio.sleep(1)
        assert len(wire.sent) == 1

    on_a_stream(play)


def test_the_queue_is_bounded() -> None:
    async def play(stream: RtpStream, wire: Wire) -> None:
        with pytest.raises(TelephonyError, match="1800 s"):
            stream.say(np.zeros(1801 * 8000, np.int16))

    on_a_stream(play)
