"""The sound of one call over RTP, as a telephone makes and takes it."""

from __future__ import annotations

import asyncio
import secrets
import socket
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from voicebot.audio import Samples
from voicebot.errors import ProtocolError, TelephonyError
from voicebot.telephony.reception import MAX_SECONDS, Reception
from voicebot.telephony.rtp_packets import (
    CODECS,
    EVENT_TYPE,
    KEYS,
    PCMA,
    KeyEvent,
    RtpPacket,
    key_press,
)
from voicebot.telephony.sdp import Media
from voicebot.telephony.transport import FRAME_MS, FRAME_SAMPLES, RATE

Address: TypeAlias = tuple[str, int]
"""Host and UDP port."""
_Tick: TypeAlias = Samples | KeyEvent | Literal["lost"] | None
"""What 20 ms sends: sound, a word about a key, sound that does not arrive, or nothing."""

_FRAME_SECONDS = FRAME_MS / 1000
_MAX_TICKS = MAX_SECONDS * RATE // FRAME_SAMPLES
_RECEIVE_BUFFER = 1 << 20
"""Bytes: what arrives while the event loop is busy is kept, some 5 s of it."""


@dataclass(frozen=True, slots=True)
class RtpStatistics:
    """How one stream went."""

    packets: int
    """Received, duplicates left out."""
    lost: int
    duplicates: int
    largest_gap_ms: float
    """Longest time between two packets received."""
    sent: int
    """Packets."""
    largest_lateness_ms: float
    """How late our own 20 ms clock ever was: distrust a measurement where this is large."""


