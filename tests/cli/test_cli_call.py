from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from voicebot.audio import Samples, read_audio, write_audio
from voicebot.cli.call import call
from voicebot.errors import TelephonyError, UsageError
from voicebot.telephony import SipPhone
from voicebot.telephony.rtp import Address

pytestmark = pytest.mark.unit

TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(1600) / 8000)).astype(np.int16)

app = typer.Typer()
app.command()(call)


def voicebot_call(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


async def answer_until_spoken_to(address: Future[Address]) -> None:
    async with asyncio.timeout(8), SipPhone("called", ("127.0.0.1", 9)) as phone:
        address.set_result(phone.address)
        call = await phone.incoming(5)
        await call.answer()
        call.say(TONE)
        spoken_to = asyncio.Event()
        call.stream.on_frame = lambda samples, at: spoken_to.set() if samples.max() > 4000 else None
        await spoken_to.wait()
        await asyncio.sleep(0.3)
        await call.hang_up()


def left_and_right(file: Path) -> tuple[Samples, Samples]:
    both = 2 * read_audio(file)  # the mean of two sides of which only one speaks at a time
    return both[:8000], both[8000:]


def test_says_a_file_and_records_both_sides(tmp_path: Path) -> None:
    spoken, recording = tmp_path / "vraag.wav", tmp_path / "call.wav"
    write_audio(spoken, TONE)
    address: Future[Address] = Future()
    called = threading.Thread(target=lambda: asyncio.run(answer_until_spoken_to(address)))
    called.start()
    host, port = address.result(5)
    result = voicebot_call(
        "--to", f"sip:100@{host}:{port}", "--say", str(spoken), "-o", str(recording), "--json"
    )
    called.join()
    summary = json.loads(result.stdout)
    assert list(summary) == ["to", "seconds", "heard_seconds", "packets", "lost", "file", "ended"]
    assert summary["ended"] == "remote"
    assert summary["lost"] == 0
    assert summary["heard_seconds"] == pytest.approx(0.2, abs=0.03)
    assert "saying" in result.stderr
    first_second, rest = left_and_right(recording)
    for part in (first_second, rest):
        assert np.abs(part).max() > 4000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--to", "100"], "--to: not a SIP address"),
        (["--to", "sip:127.0.0.1"], "names nobody to call"),
        (["--to", "sip:1@127.0.0.1", "--keys", "12x"], "--keys"),
        (["--to", "sip:1@127.0.0.1", "--say", "missing.wav"], "no file missing.wav"),
        (["--to", "sip:1@127.0.0.1", "-o", "call.mp3"], "must end in .wav or .flac"),
        (["--to", "sip:1@127.0.0.1", "-o", "no/such/folder/call.wav"], "there is no folder"),
    ],
)
def test_wrong_use_is_told_before_any_call(arguments: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        voicebot_call(*arguments)


def test_an_unknown_server_is_told() -> None:
    with pytest.raises(TelephonyError, match="no such server"):
        voicebot_call("--to", "sip:1@no..where")
