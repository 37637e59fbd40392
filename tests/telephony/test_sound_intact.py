"""Sound through a real Asterisk, both ways: what is said is what is heard, window by window."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import FIXTURES
from scipy.signal import fftconvolve

from voicebot.audio import FRAME_BYTES, alaw_decode, alaw_encode, read_audio
from voicebot.events import Event, Say
from voicebot.speaking import Player
from voicebot.telephony import (
    AsteriskInstall,
    AudioReceived,
    AudioSocketServer,
    CallTransport,
    DialplanSettings,
    LineClosed,
    LocalAsterisk,
    SipPhone,
    SiteSettings,
    listen,
    write_dialplan,
)

pytestmark = pytest.mark.asterisk

WORDS = [
    "waar_is_bestelling_12345",
    "vijf_zes_een_een_b_j",
    "wat_zijn_de_openingstijden",
    "medewerker_spreken",
]
WORDS += ["een_twee_drie_vier_vijf", "waar_is_mijn_bestelling"]
WINDOW = 1600
"""200 ms."""

Samples = NDArray[np.int16]


def window_snrs(said: Samples, heard: Samples) -> list[float]:
    """Signal to noise in dB of each voiced window of `said` (after A-law) in `heard`, at the best place."""
    expected = alaw_decode(alaw_encode(said)).astype(np.float64)
    place = int(np.argmax(fftconvolve(heard.astype(np.float64), expected[::-1], mode="valid")))
    got = heard[place : place + len(expected)].astype(np.float64)
    snrs = []
    for start in range(0, len(expected) - WINDOW, WINDOW):
        want, have = expected[start : start + WINDOW], got[start : start + WINDOW]
        if np.sqrt(np.mean(want**2)) > 100:
            snrs.append(10 * np.log10(np.sum(want**2) / (np.sum((want - have) ** 2) + 1e-3)))
    return snrs


def test_sound_is_intact_both_ways(asterisk_install: AsteriskInstall, tmp_path: Path) -> None:
    words = [read_audio(FIXTURES / f"{name}.flac") for name in WORDS]
    mine, yours = np.concatenate(words), np.concatenate(words[::-1])
    received = bytearray()
    done = asyncio.Event()

    async def answer(line: CallTransport) -> None:
        player = Player(line.send, ignore, lambda frame: None)
        playing = asyncio.create_task(player.run())
        player.play(Say(1, "test", ""), mine)
        while not isinstance(got := await line.receive(), LineClosed):
            if isinstance(got, AudioReceived):
                received.extend(got.samples)
        playing.cancel()
        done.set()

    async def call() -> Samples:
        sock = listen("127.0.0.1", 0)
        plan = DialplanSettings(
            audiosocket=f"127.0.0.1:{sock.getsockname()[1]}", messages=tmp_path / "messages"
        )
        silence = dict.fromkeys(plan.prompts, np.zeros(800, np.int16))
        write_dialplan(tmp_path / "dialplan", plan, silence)
        site = SiteSettings(tmp_path / "dialplan")
        async with (
            AudioSocketServer(sock, answer, max_calls=1),
            LocalAsterisk(asterisk_install, tmp_path / "run", site) as asterisk,
            SipPhone("caller", ("127.0.0.1", asterisk.ports.sip)) as phone,
        ):
            caller = await phone.call(site.number)
            caller.say(yours)
            await caller.said()
            await asyncio.sleep(max(0, len(mine) - len(yours)) / 8000 + 1)
            heard = caller.heard()
            await caller.hang_up()
            await asyncio.wait_for(done.wait(), 5)
            return heard

    def ignore(event: Event) -> None:
        pass

    heard = asyncio.run(call())
    to_bot = np.frombuffer(bytes(received[: len(received) // FRAME_BYTES * FRAME_BYTES]), np.int16)
    for said, got in ((mine, heard), (yours, to_bot)):
        snrs = window_snrs(said, got)
        assert len(snrs) > 40
        assert np.mean([snr > 30 for snr in snrs]) >= 0.99
