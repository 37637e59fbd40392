"""What many calls come to: counts and percentiles, as `voicebot load --json` prints them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, get_args

import numpy as np

from voicebot.replay.load_call import LoadCall, Outcome

TRUSTED_LATE_PERCENT: Final = 1.0
"""When more of the callers' own frames are late, the figures tell about the callers, not about the bot."""
_FAILED: Final = ("unanswered", "lost", "endless")


def percentiles(values: Sequence[float]) -> dict[str, int]:
    """Return how many there are, and p50, p95, p99 and the largest, each one of the values, rounded."""
    if not values:
        return {"n": 0}
    p50, p95, p99 = np.percentile(values, [50, 95, 99], method="higher")
    return {
        "n": len(values),
        "p50": round(p50),
        "p95": round(p95),
        "p99": round(p99),
        "max": round(max(values)),
    }


def percent(part: float, whole: float) -> float:
    """Return a share in percent; 0 of nothing."""
    return round(100 * part / whole, 4) if whole else 0.0


def caller_figures(calls: Sequence[LoadCall], cpu_s: float) -> dict[str, Any]:
    """Return what the callers noticed; `cpu_s` is what they themselves computed."""
    outcomes = Counter(call.outcome for call in calls)
    times = [call.times for call in calls if call.outcome != "refused"]
    packets = [call.packets for call in calls if call.packets is not None]
    heard, lost = (sum(column) for column in zip(*packets, strict=True)) if packets else (0, 0)
    seconds = sum(call.seconds for call in calls)
    return {
        "calls": {
            "begun": len(calls),
            "failed": sum(outcomes[outcome] for outcome in _FAILED),
            **{outcome: outcomes[outcome] for outcome in get_args(Outcome)},
        },
        "call_seconds": round(seconds, 1),
        "greeting_ms": percentiles([each.greeting_ms for each in times if each.greeting_ms is not None]),
        "response_ms": percentiles([response for each in times for response in each.response_ms]),
        "missed": sum(each.missed for each in times),
        "talked_over": sum(each.talked_over for each in times),
        "packets": {"heard": heard, "lost": lost, "lost_percent": percent(lost, heard + lost)}
        if packets
        else None,
        "caller_late_percent": percent(sum(c.frames_late for c in calls), sum(c.frames for c in calls)),
        "caller_cpu_per_call_second": round(cpu_s / seconds, 4) if seconds else 0.0,
    }
