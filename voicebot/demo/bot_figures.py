"""What many calls come to on the bot's side: from its event log, and from what its processes used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from voicebot.events import CallEnded, Entry
from voicebot.replay import percent
from voicebot.telephony import is_callback_leg

GROWTH_FROM = 60
"""With fewer looks, growing memory cannot be told from a warm-up."""
FRAME_S = 0.02


def bot_figures(ends: Sequence[Entry], withheld: int, cpu_s: float, memory: dict[str, Any]) -> dict[str, Any]:
    """Return how the calls ended, and what they took; `ends` are the `CallEnded` of each.

    Who found no human and came back to leave a number is one call, but what that took is counted too.
    The bot's clock makes a frame each 20 ms, and left out what was late; of the caller's it should have
    received as many, but for those that callers `withheld` on purpose.
    """
    legs = [(entry.call_id, entry.message) for entry in ends if isinstance(entry.message, CallEnded)]
    outcomes = Counter(end.outcome for call_id, end in legs if not is_callback_leg(call_id))
    messages = [end for _, end in legs]
    sent = sum(end.frames_sent for end in messages)
    late = sum(end.frames_late for end in messages)
    received = sum(end.frames_received for end in messages)
    expected = sent + late - withheld
    seconds = sum(entry.at_ms for entry in ends) / 1000
    return {
        "calls_ended": outcomes.total(),
        "callbacks": len(legs) - outcomes.total(),
        "outcomes": dict(outcomes),
        "faults": sum(end.reason == "fault" for end in messages),
        "frames_sent": sent,
        "frames_late": late,
        "late_percent": percent(late, sent + late),
        "frames_received": received,
        "not_received_percent": percent(max(0, expected - received), expected),
        "cpu_per_call_second": round(cpu_s / seconds, 4) if seconds else 0.0,
        "memory_mb": memory,
    }


def memory_figures(looks: Sequence[float], at_once: int, begun: int) -> dict[str, float | None]:
    """Return memory in MB: idle, at most, for each call that is up, and how it grows.

    `looks` are evenly spaced: the first while idle, the others while `begun` calls were begun. Growth is that
    of the mean from the second quarter of those to the last, half of the calls later.
    """
    idle, loaded = looks[0], looks[1:] or looks
    quarter = len(loaded) // 4
    growth = None
    if len(loaded) >= GROWTH_FROM and begun:
        grown = np.mean(loaded[-quarter:]) - np.mean(loaded[quarter : 2 * quarter])
        growth = round(float(grown) / (begun / 2) * 100, 2)
    return {
        "idle": round(idle, 1),
        "peak": round(max(looks), 1),
        "per_call": round((max(looks) - idle) / at_once, 2),
        "growth_per_100_calls": growth,
    }
