from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio import Samples
from voicebot.errors import ProtocolError
from voicebot.telephony.reception import MAX_SECONDS, Reception
from voicebot.telephony.rtp_packets import EVENT_TYPE, PCMA, PCMU, KeyEvent, RtpPacket

pytestmark = pytest.mark.unit

SOURCE = 7


def tone(number: int) -> Samples:
    """A frame that is told from every other, and survives A-law unchanged."""
    return PCMA.decode(bytes([128 + number % 100])).repeat(160)


def packet(number: int, source: int = SOURCE, timestamp: int | None = None) -> RtpPacket:
    stamp = (number * 160 if timestamp is None else timestamp) % 2**32
    return RtpPacket(8, number % 2**16, stamp, source, PCMA.encode(tone(number)))


def receive(numbers: list[int]) -> Reception:
    reception = Reception()
    for index, number in enumerate(numbers):
        reception.add_sound(packet(number), index * 0.02)
    return reception


def test_sound_is_laid_out_in_order_across_the_wrap() -> None:
    start = 2**16 - 2
    reception = receive([start + k for k in (0, 1, 3, 2, 4)])
    assert np.array_equal(reception.heard(), np.concatenate([tone(start + k) for k in range(5)]))
    assert (reception.packets, reception.lost, reception.duplicates) == (5, 0, 0)


def test_a_lost_packet_is_silence_and_counted() -> None:
    reception = receive([1, 2, 4])
    assert np.array_equal(reception.heard()[320:480], np.zeros(160))
    assert np.array_equal(reception.heard()[480:], tone(4))
    assert reception.lost == 1


def test_a_duplicate_is_not_heard_twice() -> None:
    reception = receive([1, 2])
    assert reception.add_sound(packet(2), 0.05) is None
    assert reception.add_sound(packet(1), 0.05) is None
    assert (len(reception.heard()), reception.packets, reception.duplicates) == (320, 2, 2)


@given(st.permutations(range(8)), st.sets(st.integers(1, 6)))
def test_whatever_the_order_the_count_is_right(order: list[int], lost: set[int]) -> None:
    reception = receive([100] + [101 + k for k in order if k not in lost] + [109])
    assert reception.packets == 10 - len(lost)
    assert reception.lost == len(lost)
    heard = reception.heard().reshape(10, 160)
    assert [frame.any() for frame in heard] == [k - 1 not in lost for k in range(10)]


@pytest.mark.parametrize(
    "anew",
    [packet(9, source=8, timestamp=5), packet(3, timestamp=2**31)],
    ids=["another source", "timestamps that jump"],
)
def test_a_sender_that_begins_anew_goes_on_at_its_time_of_arrival(anew: RtpPacket) -> None:
    reception = receive([1, 2])
    reception.add_sound(anew, 1.0)
    assert reception.arrivals[-1].position == 8000
    assert not reception.heard()[320:8000].any()
    assert reception.lost == 0


def test_arrivals_tell_when_each_sample_came() -> None:
    reception = receive([1, 2, 4])
    assert [(a.at, a.position, a.samples) for a in reception.arrivals] == [
        (0.0, 0, 160),
        (0.02, 160, 160),
        (0.04, 480, 160),
    ]
    assert reception.largest_gap == pytest.approx(0.02)


def test_mu_law_is_heard_too() -> None:
    reception = Reception()
    sound = PCMU.decode(bytes(range(160)))
    reception.add_sound(RtpPacket(0, 1, 1, SOURCE, PCMU.encode(sound)), 0.0)
    assert np.array_equal(reception.heard(), sound)


def test_memory_is_bounded() -> None:
    reception = receive([1])
    samples = reception.add_sound(packet(2, source=9), MAX_SECONDS + 1.0)
    assert samples is not None
    assert len(reception.heard()) == 160
    assert len(reception.arrivals) == 1


def event(number: int, timestamp: int, key: str) -> RtpPacket:
    return RtpPacket(EVENT_TYPE, number, timestamp, SOURCE, KeyEvent(key, 160).build())


def test_a_key_counts_once_from_its_first_packet() -> None:
    reception = Reception()
    for number, (timestamp, key) in enumerate([(10, "5"), (10, "5"), (2000, "5"), (2000, "5"), (10, "5")]):
        reception.add_event(event(number, timestamp, key), float(number))
    assert [(key.key, key.at) for key in reception.keys] == [("5", 0.0), ("5", 2.0)]


def test_a_flash_hook_is_no_key() -> None:
    with pytest.raises(ProtocolError):
        Reception().add_event(RtpPacket(EVENT_TYPE, 1, 1, SOURCE, bytes([16, 10, 0, 160])), 0.0)
