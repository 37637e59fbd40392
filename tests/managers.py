"""A Manager of Asterisk's that only remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from voicebot.errors import ManagerError

Items = list[tuple[str, dict[str, str]]]


class FakeManager:
    """Does every action, but those in `refused`; `lists` holds what is answered with a list."""

    def __init__(self) -> None:
        self.connected = True
        self.sessions = 1
        self.actions: list[tuple[str, dict[str, str]]] = []
        self.lists: dict[str, Items] = {}
        self.refused: Callable[[str, Mapping[str, str]], bool] = lambda name, fields: False
        self._subscribers: list[Callable[[str, Mapping[str, str]], None]] = []

    @property
    def client(self) -> Any:
        """Itself, for who wants a `ManagerClient`."""
        return self

    def subscribe(self, callback: Callable[[str, Mapping[str, str]], None]) -> None:
        self._subscribers.append(callback)

    def tell(self, event: str, **fields: str) -> None:
        for callback in self._subscribers:
            callback(event, fields)

    def user_event(self, name: str, **fields: str) -> None:
        self.tell("UserEvent", UserEvent=name, **fields)

    async def action(self, name: str, **fields: str) -> dict[str, str]:
        self._check(name, fields)
        self.actions.append((name, fields))
        return {"Response": "Success"}

    async def action_list(self, name: str, complete_event: str, **fields: str) -> Items:
        assert complete_event == f"{name}Complete"
        self._check(name, fields)
        return self.lists.get(name, [])

    def _check(self, name: str, fields: Mapping[str, str]) -> None:
        if not self.connected or self.refused(name, fields):
            raise ManagerError(f"Asterisk refused {name}")
