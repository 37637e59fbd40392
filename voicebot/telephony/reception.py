"""What arrives on one RTP stream, laid out in time. Pure: packets and their arrival times go in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from voicebot.audio import Samples
from voicebot.telephony.rtp_packets import CODECS, KeyEvent, RtpPacket
from voicebot.telephony.transport import FRAME_SAMPLES, RATE

MAX_SECONDS = 30 * 60
"""More than this of one call is not kept."""
_MAX_SAMPLES = MAX_SECONDS * RATE
_MAX_ARRIVALS = _MAX_SAMPLES // FRAME_SAMPLES
_MAX_KEYS = 1000
_MAX_DROPOUT = 3000
"""A larger jump in the sequence is a sender that began anew (RFC 3550 appendix A.1)."""
_MAX_DRIFT = 2 * RATE
"""A timestamp that differs more than this from the time of arrival is a sender that began anew."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When one packet of sound came in."""

    at: float
    """loop.time(), s."""
    position: int
    """Where its first sample is in `Reception.heard`."""
    samples: int


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """A key the other side pressed."""

    key: str
    at: float
    """loop.time() of its first packet, s."""


class Reception:
    """Puts the sound of RTP packets in timestamp order, gaps as silence, and counts what was lost.

    A sender may begin anew with another source or other timestamps (a PBX
    does when it bridges a call); its sound then goes on at its time of arrival.
    """

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.keys: list[KeyHeard] = []
        self.packets = 0
        self.lost = 0
        self.duplicates = 0
        self.largest_gap = 0.0
        """Longest time between two packets, s."""
        self._sound = bytearray()
        self._source: int | None = None
        self._highest = 0
        self._missing: deque[int] = deque(maxlen=_MAX_DROPOUT)
        self._anchor: tuple[int, int] | None = None
        self._began_at = 0.0
        self._last_at: float | None = None
        self._last_key: int | None = None

    def heard(self) -> Samples:
        """Return everything heard since the first packet, int16, shape (n,)."""
        return np.frombuffer(bytes(self._sound), np.int16)

    def add_sound(self, packet: RtpPacket, at: float) -> Samples | None:
        """Keep a packet of sound that arrived `at`; return its samples, or None for a duplicate."""
        if not self._count(packet, at):
            return None
        samples = CODECS[packet.payload_type].decode(packet.payload)
        position = self._place(packet.timestamp, at)
        if 0 <= position <= _MAX_SAMPLES - len(samples) and len(self.arrivals) < _MAX_ARRIVALS:
            self.arrivals.append(Arrival(at, position, len(samples)))
            missing = 2 * (position + len(samples)) - len(self._sound)
            self._sound.extend(bytes(max(missing, 0)))
            self._sound[2 * position : 2 * (position + len(samples))] = samples.tobytes()
        return samples

    def add_event(self, packet: RtpPacket, at: float) -> None:
        """Keep a packet about a key; ProtocolError when it is not about one."""
        event = KeyEvent.parse(packet.payload)
        if not self._count(packet, at):
            return
        if self._last_key is not None and _difference(packet.timestamp, self._last_key, 32) <= 0:
            return
        self._last_key = packet.timestamp
        if len(self.keys) < _MAX_KEYS:
            self.keys.append(KeyHeard(event.key, at))

    def _count(self, packet: RtpPacket, at: float) -> bool:
        """Keep the figures; return whether this packet is new."""
        step = _difference(packet.sequence, self._highest, 16)
        if packet.source != self._source or abs(step) > _MAX_DROPOUT:
            self._begin_anew(packet)
        elif step > 0:
            skipped = range(self._highest + 1, self._highest + step)
            self._missing.extend(number & 0xFFFF for number in skipped)
            self.lost += len(skipped)
            self._highest = packet.sequence
        elif packet.sequence in self._missing:
            self._missing.remove(packet.sequence)
            self.lost -= 1
        else:
            self.duplicates += 1
            return False
        if self._last_at is not None:
            self.largest_gap = max(self.largest_gap, at - self._last_at)
        self._last_at = at
        self.packets += 1
        return True

    def _begin_anew(self, packet: RtpPacket) -> None:
        self._source, self._highest = packet.source, packet.sequence
        self._anchor = self._last_key = None
        self._missing.clear()

    def _place(self, timestamp: int, at: float) -> int:
        """Return where the sample of `timestamp` belongs in what was heard."""
        if not self.arrivals:
            self._began_at = at
        by_time = round((at - self._began_at) * RATE)
        if self._anchor is not None:
            position = self._anchor[1] + _difference(timestamp, self._anchor[0], 32)
            if abs(position - by_time) <= _MAX_DRIFT:
                return position
        position = max(by_time, len(self._sound) // 2)
        self._anchor = (timestamp, position)
        return position


def _difference(a: int, b: int, bits: int) -> int:
    """Return a - b for numbers that wrap round at 2**bits."""
    half = 1 << bits - 1
    return (a - b + half) % (2 * half) - half
