"""Any datagram for a SIP telephone: understood, or a ProtocolError; nothing else."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept import tries

from voicebot.errors import ProtocolError
from voicebot.telephony.reception import Reception
from voicebot.telephony.rtp_packets import CODECS, RtpPacket
from voicebot.telephony.sdp import parse_sdp
from voicebot.telephony.sip import Request, build, display_name, parameter, parse, reply, uri_of

pytestmark = pytest.mark.unit

SDP = b"""v=0\r
o=- 1 1 IN IP4 127.0.0.1\r
s=x\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=audio 9 RTP/AVP 8 101\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:101 telephone-event/8000\r
"""
INVITE = (
    b"""INVITE sip:100@127.0.0.1:5060 SIP/2.0\r
Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa;rport\r
From: "Jan" <sip:jan@127.0.0.1>;tag=1\r
To: <sip:100@127.0.0.1>\r
Call-ID: a@b\r
CSeq: 1 INVITE\r
Contact: <sip:jan@127.0.0.1:9>\r
Content-Type: application/sdp\r
\r
"""
    + SDP
)
RTP = RtpPacket(8, 1, 160, 7, bytes(160)).build()
TOKENS = [
    b"\r\n",
    b"\r\n ",
    b"\0",
    b'"',
    b"<",
    b">",
    b";",
    b":",
    b"@",
    b"%00",
    b"\xff",
    b"9" * 30,
    b"\\",
    b",",
]

changes = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 40), st.sampled_from(TOKENS) | st.binary(max_size=20)),
    max_size=5,
)


def changed(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """`data` with pieces replaced."""
    for at, length, piece in changes:
        at %= len(data) + 1
        data = data[:at] + piece + data[at + length :]
    return data


def only_refused(read: Callable[[], object]) -> None:
    try:
        read()
    except ProtocolError as error:
        assert "\n" not in str(error)


@tries(800)
@given(changes, st.booleans())
def test_sip(changes: list[tuple[int, int, bytes]], is_response: bool) -> None:
    start = (
        INVITE.replace(b"INVITE sip:100@127.0.0.1:5060 SIP/2.0", b"SIP/2.0 200 OK") if is_response else INVITE
    )

    def read() -> None:
        message = parse(changed(start, changes))
        assert message.call_id and message.cseq
        for name in ("From", "To", "Contact", "Via"):
            value = message.headers.get(name, "")
            uri_of(value), display_name(value), parameter(value, "tag"), message.branch
        if isinstance(message, Request):
            build(reply(message, 200, tag="x"))
            parse_sdp(message.body)

    only_refused(read)


@tries(400)
@given(changes)
def test_sdp(changes: list[tuple[int, int, bytes]]) -> None:
    only_refused(lambda: parse_sdp(changed(SDP, changes)))


@tries(400)
@given(st.lists(st.tuples(changes, st.floats(0, 3000)), max_size=6))
def test_rtp(packets: list[tuple[list[tuple[int, int, bytes]], float]]) -> None:
    reception, at = Reception(), 0.0
    for packet_changes, pause in packets:
        at += pause
        data = changed(RTP, packet_changes)

        def take(data: bytes = data, at: float = at) -> None:
            packet = RtpPacket.parse(data)
            if packet.payload_type in CODECS:
                reception.add_sound(packet, at)
            else:
                reception.add_event(packet, at)

        only_refused(take)
    assert len(reception.heard()) <= 8000 * 1800
