"""The frames of AudioSocket: ``kind(1) length(2, big endian) payload``, pure and incremental.

Source: Asterisk's ``res_audiosocket.c``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from voicebot.errors import ProtocolError
from voicebot.telephony.allowance import Allowance
from voicebot.telephony.transport import RATE

HANG_UP = 0x00
UUID = 0x01
KEY = 0x03
"""Only ever from Asterisk: it ends the application when it gets one."""
AUDIO = 0x10
ERROR = 0xFF

KEYS = frozenset(b"0123456789*#ABCD")
MAX_PAYLOAD = 4096
"""Bytes; Asterisk sends 320, the protocol allows 65,535."""

_HEADER = struct.Struct("!BH")
_SIZES = {
    HANG_UP: range(1),
    UUID: range(16, 17),
    KEY: range(1, 2),
    AUDIO: range(0, MAX_PAYLOAD + 1, 2),
    ERROR: range(MAX_PAYLOAD + 1),
}
"""Bytes of payload, by kind."""


class Frame(NamedTuple):
    """One frame of the protocol."""

    kind: int
    payload: bytes = b""

    def encode(self) -> bytes:
        """Return header and payload in one piece: Asterisk leaves a peer that pauses 5 ms between them."""
        return _HEADER.pack(self.kind, len(self.payload)) + self.payload


class FrameParser:
    """Bytes in, frames out, in whatever pieces the bytes come; refuses what Asterisk would never send."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._introduced = False

    @property
    def unfinished(self) -> bool:
        """Whether part of a frame has come."""
        return bool(self._unread)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Give the frames that `data` completes, each parsed when asked for; keeps an unfinished one.

        Raises `ProtocolError` as soon as a header or payload is wrong; the parser is of no use after that,
        nor when not all frames were taken.
        """
        self._unread += data
        start = 0
        while len(self._unread) >= start + _HEADER.size:
            kind, length = _HEADER.unpack_from(self._unread, start)
            self._check_header(kind, length)
            end = start + _HEADER.size + length
            if len(self._unread) < end:
                break
            yield self._frame(kind, bytes(self._unread[start + _HEADER.size : end]))
            start = end
        del self._unread[:start]

    def _check_header(self, kind: int, length: int) -> None:
        if (kind == UUID) is self._introduced:
            raise ProtocolError(
                f"AudioSocket: frame of kind 0x{kind:02x} where {'no second' if self._introduced else 'the'} "
                "UUID is due; is the peer really Asterisk?",
                "second_uuid" if self._introduced else "no_uuid",
            )
        if length not in _SIZES.get(kind, ()):
            raise ProtocolError(
                f"AudioSocket: frame of kind 0x{kind:02x} with {length} bytes; "
                "only 16-bit audio at 8 kHz (kind 0x10) is spoken here",
                "bad_length" if kind in _SIZES else "unknown_kind",
            )

    def _frame(self, kind: int, payload: bytes) -> Frame:
        if kind == KEY and payload[0] not in KEYS:
            raise ProtocolError("AudioSocket: a pressed key that no telephone has", "bad_key")
        self._introduced = True
        return Frame(kind, payload)


class Pace:
    """Whether frames come no faster than a telephone makes them: each of them costs work.

    What was not used is saved, for when a stall of the network or of ours is followed by a burst; not too
    much of it, as a burst is worked off in one go.
    """

    FASTER = 1.25
    """Than real time; a clock that runs off is far less."""
    SAVED_S = 10.0
    SHORTEST_S = 0.01
    """A frame of sound counts for this at least: no telephone packs less into one."""
    KEY_S = 0.08
    """The shortest tone and pause of ITU-T Q.24: nothing dials faster."""

    def __init__(self, now: float) -> None:
        """Begin at `now`, s."""
        self._allowance = Allowance(self.FASTER, self.SAVED_S, now)

    def take(self, frame: Frame, now: float) -> None:
        """Count `frame`, which came at `now`; raises ProtocolError when there were too many."""
        sound_s = max(len(frame.payload) / (2 * RATE), self.SHORTEST_S)
        if not self._allowance.take(self.KEY_S if frame.kind == KEY else sound_s, now):
            raise ProtocolError(
                "AudioSocket: more than a telephone can say in this time; is the peer really Asterisk?",
                "too_fast",
            )
