"""What many calls come to, from how each one went."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.replay import caller_figures, percentiles
from voicebot.replay.call_times import CallTimes
from voicebot.replay.load_call import LoadCall

pytestmark = pytest.mark.unit


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentiles([float(n) for n in range(1, 101)]) == {
        "n": 100,
        "p50": 51,
        "p95": 96,
        "p99": 100,
        "max": 100,
    }
    assert percentiles([434.4]) == {"n": 1, "p50": 434, "p95": 434, "p99": 434, "max": 434}
    assert percentiles([]) == {"n": 0}


@given(st.lists(st.floats(0, 1e5), min_size=1))
def test_percentiles_rise(values: list[float]) -> None:
    figures = percentiles(values)
    order = [figures[name] for name in ("p50", "p95", "p99", "max")]
    assert order == sorted(order)
    assert set(order) <= {round(value) for value in values}


def test_calls_are_added_up() -> None:
    calls = [
        LoadCall("completed", 30, CallTimes(40, (400, 500), 1, 2), 1500, 3, packets=(1490, 10)),
        LoadCall("endless", 180, CallTimes(60, (), 4, 0), 9000, 0, packets=(9000, 0)),
        LoadCall("unanswered", 10, CallTimes(None, (), 0, 0), 500, 8, packets=(0, 0)),
        LoadCall("refused"),
    ]
    figures = caller_figures(calls, cpu_s=2.2)
    assert figures["calls"] == {
        "begun": 4,
        "failed": 2,
        "completed": 1,
        "refused": 1,
        "unanswered": 1,
        "lost": 0,
        "endless": 1,
    }
    assert (figures["response_ms"]["n"], figures["greeting_ms"]["n"]) == (2, 2)
    assert (figures["missed"], figures["talked_over"]) == (5, 2)
    assert figures["packets"] == {"heard": 10_490, "lost": 10, "lost_percent": pytest.approx(0.0952)}
    assert figures["caller_late_percent"] == 0.1
    assert figures["caller_cpu_per_call_second"] == 0.01


def test_without_a_call_there_are_figures_too() -> None:
    figures = caller_figures([], cpu_s=0.0)
    assert figures["calls"]["begun"] == 0
    assert figures["packets"] is None
