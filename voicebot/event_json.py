"""Events and effects as JSON data, for the log and the live pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from voicebot.events import Effect, Event, Message

_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (*Event.__args__, *Effect.__args__)
}


def encode(message: Message) -> dict[str, Any]:
    """Return `message` as plain JSON data, its class name under ``type``."""
    name = type(message).__name__
    return {"type": name, **_ADAPTERS[name].dump_python(message, mode="json")}


def decode(data: Mapping[str, Any]) -> Message:
    """Return the message that `encode` wrote; raises ValueError on anything else."""
    fields = dict(data)
    adapter = _ADAPTERS.get(str(fields.pop("type", None)))
    if adapter is None:
        raise ValueError(f"no such message type: {data.get('type')!r}")
    message: Message = adapter.validate_python(fields)
    return message
