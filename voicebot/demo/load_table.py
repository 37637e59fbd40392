"""The figures of a load test, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_PERCENTILES: Final = ("n", "p50", "p95", "p99", "max")


def load_table(figures: Mapping[str, Any]) -> str:
    """Return the figures of `load_own` or `load_elsewhere` as a table."""
    calls, bot, packets = figures["calls"], figures["bot"], figures["packets"]
    what = f"on {figures['to']}" if bot is None else f"via {figures['via']}, {figures['workers']} worker(s)"
    others = ", ".join(f"{calls[name]} {name}" for name in ("refused", "unanswered", "lost", "endless"))
    rows = [
        f"{figures['calls_at_once']} callers at once for {figures['seconds']:g} s, {what}",
        _row("calls", f"{calls['begun']} begun, {calls['completed']} completed; {others}"),
        _row("", "".join(f"{name:>7}" for name in _PERCENTILES)),
        *(_row(f"{name} (ms)", _percentiles(figures[f"{name}_ms"])) for name in ("greeting", "response")),
        _row("turns", f"{figures['missed']} never answered; {figures['talked_over']} talked over, not timed"),
    ]
    if packets is not None:
        rows.append(_row("packets", f"{packets['lost']} lost of {packets['heard'] + packets['lost']}"))
    if bot is not None:
        rows += _bot_rows(bot)
    late, cpu = figures["caller_late_percent"], figures["caller_cpu_per_call_second"]
    return "\n".join(
        [*rows, _row("callers", f"{late:g} % of their own frames late; CPU {cpu:g} s per second")]
    )


def _bot_rows(bot: Mapping[str, Any]) -> list[str]:
    memory = bot["memory_mb"]
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(bot["outcomes"].items()))
    growth = memory["growth_per_100_calls"]
    grew = "" if growth is None else f"; grew {growth:g} per 100 calls"
    came_back = f"; {bot['callbacks']} came back to leave a number" if bot["callbacks"] else ""
    return [
        _row(
            "bot",
            f"{bot['calls_ended']} calls ended: {outcomes or 'none'}; {bot['faults']} faults{came_back}",
        ),
        _row(
            "bot's frames",
            f"{bot['late_percent']:g} % of {bot['frames_sent'] + bot['frames_late']} late; "
            f"{bot['not_received_percent']:g} % of the callers' not received",
        ),
        _row("bot's CPU", f"{bot['cpu_per_call_second']:g} s per second of call"),
        _row(
            "bot's memory",
            f"{memory['idle']:g} MB idle, {memory['peak']:g} at most: {memory['per_call']:g} a call{grew}",
        ),
    ]


def _percentiles(figures: Mapping[str, int]) -> str:
    return "".join(f"{figures.get(name, '-'):>7}" for name in _PERCENTILES)


def _row(name: str, text: str) -> str:
    return f"{name:16}{text}"
