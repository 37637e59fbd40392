"""What the company's systems answered in a call, as the `backend:` of a fixture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from voicebot.events import BackendFailed, BackendReplied, CallBackend, Entry
from voicebot.house import STORE_CALLBACK, shop
from voicebot.replay.substitutes import Substitutes
from voicebot.values import Personal, Value

_FIND: Final = "find_order"
_STATUSES: Final = ("besteld", "onderweg", "bezorgd", "vertraagd", "geannuleerd")
_DAYS: Final = range(-60, 61)
"""Delivery days that are tried, counted from the day of the call."""
_TIMEOUT_MS: Final = 9_000
"""Longer than any caller is left waiting for a back-end (see `voicebot.call`)."""


def seed(entries: Sequence[Entry], substitutes: Substitutes, today: date) -> tuple[dict[str, Any], list[str]]:
    """Return the back-end that answers the invented values as the real one did, and what it cannot do so."""
    asked = {
        entry.message.request: entry
        for entry in entries
        if isinstance(entry.message, CallBackend) and entry.message.action != STORE_CALLBACK
    }
    orders: dict[str, dict[str, Any]] = {}
    backend: dict[str, Any] = {}
    notes: list[str] = []
    delay_ms = 0
    for entry in entries:
        reply = entry.message
        if not isinstance(reply, BackendReplied | BackendFailed) or reply.request not in asked:
            continue
        question = asked[reply.request]
        assert isinstance(question.message, CallBackend)
        delay_ms = max(delay_ms, entry.at_ms - question.at_ms)
        if isinstance(reply, BackendFailed):
            if reply.error == "timeout":
                delay_ms = _TIMEOUT_MS
            else:
                backend["fault"] = "error"
        elif order := _order(question.message, reply, substitutes, today):
            orders[order["number"]] = order
        elif reply.outcome != "not_found":
            notes.append(f"{question.message.action} answered {reply.outcome}: arrange that yourself")
    if orders:
        backend["orders"] = list(orders.values())
    if delay_ms:
        backend["delay_ms"] = delay_ms
    return backend, notes


def _order(
    asked: CallBackend, reply: BackendReplied, substitutes: Substitutes, today: date
) -> dict[str, Any] | None:
    """Return the order of the demo shop about which it says this; None when there is no such order."""
    if asked.action != _FIND:
        return None
    status = next((status for status in _STATUSES if _answers(today, status)[0][0] == reply.outcome), None)
    if status is None:
        return None
    days = [facts.get("delivery_day") for _, facts in _answers(today, status, _DAYS)]
    told = reply.facts.get("delivery_day")
    order: dict[str, Any] = {
        "number": _plain(asked.arguments["order_number"], substitutes),
        "postcode": _plain(asked.arguments["postcode"], substitutes),
        "status": status,
        "delivery_in_days": _DAYS[days.index(told)] if told in days else 0,
        "window": "-".join(re.findall(r"\d\d:\d\d", str(reply.facts.get("window", "")))),
        "items": _items(str(reply.facts.get("items_summary", ""))),
        "carrier": str(reply.facts.get("carrier", "")),
    }
    return {name: value for name, value in order.items() if value not in ("", [])}


def _answers(today: date, status: str, days: Sequence[int] = (0,)) -> list[tuple[str, Mapping[str, Value]]]:
    """Return (outcome, facts) that the demo shop gives for orders with this status, one for each day."""
    orders = [
        {"number": str(number), "postcode": "", "status": status, "delivery_in_days": day}
        for number, day in enumerate(days)
    ]
    full = shop(orders, lambda: today)
    replies = [full.do(_FIND, {"order_number": str(order["number"]), "postcode": ""}) for order in orders]
    return [(reply.outcome, reply.facts) for reply in replies]


def _items(summary: str) -> list[str]:
    """Return the items of "een helm", "een helm en een slot" or "een helm en 2 andere artikelen"."""
    first, _, rest = summary.partition(" en ")
    others = re.match(r"(\d+) andere artikelen", rest)
    return [item for item in (first, *(["een artikel"] * int(others[1]) if others else [rest])) if item]


def _plain(value: Value, substitutes: Substitutes) -> str:
    return substitutes.value(value.value) if isinstance(value, Personal) else str(value)
