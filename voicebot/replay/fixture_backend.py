"""The company's systems around a replayed call: slow or broken as the fixture says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicebot.errors import BackendError
from voicebot.house import Reply, State, shop
from voicebot.replay.fixture import Fixture


class FixtureBackend:
    """The demo shop with a fixture's orders, on its day; takes time and fails on demand."""

    def __init__(self, fixture: Fixture, spend: Callable[[float], object]) -> None:
        """`spend` makes seconds pass, on the clock that the call runs on."""
        self._spec = fixture.backend
        self._spend = spend
        orders = self._spec.orders
        written = None if orders is None else [order.model_dump(exclude_none=True) for order in orders]
        self._shop = shop(written, fixture.clock.date)

    @property
    def actions(self) -> frozenset[str]:
        """What the shop knows."""
        return self._shop.actions

    def state(self) -> State:
        """Return what the shop holds now."""
        return self._shop.state()

    def do(self, action: str, arguments: Mapping[str, str]) -> Reply:
        """Do `action`, late or wrongly if the fixture says so."""
        self._spend(self._spec.delay_ms / 1000)
        if self._spec.fault == "error":
            raise BackendError("the fixture wants this back-end to fail")
        if self._spec.fault == "nonsense":
            return Reply("nonsense")
        return self._shop.do(action, arguments)
