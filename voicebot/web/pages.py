"""Pages out of their templates, and how they write times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from voicebot.handoff import REASON_SENTENCES, label

_TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """The templates."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.filters |= {"lasting": lasting, "clock": clock, "why": why, "label": label}

    def render(self, template: str, status: int = 200, **state: object) -> HTMLResponse:
        """Return one page with this `state`."""
        return HTMLResponse(self._templates.get_template(template).render(state), status)


def lasting(seconds: float | None) -> str:
    """Return a time as people read it off a clock: "0:42", "1:15", "1:02:15"; empty for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clock(moment: str) -> str:
    """Return the time of day of an ISO 8601 moment, in its own zone; empty for what is none."""
    try:
        return f"{datetime.fromisoformat(moment):%H:%M}"
    except ValueError:
        return ""


def why(reason: str, evidence: Sequence[str] = ()) -> str:
    """Return why somebody was handed over, and what showed that, in Dutch; empty when there is neither."""
    sentence = REASON_SENTENCES.get(reason, reason)
    shown = f"De beller {', '.join(evidence)}." if evidence else ""
    return sentence if shown == sentence else f"{sentence} {shown}".strip()
