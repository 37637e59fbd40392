import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pytest
import structlog
from structlog.testing import capture_logs

from voicebot.clock import run_virtual
from voicebot.logs import Refusals, log_to_stderr

pytestmark = pytest.mark.unit


@pytest.fixture
def full_disk() -> Iterator[TextIO]:
    with suppress(OSError), Path("/dev/full").open("w") as file:  # closing it writes once more
        yield file
    structlog.reset_defaults()


def test_a_full_disk_costs_a_line_of_the_log_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, full_disk: TextIO
) -> None:
    monkeypatch.setattr(sys, "stderr", full_disk)
    log_to_stderr()
    structlog.get_logger().error("lost")
    with pytest.raises(OSError, match="No space left"):
        print("lost", file=sys.stderr, flush=True)


def test_the_first_of_a_cause_is_told_at_once_and_the_rest_once_a_minute() -> None:
    async def flood() -> Refusals:
        refusals = Refusals("refused")
        for second in range(150):
            refusals.add("bad", number=second)
            await asyncio.sleep(1)
        await asyncio.sleep(600)
        refusals.add("bad", number=150)
        refusals.add("worse")
        return refusals

    with capture_logs() as logs:
        counts = run_virtual(flood()).counts
    assert counts == {"bad": 151, "worse": 1}
    told = [{name: value for name, value in line.items() if name != "log_level"} for line in logs]
    assert told == [
        {"event": "refused", "cause": "bad", "number": 0},
        {"event": "refused", "cause": "bad", "more": 59, "total": 60},
        {"event": "refused", "cause": "bad", "more": 60, "total": 120},
        {"event": "refused", "cause": "bad", "more": 30, "total": 150},
        {"event": "refused", "cause": "bad", "number": 150},
        {"event": "refused", "cause": "worse"},
    ]
