"""The demo webshop: orders in SQLite, looked up by number and postcode."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from voicebot.backends.backend import Reply, State
from voicebot.backends.demo_orders import Order, demo_orders
from voicebot.errors import BackendError
from voicebot.values import Personal, Value

FIND_ORDER = "find_order"

_OUTCOMES = {
    "besteld": "preparing",
    "ingepakt": "preparing",
    "onderweg": "on_the_way",
    "bezorgd": "delivered",
    "vertraagd": "delayed",
    "geannuleerd": "cancelled",
}
_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_NEAR_DAYS = {-2: "eergisteren", -1: "gisteren", 0: "vandaag", 1: "morgen", 2: "overmorgen"}

_orders = sa.Table(
    "orders",
    sa.MetaData(),
    sa.Column("number", sa.String, primary_key=True),
    sa.Column("postcode", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("delivery_in_days", sa.Integer, nullable=False),
    sa.Column("window", sa.String, nullable=False),
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("carrier", sa.String, nullable=False),
    sa.Column("customer", sa.String, nullable=False),
    sa.Column("email", sa.String, nullable=False),
)


class DemoShop:
    """A webshop to try voicebot with.

    Lives in the file at `path` (filled when empty), or in memory; `orders` replace the forty of its own.
    Delivery days count from `today`, so the shop is never out of date. Raises BackendError.
    """

    actions = frozenset({FIND_ORDER})

    def __init__(
        self, path: Path | None = None, *, today: Callable[[], date], orders: Sequence[Order] | None = None
    ) -> None:
        self._today = today
        self._one_at_a_time = threading.Lock()  # calls share one SQLite connection
        self._engine = sa.create_engine(
            f"sqlite:///{path or ':memory:'}",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
        )
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.schema.CreateTable(_orders, if_not_exists=True))
                filling = demo_orders() if orders is None else orders
                if filling and connection.scalar(sa.select(sa.func.count()).select_from(_orders)) == 0:
                    keep = insert(_orders).on_conflict_do_nothing()  # another worker may fill it too
                    connection.execute(keep, [asdict(order) for order in filling])
        except SQLAlchemyError as error:
            raise BackendError(f"cannot open the demo shop {path or 'in memory'}: {error}") from error

    def do(self, action: str, arguments: Mapping[str, str]) -> Reply:
        """Do ``find_order`` with ``order_number`` and ``postcode``.

        An order with another postcode is ``not_found`` too: nobody learns which numbers exist.
        """
        if action != FIND_ORDER:
            raise BackendError(f"the demo shop has no action {action!r}; it has {sorted(self.actions)}")
        try:
            number, postcode = arguments["order_number"], arguments["postcode"]
        except KeyError as missing:
            raise BackendError(f"{FIND_ORDER} needs {missing}; give it in the bot's `arguments`") from None
        order = self._find(number, postcode)
        return Reply("not_found") if order is None else self._describe(order)

    def state(self) -> State:
        """Return all it holds now, to look at: ``{"orders": {"12345": {"status": "onderweg", ...}}}``."""
        return {"orders": {order.number: asdict(order) for order in self._read(sa.select(_orders))}}

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _find(self, number: str, postcode: str) -> Order | None:
        query = sa.select(_orders).where(_orders.c.number == number, _orders.c.postcode == postcode)
        return next(iter(self._read(query)), None)

    def _read(self, query: sa.Select[Any]) -> list[Order]:
        try:
            with self._one_at_a_time, self._engine.connect() as connection:
                rows = connection.execute(query).mappings().all()
        except SQLAlchemyError as error:
            raise BackendError(f"the demo shop cannot read its orders: {type(error).__name__}") from error
        return [Order(**{**row, "items": tuple(row["items"])}) for row in rows]

    def _describe(self, order: Order) -> Reply:
        facts: dict[str, Value] = {
            "order_number": Personal("order_number", order.number),
            "delivery_day": _spoken_day(order.delivery_in_days, self._today()),
            "window": _spoken_window(order.window),
            "carrier": order.carrier,
            "items_summary": _spoken_items(order.items),
        }
        return Reply(_OUTCOMES[order.status], facts)


def _spoken_day(days: int, today: date) -> str:
    """Return "vandaag", "morgen", or "maandag 23 november"."""
    if days in _NEAR_DAYS:
        return _NEAR_DAYS[days]
    day = today + timedelta(days=days)
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def _spoken_window(window: str) -> str:
    start, _, end = window.partition("-")
    return f"tussen {start} en {end}" if end else "in de loop van de dag"


def _spoken_items(items: Sequence[str]) -> str:
    """Return "een fietshelm", "een fietshelm en een slot", or "een fietshelm en 2 andere artikelen"."""
    if len(items) <= 2:
        return " en ".join(items)
    return f"{items[0]} en {len(items) - 1} andere artikelen"
