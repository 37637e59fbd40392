"""What many calls come to on the bot's side."""

import pytest

from voicebot.demo.bot_figures import bot_figures, memory_figures
from voicebot.events import CallEnded, Entry
from voicebot.telephony import callback_leg

pytestmark = pytest.mark.unit


CALL = "0d9d2c7e-6f5b-4c1a-9a55-6a1c1f0b7d11"


def ended(seconds: int, end: CallEnded, call_id: str = CALL) -> Entry:
    return Entry(call_id, 9, 1000 * seconds, end)


def test_endings_are_added_up() -> None:
    ends = [
        ended(20, CallEnded("contained", frames_sent=990, frames_late=10, frames_received=880)),
        ended(20, CallEnded("transferred", "fault", frames_sent=1000, frames_late=0, frames_received=1000)),
    ]
    figures = bot_figures(ends, withheld=100, cpu_s=0.8, memory={})
    assert (figures["calls_ended"], figures["faults"]) == (2, 1)
    assert figures["outcomes"] == {"contained": 1, "transferred": 1}
    assert figures["late_percent"] == 0.5
    assert figures["not_received_percent"] == pytest.approx(100 * 20 / 1900, abs=1e-3)
    assert figures["cpu_per_call_second"] == 0.02


def test_who_came_back_to_leave_a_number_is_no_other_call() -> None:
    ends = [
        ended(30, CallEnded("transferred", frames_sent=1500)),
        ended(10, CallEnded("contained", frames_sent=500), callback_leg(CALL)),
    ]
    figures = bot_figures(ends, withheld=0, cpu_s=0.8, memory={})
    assert (figures["calls_ended"], figures["callbacks"]) == (1, 1)
    assert figures["outcomes"] == {"transferred": 1}
    assert (figures["frames_sent"], figures["cpu_per_call_second"]) == (2000, 0.02)


def test_a_bot_that_ended_no_call_has_figures_too() -> None:
    assert bot_figures([], withheld=5, cpu_s=1.0, memory={})["cpu_per_call_second"] == 0


def test_memory_for_each_call_is_what_they_add_to_idle() -> None:
    memory = memory_figures([200.0, 210.0, 240.0, 230.0], at_once=10, begun=20)
    assert memory == {"idle": 200, "peak": 240, "per_call": 4, "growth_per_100_calls": None}


def test_growth_is_told_from_a_warm_up() -> None:
    warm_up_only = memory_figures([200, *[260.0] * 99, 300.0], at_once=10, begun=200)
    leaking = memory_figures([200, *(260.0 + look for look in range(100))], at_once=10, begun=200)
    assert warm_up_only["growth_per_100_calls"] == pytest.approx(1.6)
    assert leaking["growth_per_100_calls"] == pytest.approx(50)
