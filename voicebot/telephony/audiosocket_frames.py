"""The frames of AudioSocket: ``kind(1) length(2, big endian) payload``, pure and incremental.

Source: Asterisk's ``res_audiosocket.c``.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from voicebot.errors import ProtocolError

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

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes; at most one unfinished frame is kept.

        Raises `ProtocolError` as soon as a header or payload is wrong; the parser is of no use after that.
        """
        self._unread += data
        frames = []
        start = 0
        while len(self._unread) >= start + _HEADER.size:
            kind, length = _HEADER.unpack_from(self._unread, start)
            self._check_header(kind, length)
            end = start + _HEADER.size + length
            if len(self._unread) < end:
                break
            frames.append(self._frame(kind, bytes(self._unread[start + _HEADER.size : end])))
            start = end
        del self._unread[:start]
        return frames

    def _check_header(self, kind: int, length: int) -> None:
        if (kind == UUID) is self._introduced:
            raise ProtocolError(
                f"AudioSocket: frame of kind 0x{kind:02x} where {'no second' if self._introduced else 'the'} "
                "UUID is due; is the peer really Asterisk?"
            )
        if length not in _SIZES.get(kind, ()):
            raise ProtocolError(
                f"AudioSocket: frame of kind 0x{kind:02x} with {length} bytes; "
                "only 16-bit audio at 8 kHz (kind 0x10) is spoken here"
            )

    def _frame(self, kind: int, payload: bytes) -> Frame:
        if kind == KEY and payload[0] not in KEYS:
            raise ProtocolError("AudioSocket: a pressed key that no telephone has")
        self._introduced = True
        return Frame(kind, payload)
