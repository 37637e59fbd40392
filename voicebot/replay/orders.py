"""Orders of the demo shop, as fixtures write them."""

from __future__ import annotations

from typing import Literal

from voicebot.replay.parts import Part

Status = Literal["besteld", "ingepakt", "onderweg", "bezorgd", "vertraagd", "geannuleerd"]


class OrderFields(Part):
    """What there is to say about an order; None for what is not said."""

    postcode: str | None = None
    """Four digits and two capitals, such as ``5611BJ``."""
    status: Status | None = None
    delivery_in_days: int | None = None
    """Counted from the day of the call; negative when delivered."""
    window: str | None = None
    """``14:00-16:00``."""
    items: tuple[str, ...] | None = None
    carrier: str | None = None
    customer: str | None = None
    email: str | None = None


class OrderSeed(OrderFields):
    """An order that is there when the call begins; the shop invents what is not said."""

    number: str
    """Five digits."""
    postcode: str
    status: Status
