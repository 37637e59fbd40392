"""How a caller's mood went, as a line to draw and as words."""

from __future__ import annotations

from collections.abc import Sequence

from voicebot.web.live import mood_word
from voicebot.web.pages import lasting

WIDTH, HEIGHT = 300, 60
"""Of the drawing; calm is at the bottom."""

Levels = Sequence[tuple[float, float]]
"""Seconds since the start of the call, and the level from then on (0 calm .. 1 frustrated)."""


def mood_points(levels: Levels) -> str:
    """Return the points of an SVG polyline, in steps: a level lasts until the next, the last one a tenth."""
    end = max((at for at, _ in levels), default=0.0) * 1.1 or 1.0
    points = [(0.0, float(HEIGHT))]
    for at, level in levels:
        x, y = WIDTH * at / end, HEIGHT * (1 - min(max(level, 0.0), 1.0))
        points += [(x, points[-1][1]), (x, y)]
    points.append((float(WIDTH), points[-1][1]))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def mood_story(levels: Levels) -> str:
    """Return the same as a sentence of Dutch: how it began, each time it changed, and when."""
    mood, changes = "rustig", list[str]()
    for at, level in levels:
        if (word := mood_word(level)) != mood:
            changes.append(f"na {lasting(at)} {word}")
            mood = word
    if not changes:
        return "De beller bleef rustig."
    return f"De beller begon rustig, en werd {', '.join(changes)}."
