from __future__ import annotations

import itertools
import struct
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import ProtocolError
from voicebot.telephony.audiosocket_frames import (
    AUDIO,
    ERROR,
    HANG_UP,
    KEY,
    MAX_PAYLOAD,
    UUID,
    Frame,
    FrameParser,
    Pace,
)

pytestmark = pytest.mark.unit

INTRODUCTION = Frame(UUID, uuid.uuid4().bytes)
SOUND = bytes(range(160)) * 2

later_frames = st.lists(
    st.one_of(
        st.binary(max_size=MAX_PAYLOAD // 2).map(lambda half: Frame(AUDIO, half * 2)),
        st.sampled_from("0123456789*#ABCD").map(lambda key: Frame(KEY, key.encode())),
        st.binary(max_size=4).map(lambda payload: Frame(ERROR, payload)),
        st.just(Frame(HANG_UP)),
    ),
    max_size=8,
)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


@given(later_frames, st.lists(st.integers(min_value=0), max_size=12))
def test_frames_are_the_same_however_the_bytes_are_cut(frames: list[Frame], cuts: list[int]) -> None:
    frames = [INTRODUCTION, *frames]
    parser = FrameParser()
    parsed = [
        frame
        for piece in in_pieces(b"".join(f.encode() for f in frames), cuts)
        for frame in parser.feed(piece)
    ]
    assert parsed == frames


def accepts(pieces: list[bytes]) -> bool:
    parser = FrameParser()
    try:
        for piece in pieces:
            list(parser.feed(piece))
    except ProtocolError:
        return False
    return True


@given(st.booleans(), st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=6))
def test_any_bytes_are_refused_with_a_protocol_error_or_accepted(
    introduced: bool, data: bytes, cuts: list[int]
) -> None:
    data = (INTRODUCTION.encode() if introduced else b"") + data
    assert accepts(in_pieces(data, cuts)) == accepts([data])


@pytest.mark.parametrize(
    "data",
    [
        Frame(AUDIO, SOUND).encode(),
        Frame(HANG_UP).encode(),
        Frame(UUID, b"short").encode(),
        INTRODUCTION.encode() * 2,
        INTRODUCTION.encode() + Frame(AUDIO, b"odd").encode(),
        INTRODUCTION.encode() + Frame(AUDIO, bytes(MAX_PAYLOAD + 2)).encode(),
        INTRODUCTION.encode() + Frame(0x12, SOUND).encode(),
        INTRODUCTION.encode() + Frame(KEY, b"x").encode(),
        INTRODUCTION.encode() + Frame(KEY, b"12").encode(),
        INTRODUCTION.encode() + Frame(HANG_UP, b"!").encode(),
    ],
    ids=[
        "audio first",
        "hang-up first",
        "short UUID",
        "second UUID",
        "odd audio",
        "huge audio",
        "wideband audio",
        "no such key",
        "two keys in a frame",
        "hang-up with payload",
    ],
)
def test_what_asterisk_never_sends_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(FrameParser().feed(data))


def test_a_frame_too_large_is_refused_at_its_header() -> None:
    parser = FrameParser()
    list(parser.feed(INTRODUCTION.encode()))
    with pytest.raises(ProtocolError):
        list(parser.feed(struct.pack("!BH", AUDIO, 65534)))


def frames_passed(frame: Frame, every_s: float) -> int:
    """How many of 100,000 such frames are let through."""
    pace = Pace(0.0)
    for number in range(100_000):
        try:
            pace.take(frame, number * every_s)
        except ProtocolError as error:
            assert error.cause == "too_fast"
            return number
    return 100_000


@pytest.mark.parametrize(
    ("frame", "every_s"),
    [(Frame(AUDIO, SOUND), 0.0199), (Frame(AUDIO, SOUND[:160]), 0.01), (Frame(KEY, b"1"), 0.08)],
    ids=["20 ms on a fast clock", "10 ms", "keys"],
)
def test_a_telephone_is_never_too_fast(frame: Frame, every_s: float) -> None:
    assert frames_passed(frame, every_s) == 100_000


@pytest.mark.parametrize(
    ("frame", "let_through"),
    [
        (Frame(AUDIO, SOUND), 500),
        (Frame(AUDIO, b"\0\0"), 1000),
        (Frame(AUDIO), 1000),
        (Frame(KEY, b"1"), 125),
    ],
    ids=["sound", "crumbs", "nothing", "keys"],
)
def test_ten_seconds_at_once_is_all_that_a_stall_explains(frame: Frame, let_through: int) -> None:
    assert frames_passed(frame, 0.0) == pytest.approx(let_through, rel=0.01)


def test_a_stall_of_ten_seconds_is_made_up_for() -> None:
    pace = Pace(0.0)
    for _ in range(490):
        pace.take(Frame(AUDIO, SOUND), 1.0)
    for _ in range(490):
        pace.take(Frame(AUDIO, SOUND), 11.0)
