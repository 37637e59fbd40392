"""The orders of the demo webshop: invented people, the same every time, dated around today."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """One order in the demo shop; all but the first four fields have an invented default."""

    number: str
    """Five digits."""
    postcode: str
    """Four digits and two capitals, such as ``5611BJ``."""
    status: str
    """``besteld``, ``ingepakt``, ``onderweg``, ``bezorgd``, ``vertraagd`` or ``geannuleerd``."""
    delivery_in_days: int = 0
    """Counted from today; negative when delivered."""
    window: str = ""
    """``14:00-16:00``; empty when not known yet."""
    items: tuple[str, ...] = ("een fietslamp",)
    carrier: str = "PostNL"
    customer: str = "T. Testpersoon"
    email: str = "testpersoon@example.nl"


_KNOWN = Order(
    "12345",
    "5611BJ",
    "onderweg",
    window="14:00-16:00",
    items=("een fietshelm", "een kettingslot"),
    customer="A. van den Berg",
    email="a.vandenberg@example.nl",
)
"""The order of the demo call and of the README."""

_ITEMS = (
    "een fietstas",
    "een fietspomp",
    "twee binnenbanden",
    "een kinderzitje",
    "een regenpak",
    "een zadel",
    "een set remblokken",
    "een fietscomputer",
)
_CUSTOMERS = (
    ("J. de Vries", "j.devries"),
    ("F. Yilmaz", "f.yilmaz"),
    ("M. Jansen", "m.jansen"),
    ("S. El Amrani", "s.elamrani"),
    ("P. Bakker", "p.bakker"),
    ("L. Peeters", "l.peeters"),
    ("K. Nowak", "k.nowak"),
)
_POSTCODES = (
    "1012JS",
    "3511AX",
    "9711LM",
    "6211CZ",
    "2511BT",
    "7511JE",
    "8911DH",
    "4811XC",
    "6811KL",
    "5211DA",
    "3011ED",
)
_CARRIERS = ("PostNL", "DHL", "DPD")
_WINDOWS = ("09:00-11:00", "11:30-13:30", "14:00-16:00", "18:00-21:00")
_SITUATIONS = (
    ("besteld", 3, False),
    ("ingepakt", 1, False),
    ("onderweg", 0, True),
    ("bezorgd", -1, True),
    ("onderweg", 1, True),
    ("vertraagd", 4, False),
    ("bezorgd", -5, True),
    ("geannuleerd", 0, False),
)
"""(status, delivery in days, whether the time of day is known)."""


def demo_orders() -> list[Order]:
    """Return the forty orders that the demo shop opens with."""
    return [_KNOWN, *(_invent(index) for index in range(39))]


def _invent(index: int) -> Order:
    status, days, timed = _SITUATIONS[index % len(_SITUATIONS)]
    customer, mailbox = _CUSTOMERS[index % len(_CUSTOMERS)]
    first = index % len(_ITEMS)
    return Order(
        number=str(20417 + 1009 * index),
        postcode=_POSTCODES[index % len(_POSTCODES)],
        status=status,
        delivery_in_days=days,
        window=_WINDOWS[index % len(_WINDOWS)] if timed else "",
        items=(_ITEMS * 2)[first : first + 1 + index % 3],
        carrier=_CARRIERS[index % len(_CARRIERS)],
        customer=customer,
        email=f"{mailbox}@example.nl",
    )