class RtpStream(asyncio.DatagramProtocol):
    """Sends what it is given to say, or silence, every 20 ms; keeps what arrives.

    What is sent has a time line of its own: sample 0 is the first one after
    `start`, each tick of the clock is `FRAME_SAMPLES` on, sound or not.
    Never more than 30 minutes are queued or kept, in either direction.
    """

    def __init__(self) -> None:
        self.received = Reception()
        """What arrived, and when."""
        self.sent_at = array("d")
        """loop.time() at which each frame of 160 samples left."""
        self.on_frame: Callable[[Samples, float], None] | None = None
        """Called with the samples of each packet and its loop.time(), in order of arrival."""
        self.idle = asyncio.Event()
        """Set while nothing is waiting to be sent."""
        self.idle.set()
        self._remote: Address | None = None
        self._sends = False
        self._codec = PCMA
        self._event_type: int | None = EVENT_TYPE
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._began_at = 0.0
        self._plan: deque[_Tick] = deque()
        self._spoken = bytearray()
        self._ticks = self._packets = 0
        self._lateness = 0.0
        self._source = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._timestamp = self._key_timestamp = secrets.randbits(32)
        self._after_pause = True

    async def open(self, host: str) -> int:
        """Listen at `host`; return the UDP port."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, (host, 0))
        udp = transport.get_extra_info("socket")
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        return int(udp.getsockname()[1])

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Send over `transport` from now on."""
        self._transport = transport

    def connect(self, media: Media) -> None:
        """Send to, and take sound from, the other side as its SDP says."""
        self._remote = (media.host, media.port)
        self._sends = media.listens
        self._codec = CODECS[media.payload_types[0]]
        self._event_type = media.event_type

    def start(self) -> None:
        """Start the 20 ms clock."""
        self._began_at = asyncio.get_running_loop().time()
        self._tick()

    def close(self) -> None:
        """Stop the clock and close the socket; what was queued is forgotten."""
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._transport = self._timer = None
        self._plan.clear()
        self.idle.set()

    def say(self, samples: Samples) -> int:
        """Queue sound (int16, 8 kHz, shape (n,)); return where its first sample is on the time line sent.

        Sample k of it leaves in the packet of ``sent_at[(position + k) // 160]``.
        """
        tail = np.zeros(0, np.int16)
        if self._plan and isinstance(self._plan[-1], np.ndarray) and len(self._plan[-1]) < FRAME_SAMPLES:
            tail = self._plan[-1]
            self._plan.pop()
        position = (self._ticks + len(self._plan)) * FRAME_SAMPLES + len(tail)
        samples = np.concatenate([tail, samples])
        self._queue(
            [samples[start : start + FRAME_SAMPLES] for start in range(0, len(samples), FRAME_SAMPLES)]
        )
        return position

    def press(self, keys: str) -> None:
        """Queue key presses, 240 ms each, without sound; TelephonyError for a key that no phone has."""
        if self._event_type is None:
            raise TelephonyError("the other side takes no keys (RFC 4733); set dtmf_mode=rfc4733 at its end")
        wrong = sorted(set(keys) - set(KEYS))
        if wrong:
            raise TelephonyError(f"no telephone has the key {wrong[0]!r}; press {KEYS}")
        self._queue([tick for key in keys for tick in key_press(key)])

    def lose(self) -> int:
        """Queue 20 ms that are lost on the way, numbered and timed but never sent; return their place."""
        position = (self._ticks + len(self._plan)) * FRAME_SAMPLES
        self._queue(["lost"])
        return position

    def spoken(self) -> Samples:
        """Return everything sent since `start`; keys, pauses and losses as silence, int16, shape (n,)."""
        return np.frombuffer(bytes(self._spoken), np.int16)

    def statistics(self) -> RtpStatistics:
        """Return how the stream went so far."""
        received = self.received
        return RtpStatistics(
            packets=received.packets,
            lost=received.lost,
            duplicates=received.duplicates,
            largest_gap_ms=round(received.largest_gap * 1000, 1),
            sent=self._packets,
            largest_lateness_ms=round(self._lateness * 1000, 1),
        )

    def recording(self) -> Samples:
        """Return both sides on one time line from `start`: int16, shape (n, 2), left said, right heard."""
        if not self._ticks:
            return np.zeros((0, 2), np.int16)
        said, heard = self.spoken(), self.received.heard()
        lead = 0
        if self.received.arrivals:
            lead = round((self.received.arrivals[0].at - self._began_at) * RATE)
        heard = np.concatenate([np.zeros(max(lead, 0), np.int16), heard[max(-lead, 0) :]])
        both = np.zeros((max(len(said), len(heard)), 2), np.int16)
        both[: len(said), 0] = said
        both[: len(heard), 1] = heard
        return both

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Keep a packet from the other side; what is not RTP, or not from there, is ignored."""
        if addr != self._remote:
            return
        at = asyncio.get_running_loop().time()
        try:
            packet = RtpPacket.parse(data)
            if packet.payload_type == self._event_type:
                self.received.add_event(packet, at)
        except ProtocolError:
            return
        if packet.payload_type in CODECS:
            samples = self.received.add_sound(packet, at)
            if samples is not None and self.on_frame is not None:
                self.on_frame(samples, at)

    def _queue(self, ticks: list[_Tick]) -> None:
        if self._transport is None:  # the call ended: nobody listens any more
            return
        if len(self._plan) + len(ticks) > _MAX_TICKS:
            raise TelephonyError(f"more than {MAX_SECONDS} s waiting to be said; say it in parts")
        self._plan.extend(ticks)
        if ticks:
            self.idle.clear()

    def _tick(self) -> None:
        """Send the next 20 ms, and set the clock for those after; deadlines are absolute: nothing drifts."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._lateness = max(self._lateness, now - self._began_at - self._ticks * _FRAME_SECONDS)
        self._send(self._plan.popleft() if self._plan else np.zeros(0, np.int16))
        if self._ticks < _MAX_TICKS:
            self.sent_at.append(now)
        self._ticks += 1
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        if not self._plan:
            self.idle.set()
        self._timer = loop.call_at(self._began_at + self._ticks * _FRAME_SECONDS, self._tick)

    def _send(self, tick: _Tick) -> None:
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        if isinstance(tick, KeyEvent):
            first = tick.samples == FRAME_SAMPLES
            if first:
                self._key_timestamp = self._timestamp
            self._send_packet(self._event_type or EVENT_TYPE, self._key_timestamp, tick.build(), marker=first)
        elif isinstance(tick, str):
            self._sequence = (self._sequence + 1) & 0xFFFF
        elif tick is not None:
            frame[: len(tick)] = tick
            self._send_packet(
                self._codec.payload_type, self._timestamp, self._codec.encode(frame), self._after_pause
            )
        self._after_pause = tick is None or isinstance(tick, KeyEvent)
        if len(self._spoken) < 2 * MAX_SECONDS * RATE:
            self._spoken += frame.tobytes()

    def _send_packet(self, payload_type: int, timestamp: int, payload: bytes, marker: bool) -> None:
        if self._transport is None or self._remote is None or not self._sends:
            return
        packet = RtpPacket(payload_type, self._sequence, timestamp, self._source, payload, marker)
        self._transport.sendto(packet.build(), self._remote)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._packets += 1
