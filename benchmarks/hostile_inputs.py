"""Hostile input for everything voicebot listens to: made with a seed, so that each can be made again."""

from __future__ import annotations

import json
import random
import struct
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from voicebot.dialogue import shipped_bots
from voicebot.event_json import encode
from voicebot.events import CallStarted, Message, PromptStarted, UtteranceEnded

T = TypeVar("T")

_FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"

TOKENS = [
    "${SHELL(id)}",
    "$[1+1]",
    '",|;^`\\',
    "\r\nAction: Originate\r\n\r\n",
    "\0",
    "\u202e\u2066",
    "\ufffe",
    "é" * 300,
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "%s%n%00%0d%0a",
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "[" * 2000,
    "{" * 2000,
    "A" * 5000,
]

INVITE = (
    b"INVITE sip:100@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa;rport\r\n"
    b'From: "Jan" <sip:jan@127.0.0.1>;tag=1\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: a@b\r\nCSeq: 1 INVITE\r\n'
    b"Contact: <sip:jan@127.0.0.1:9>\r\nContent-Type: application/sdp\r\nContent-Length: 129\r\n\r\n"
)
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 101\r\n"
    b"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
_RESPONSE = INVITE.replace(b"INVITE sip:100@127.0.0.1:5060 SIP/2.0", b"SIP/2.0 200 OK")
_EVENTS: list[Message] = [
    CallStarted("c", "webshop", "b", "0.1", "2026-11-20T10:15:03+01:00", topics={"order_status": "x"}),
    UtteranceEnded("waar is mijn pakket", 0, 900),
    PromptStarted(1, "opening", "Uw {dag} is {dag}.", {"dag": "vandaag"}),
]
_HTTP = (
    b"GET /api/calls HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n"
)
_UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class HostileInputs:
    """Endless hostile input of every kind; the same `seed` gives the same."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        bot = shipped_bots()["webshop"]
        files = [bot / "bot.yaml", bot / "flows.yaml", *sorted(_FIXTURES.glob("*.yaml"))[:20]]
        self._yaml = [file.read_bytes() for file in files]

    # ----------------------------------------------------------------- telephone

    def audiosocket_stream(self) -> bytes:
        """Return the bytes of one connection that is no call: it never introduces itself well."""
        return self._one_of(
            lambda: b"",
            lambda: self._dice.randbytes(self._dice.randrange(400)),
            lambda: b"\x01\x00\x10" + self._dice.randbytes(self._dice.randrange(16)),
            lambda: struct.pack("!BH", 1, self._dice.choice([0, 15, 17, 65535])) + bytes(40),
            lambda: self.audiosocket_frame() * self._dice.randrange(1, 20),
            lambda: b"GET / HTTP/1.1\r\n\r\n",
        )

    def introduced_stream(self) -> bytes:
        """Return the bytes of one connection that begins as a call, and then misbehaves at once."""
        unacceptable = self._one_of(
            lambda: struct.pack("!BH", 1, 16) + bytes(16),
            lambda: struct.pack("!BH", 0x10, self._dice.choice([1, 4098, 65535])) + bytes(100),
            lambda: struct.pack("!BH", self._dice.choice([2, 4, 0x11, 0x77, 0xFE]), 0),
            lambda: b"\x03\x00\x01" + self._dice.choice([b"x", b"\0", b"\xff"]),
            lambda: b"\x03\x00\x011" * 500,
            lambda: b"\x10\x00\x02ab" * 7000,
        )
        frames = [self.audiosocket_frame() for _ in range(self._dice.randrange(5))]
        return self.introduction() + b"".join([*frames, unacceptable])

    def introduction(self) -> bytes:
        """Return the frame that makes a connection a call, of which nobody knows."""
        return struct.pack("!BH", 1, 16) + self._dice.randbytes(16)

    def audiosocket_frame(self) -> bytes:
        """Return one frame that may come in a call: well formed, but not always sensible."""
        kind, payload = self._one_of(
            lambda: (0x10, self._dice.randbytes(320)),
            lambda: (0x10, self._dice.choice([b"\xff\x7f", b"\x00\x80"]) * 160),
            lambda: (0x10, self._dice.randbytes(2 * self._dice.randrange(3))),
            lambda: (0x03, self._dice.choice("0123456789*#ABCD").encode()),
        )
        return struct.pack("!BH", kind, len(payload)) + payload

    def sip(self) -> bytes:
        """Return a datagram for a SIP telephone."""
        return self._mutated(self._dice.choice([INVITE + SDP, INVITE, _RESPONSE, self.request("BYE")]))

    def request(self, method: str) -> bytes:
        """Return a SIP request."""
        return INVITE.replace(b"INVITE", method.encode())

    def sdp(self) -> bytes:
        """Return a session description."""
        return self._mutated(SDP)

    def rtp(self) -> bytes:
        """Return a datagram for a telephone that expects sound."""
        head = struct.pack(
            "!BBHII",
            self._dice.choice([0x80, 0x90, 0xA0, 0x8F, 0x40]),
            self._dice.choice([0, 8, 101, 0x88]),
            self._dice.getrandbits(16),
            self._dice.getrandbits(32),
            self._dice.getrandbits(32),
        )
        return head[: self._dice.choice([12, 12, 12, 5])] + self._dice.randbytes(self._dice.randrange(400))

    # ----------------------------------------------------------------- the Manager

    def manager_pack(self) -> bytes:
        """Return one pack as if Asterisk sent it; never one that ends the link by its size."""
        call_id = str(uuid.UUID(int=self._dice.getrandbits(128)))
        channel = f"PJSIP/x-{self._dice.getrandbits(32):08x}"
        lines = [
            f"Event: {self._dice.choice(['UserEvent', 'QueueCallerJoin', 'QueueMemberStatus', ''])}",
            f"UserEvent: {self._dice.choice(['VoicebotCall', 'VoicebotEnd', 'VoicebotQueue', ''])}",
            f"Channel: {channel}",
            f"VbChannel: {self._dice.choice([channel, 'PJSIP/victim', ''])}",
            f"CallUUID: {self._dice.choice([call_id, call_id.upper(), self.text()])}",
            f"VbCaller: {self._dice.choice(['0612345678', self.text()])}",
            f"Queue: {self._dice.choice(['klantenservice', 'x'])}",
            f"Uniqueid: {self._dice.randrange(50)}",
            f"ActionID: {self._dice.choice(['1', '2', '999999', self.text()])}",
            f"Response: {self._dice.choice(['Success', 'Error'])}",
            self.text(),
        ]
        self._dice.shuffle(lines)
        chosen = lines[: self._dice.randrange(1, len(lines) + 1)]
        packs = "\r\n".join(line.replace("\r\n\r\n", "\r\n") for line in chosen)
        return packs.encode(errors="replace") + b"\r\n\r\n"

    def text(self) -> str:
        """Return text that somebody may hope is taken for more than text."""
        return "".join(self._dice.choices(["a", " ", "Jan", "0612", *TOKENS], k=self._dice.randrange(1, 5)))

    # ----------------------------------------------------------------- files, feed and web

    def yaml(self) -> bytes:
        """Return a bot's or a fixture's file, mutilated."""
        return self._mutated(self._dice.choice(self._yaml))

    def feed(self) -> bytes:
        """Return a datagram for the live feed, at most 50,000 bytes."""
        fields = {
            "worker": self._dice.choice([1, -1, "x", None]),
            "call_id": self._dice.choice(["c1", "c2", self.text()]),
            "seq": self._dice.choice([1, -5, 10**30, "x"]),
            "at_ms": self._dice.choice([0, 1.5, None]),
            "message": encode(self._dice.choice(_EVENTS)),
        }
        if self._dice.random() < 0.5:
            return json.dumps(fields).encode()[:50_000]
        return self._mutated(json.dumps(fields).encode())[:50_000]

    def http(self) -> bytes:
        """Return one request for the status page."""
        method = self._dice.choice(["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X" * 50])
        depth = self._dice.randrange(9)
        host = self._dice.choice(["evil.example", "127.0.0.1.evil.example", "[::1", "", "a" * 300])
        return self._one_of(
            lambda: _HTTP.replace(b"GET", method.encode()),
            lambda: _HTTP.replace(b"localhost", host.encode()),
            lambda: _HTTP.replace(b"/api/calls", b"/static/" + b"..%2f" * depth + b"app.py"),
            lambda: _HTTP.replace(b"\r\n\r\n", b"\r\nContent-Length: 99\r\n\r\n"),
            lambda: _UPGRADE + self._dice.randbytes(60),
            lambda: self._mutated(_HTTP),
            lambda: self._dice.randbytes(300),
        )

    # ----------------------------------------------------------------- inside

    def _one_of(self, *makers: Callable[[], T]) -> T:
        return self._dice.choice(makers)()

    def _mutated(self, data: bytes) -> bytes:
        """Return `data` with one to four changes."""
        for _ in range(self._dice.randrange(1, 5)):
            at, length = self._dice.randrange(len(data) + 1), self._dice.randrange(1, 60)
            token = self._dice.choice(TOKENS).encode(errors="replace")
            changes: Sequence[bytes] = (
                data[:at] + self._dice.randbytes(self._dice.randrange(5)) + data[at:],
                data[:at] + token + data[at:],
                data[:at] + data[at + length :],
                data[:at] + data[at : at + length] * self._dice.randrange(2, 40) + data[at:],
                data[:at] + bytes(byte ^ 1 << length % 8 for byte in data[at : at + 1]) + data[at + 1 :],
            )
            data = self._dice.choice(changes)
        return data
