"""The world around a replayed call: its back-end, slow or broken as the fixture says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicebot.errors import BackendError
from voicebot.house import Backend, Reply
from voicebot.replay.fixture import BackendSpec


class FixtureBackend:
    """A real back-end that takes time and fails on demand."""

    def __init__(self, real: Backend, spec: BackendSpec, spend: Callable[[float], None]) -> None:
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
