from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import ProtocolError
from voicebot.telephony.rtp_packets import KEYS, KeyEvent, RtpPacket, key_press

pytestmark = pytest.mark.unit


@given(
    st.builds(
        RtpPacket,
        st.integers(0, 127),
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
        st.binary(max_size=200),
        st.booleans(),
    )
)
def test_parse_gives_back_what_build_wrote(packet: RtpPacket) -> None:
    assert RtpPacket.parse(packet.build()) == packet


@given(st.binary(max_size=60))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    for read in (RtpPacket.parse, KeyEvent.parse):
        with contextlib.suppress(ProtocolError):
            read(data)


def test_contributors_extension_and_padding_are_left_out() -> None:
    plain = RtpPacket(8, 1, 2, 3, b"sound").build()
    contributors, extension, padding = bytes(8), b"\x10\x00\x00\x01" + bytes(4), b"\0\0\x03"
    full = bytes([0x80 | 0x20 | 0x10 | 2]) + plain[1:12] + contributors + extension + b"sound" + padding
    assert RtpPacket.parse(full) == RtpPacket(8, 1, 2, 3, b"sound")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_read_back(key: str) -> None:
    assert KeyEvent.parse(KeyEvent(key, 800, ended=True).build()) == KeyEvent(key, 800, ended=True)


def test_key_of_rfc_4733() -> None:
    assert KeyEvent("#", 800, ended=True).build() == bytes([11, 0x80 | 10, 3, 32])


def test_a_press_grows_ends_three_times_and_pauses() -> None:
    ticks = key_press("5")
    events = [tick for tick in ticks if tick is not None]
    assert [event.samples for event in events] == [160, 320, 480, 640, 800, 800, 800]
    assert [event.ended for event in events] == [False] * 4 + [True] * 3
    assert ticks[len(events) :] == [None] * 5
