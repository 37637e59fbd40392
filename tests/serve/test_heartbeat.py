"""The heartbeat's line, and that no reader can hold it up."""

import asyncio
import os

import pytest

from voicebot.clock import run_virtual
from voicebot.heartbeat import BEAT_S, beat
from voicebot.serve.beat import Beat

pytestmark = pytest.mark.unit

BEAT = Beat(room=7, calls=3, answered=120, refused=4, lines_broken=2, events_dropped=1)


def test_a_beat_arrives_as_it_was() -> None:
    assert Beat.decode(BEAT.encode()) == BEAT


def test_a_newer_worker_may_tell_more_and_an_older_one_less() -> None:
    assert Beat.decode('beat {"room": 7, "mood": [1]}') == Beat(room=7)


@pytest.mark.parametrize(
    "line",
    ["", "ready", "beat", "beat ", "beat 7", 'beat {"room": null}', 'beat {"room": "veel"}'],
)
def test_what_is_no_beat_is_none(line: str) -> None:
    assert Beat.decode(line) is None


def test_a_parent_that_does_not_read_or_is_gone_costs_the_worker_nothing() -> None:
    beats = 0

    def read() -> dict[str, int]:
        nonlocal beats
        beats += 1
        return BEAT.told()

    async def main(reading: int, writing: int) -> None:
        task = asyncio.create_task(beat(read, writing))
        await asyncio.sleep(2000 * BEAT_S)  # more than a pipe holds
        assert beats >= 1999
        os.close(reading)
        await asyncio.sleep(100 * BEAT_S)
        assert beats >= 2099
        task.cancel()

    reading, writing = os.pipe()
    run_virtual(main(reading, writing))
    os.close(writing)
