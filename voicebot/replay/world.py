"""The world around a replayed call: its date, and its back-end, slow or broken as the fixture says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from voicebot.clock import Clock
from voicebot.errors import BackendError
from voicebot.events import Entry
from voicebot.house import Backend, House, Reply, shop
from voicebot.replay.fixture import BackendSpec, Fixture
from voicebot.telephony import CallControl


def house_for(
    fixture: Fixture,
    house: House,
    *,
    clock: Clock,
    control: CallControl,
    spend: Callable[[float], object],
    note: Callable[[Entry], None],
) -> House:
    """Return `house` with the fixture's world around it; `spend` makes seconds of work pass on `clock`."""
    real = shop(fixture.backend.orders, lambda: fixture.clock.date())
    backend = FixtureBackend(real, fixture.backend, spend)
    return dataclasses.replace(house, backend=backend, control=control, clock=clock, note=note)


class FixtureBackend:
    """A real back-end that takes time and fails on demand."""

    def __init__(self, real: Backend, spec: BackendSpec, spend: Callable[[float], object]) -> None:
        """`spend` makes seconds pass, on the clock that the call runs on."""
        self._real = real
        self._spec = spec
        self._spend = spend

    @property
    def actions(self) -> frozenset[str]:
        """What the real one knows."""
        return self._real.actions

    def do(self, action: str, arguments: Mapping[str, str]) -> Reply:
        """Do `action`, late or wrongly if the fixture says so."""
        self._spend(self._spec.delay_ms / 1000)
        if self._spec.fault == "error":
            raise BackendError("the fixture wants this back-end to fail")
        if self._spec.fault == "nonsense":
            return Reply("nonsense")
        return self._real.do(action, arguments)
