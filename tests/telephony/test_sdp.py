from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import ProtocolError
from voicebot.telephony.sdp import Media, build_sdp, parse_sdp

pytestmark = pytest.mark.unit

ASTERISK = (
    b"v=0\r\no=- 1 3 IN IP4 127.0.0.1\r\ns=Asterisk\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 21170 RTP/AVP 9 8 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:140\r\na=sendrecv\r\n"
)


def test_reads_an_asterisk_answer() -> None:
    assert parse_sdp(ASTERISK) == Media("127.0.0.1", 21170, (8,), 101, "sendrecv")


@given(
    st.builds(
        Media,
        st.ip_addresses(v=4).map(str),
        st.integers(1, 65535),
        st.sampled_from([(8,), (0,), (8, 0), (0, 8)]),
        st.none() | st.integers(96, 127),
        st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"]),
    )
)
def test_parse_gives_back_what_build_wrote(media: Media) -> None:
    assert parse_sdp(build_sdp(media)) == media


def test_the_sound_has_precedence_over_the_session() -> None:
    own = ASTERISK.replace(b"t=0 0", b"a=inactive\r\nt=0 0").replace(
        b"a=ptime", b"c=IN IP4 10.0.0.9\r\na=ptime"
    )
    assert parse_sdp(own) == Media("10.0.0.9", 21170, (8,), 101, "sendrecv")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        ASTERISK.replace(b"AVP 9 8 101", b"AVP 9 101"),
        ASTERISK.replace(b"RTP/AVP", b"RTP/SAVP"),
        ASTERISK.replace(b"audio 21170", b"audio 0"),
        ASTERISK.replace(b"m=audio", b"m=video"),
        ASTERISK.replace(b"c=IN IP4 127.0.0.1", b"c=IN IP4 localhost"),
        ASTERISK.replace(b"c=IN IP4 127.0.0.1", b"c=IN IP6 ::1"),
    ],
)
def test_unusable_sound_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="allow alaw"):
        parse_sdp(body)


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_else(noise: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        parse_sdp(b"c=IN IP4 1.2.3.4\nm=audio 5 RTP/AVP 8" + noise)


def test_answer_takes_the_best_sound_and_the_other_side_of_a_hold() -> None:
    offer = Media("10.0.0.1", 4000, (0, 8), 96, "sendonly")
    assert offer.answer("10.0.0.2", 5000) == Media("10.0.0.2", 5000, (0,), 96, "recvonly")
    assert not offer.listens
    assert not Media("0.0.0.0", 4000, (8,)).listens
    assert Media("10.0.0.1", 4000, (8,), None, "recvonly").listens
