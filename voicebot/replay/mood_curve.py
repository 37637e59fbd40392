"""How frustrated the caller was over a call, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.events import Entry, MoodScored, NoteFrustration


@dataclass(frozen=True, slots=True)
class Point:
    """What is known from a moment on."""

    at_ms: int
    level: float
    """0 calm .. 1 frustrated."""
    why: str
    """In Dutch; empty when nothing stood out."""


def felt(entries: Sequence[Entry]) -> list[Point]:
    """Return how frustrated the bot took the caller to be, from each change on."""
    return [
        Point(entry.at_ms, entry.message.level, ", ".join(entry.message.evidence))
        for entry in entries
        if isinstance(entry.message, NoteFrustration)
    ]


def sounded(entries: Sequence[Entry]) -> list[Point]:
    """Return how frustrated each turn sounded by itself."""
    return [
        Point(entry.message.ended_ms, entry.message.score, ", ".join(entry.message.reasons))
        for entry in entries
        if isinstance(entry.message, MoodScored)
    ]


def curve(points: Sequence[Point], seconds: float, px_per_s: float, height: float) -> str:
    """Return the SVG path of a stepped line through `points`, from calm at the start; "" for none."""
    if not points:
        return ""
    steps = [f"M0 {height:g}"]
    for point in points:
        steps.append(f"H{point.at_ms * px_per_s / 1000:.1f}V{height * (1 - point.level):.1f}")
    return "".join([*steps, f"H{seconds * px_per_s:.1f}"])
