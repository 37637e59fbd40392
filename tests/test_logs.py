import asyncio

import pytest
from structlog.testing import capture_logs

from voicebot.clock import run_virtual
from voicebot.logs import Refusals

pytestmark = pytest.mark.unit


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
