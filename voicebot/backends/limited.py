"""A back-end for one call, that does not let callers guess for ever."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import structlog

from voicebot.backends.backend import Backend, Reply
from voicebot.backends.failed_tries import FailedTries
from voicebot.errors import BackendError

NOT_FOUND = "not_found"
"""The outcome of an action whose details fit nobody."""

log = structlog.get_logger(__name__)


class LimitedBackend:
    """`backend` for a call, whose caller's number `number` gives ("" when withheld).

    Who had too many tries gets ``not_found`` to everything, right or wrong, and so ends with a human. Only
    actions in `guessable` are limited. When tries cannot be counted they are not limited either: those
    within one call still are.
    """

    def __init__(
        self, backend: Backend, tries: FailedTries, number: Callable[[], str], guessable: Collection[str]
    ) -> None:
        self._backend = backend
        self._tries = tries
        self._number = number
        self._guessable = guessable

    @property
    def actions(self) -> frozenset[str]:
        """The names that `do` knows."""
        return self._backend.actions

    def do(self, action: str, arguments: Mapping[str, str]) -> Reply:
        """Do `action`, unless the caller had too many tries; raises BackendError."""
        if action not in self._guessable:
            return self._backend.do(action, arguments)
        number = self._number()
        if self._counted(lambda: self._tries.exhausted(number)):
            log.warning("tries_exhausted", action=action)
            return Reply(NOT_FOUND)
        reply = self._backend.do(action, arguments)
        if reply.outcome == NOT_FOUND:
            self._counted(lambda: self._tries.add(number))
        return reply

    def _counted(self, count: Callable[[], bool | None]) -> bool:
        try:
            return bool(count())
        except BackendError as error:
            log.error("tries_not_counted", error=str(error))
            return False
