from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from voicebot.audio.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode

pytestmark = pytest.mark.unit

Encode = Callable[[NDArray[np.int16]], bytes]
Decode = Callable[[bytes], NDArray[np.int16]]

LAWS = pytest.mark.parametrize(
    ("encode", "decode"), [(alaw_encode, alaw_decode), (ulaw_encode, ulaw_decode)], ids=["alaw", "ulaw"]
)
ALL_CODES = bytes(range(256))
ALL_SAMPLES = np.arange(-32768, 32768).astype(np.int16)


@pytest.mark.parametrize(
    ("sample", "alaw", "ulaw"),
    [
        # the ITU's reference code, G.191 g711.c, worked out by hand
        (0, 0xD5, 0xFF),
        (-1, 0x55, 0x7F),
        (16, 0xD4, 0xFD),
        (-16, 0x55, 0x7D),
        (1000, 0xFA, 0xCE),
        (-1000, 0x7A, 0x4E),
        (32767, 0xAA, 0x80),
        (-32768, 0x2A, 0x00),
    ],
)
def test_known_codes(sample: int, alaw: int, ulaw: int) -> None:
    one = np.array([sample], np.int16)
    assert alaw_encode(one)[0] == alaw
    assert ulaw_encode(one)[0] == ulaw


@pytest.mark.parametrize(
    ("code", "sample"), [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256), (0xFA, 1008)]
)
def test_known_alaw_levels(code: int, sample: int) -> None:
    assert alaw_decode(bytes([code]))[0] == sample


@pytest.mark.parametrize(
    ("code", "sample"), [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xCE, 988)]
)
def test_known_ulaw_levels(code: int, sample: int) -> None:
    assert ulaw_decode(bytes([code]))[0] == sample


@LAWS
def test_levels_survive_a_second_pass(encode: Encode, decode: Decode) -> None:
    levels = decode(ALL_CODES)
    assert np.array_equal(decode(encode(levels)), levels)


@LAWS
def test_negative_half_mirrors_the_positive(encode: Encode, decode: Decode) -> None:
    positive, negative = decode(bytes(range(128, 256))), decode(bytes(range(128)))
    assert np.array_equal(positive, -negative)
    codes = np.frombuffer(encode(ALL_SAMPLES), np.uint8)
    assert np.array_equal(np.frombuffer(encode(~ALL_SAMPLES), np.uint8), codes ^ 0x80)


@LAWS
def test_never_falls_where_the_sample_rises(encode: Encode, decode: Decode) -> None:
    assert (np.diff(decode(encode(ALL_SAMPLES)).astype(int)) >= 0).all()


@LAWS
@pytest.mark.parametrize("level_db", [-3, -20, -35])
def test_snr_over_30_db(encode: Encode, decode: Decode, level_db: int) -> None:
    time = np.arange(16000) / 8000
    voiced = sum(np.sin(2 * np.pi * 130 * k * time + k) / k for k in range(1, 20))
    syllables = voiced * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * time))
    for sound in (np.sin(2 * np.pi * 440 * time), syllables):
        signal = (sound / np.abs(sound).max() * 32767 * 10 ** (level_db / 20)).astype(np.int16)
        noise = signal.astype(float) - decode(encode(signal))
        assert 10 * np.log10(np.mean(signal.astype(float) ** 2) / np.mean(noise**2)) > 30


@LAWS
def test_empty_gives_empty(encode: Encode, decode: Decode) -> None:
    assert encode(np.zeros(0, np.int16)) == b""
    assert decode(b"").shape == (0,)
