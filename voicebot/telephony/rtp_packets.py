"""RTP packets (RFC 3550), their sound (RFC 3551) and their keys (RFC 4733); pure, no I/O."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from voicebot.audio import Samples, alaw_decode, alaw_encode, ulaw_decode, ulaw_encode
from voicebot.errors import ProtocolError
from voicebot.telephony.transport import FRAME_SAMPLES

KEYS = "0123456789*#ABCD"
"""In the order of their RFC 4733 event numbers."""
EVENT_TYPE = 101
"""The payload type for keys that this phone offers."""

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VERSION = 2
_END = 0x80
_KEY_LEVEL = 10
"""Power of a key's tone, in -dBm0."""
_KEY_TICKS, _END_REPEATS, _PAUSE_TICKS = 5, 2, 5
"""100 ms of tone, its end told twice more, 100 ms of nothing: 240 ms a key."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One way of coding sound."""

    payload_type: int
    encode: Callable[[Samples], bytes]
    decode: Callable[[bytes], Samples]


PCMA = Codec(8, alaw_encode, alaw_decode)
PCMU = Codec(0, ulaw_encode, ulaw_decode)
CODECS = {codec.payload_type: codec for codec in (PCMA, PCMU)}


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet."""

    payload_type: int
    sequence: int
    """Modulo 2**16."""
    timestamp: int
    """In samples, modulo 2**32."""
    source: int
    """SSRC: who sends, as a random number."""
    payload: bytes
    marker: bool = False
    """The first packet after a pause."""

    def build(self) -> bytes:
        """Return the packet as it goes over the wire."""
        second = self.marker << 7 | self.payload_type
        return _HEADER.pack(_VERSION << 6, second, self.sequence, self.timestamp, self.source) + self.payload

    @classmethod
    def parse(cls, data: bytes) -> RtpPacket:
        """Return the packet in one datagram; raises ProtocolError when it is not RTP."""
        if len(data) < _HEADER.size or data[0] >> 6 != _VERSION:
            raise ProtocolError(
                f"{len(data)} bytes that are not RTP; is something else sending to this port?"
            )
        first, second, sequence, timestamp, source = _HEADER.unpack_from(data)
        start = _HEADER.size + 4 * (first & 0x0F)
        if first & 0x10:
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
        end = len(data) - (data[-1] if first & 0x20 else 0)
        if start > end:
            raise ProtocolError(
                f"RTP packet of {len(data)} bytes with a header of {start}; was the packet cut off?"
            )
        return cls(second & 0x7F, sequence, timestamp, source, data[start:end], bool(second & 0x80))


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One packet's word about a pressed key."""

    key: str
    samples: int
    """How long it has been down."""
    ended: bool = False

    def build(self) -> bytes:
        """Return the payload."""
        return _EVENT.pack(KEYS.index(self.key), self.ended << 7 | _KEY_LEVEL, self.samples)

    @classmethod
    def parse(cls, payload: bytes) -> KeyEvent:
        """Return what `payload` says; raises ProtocolError when it is no key."""
        if len(payload) < _EVENT.size or payload[0] >= len(KEYS):
            raise ProtocolError(
                f"RTP event {payload[:4].hex()!r} is not a telephone key; look at what the peer sent"
            )
        event, flags, samples = _EVENT.unpack_from(payload)
        return cls(KEYS[event], samples, bool(flags & _END))


def key_press(key: str) -> list[KeyEvent | None]:
    """Return what one press of `key` sends, per tick of 20 ms; None is a tick of nothing.

    The end is told three times (RFC 4733 section 2.5.1.4).
    """
    down: list[KeyEvent | None] = [KeyEvent(key, tick * FRAME_SAMPLES) for tick in range(1, _KEY_TICKS)]
    ended = KeyEvent(key, _KEY_TICKS * FRAME_SAMPLES, ended=True)
    return [*down, *[ended] * (1 + _END_REPEATS), *[None] * _PAUSE_TICKS]
