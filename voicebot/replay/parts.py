"""What the parts of a fixture are made of: a frozen base, and values as testers write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from voicebot import events


class Part(BaseModel):
    """A frozen part of a fixture; a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Times:
    """How often something may happen: ``2`` for exactly twice, ``at most 2``."""

    least: int
    most: int

    def __contains__(self, count: int) -> bool:
        return self.least <= count <= self.most

    def __str__(self) -> str:
        return f"{'at most' if self.least < self.most else 'exactly'} {self.most}"


def _seconds(text: Any) -> Any:
    """Read ``400ms``, ``1.2s`` or ``+1.2s`` as seconds; leave anything else for the validation to refuse."""
    match = re.fullmatch(r"\+?(\d+(?:\.\d+)?)(ms|s)", str(text))
    return float(match[1]) / (1000 if match[2] == "ms" else 1) if match else text


def _several(value: Any) -> Any:
    """Let one text stand for a list of one."""
    return (value,) if isinstance(value, str) else value


def _times(value: Any) -> Times:
    match = re.fullmatch(r"(at most )?(\d{1,4})", str(value))
    if match is None:
        raise ValueError("write how often: 2 for exactly twice, or 'at most 2'")
    most = int(match[2])
    return Times(0 if match[1] else most, most)


def _in_the_log(name: str) -> str:
    if name not in MESSAGE_NAMES:
        raise ValueError(f"no such event: {name}; there are {', '.join(MESSAGE_NAMES)}")
    return name


MESSAGE_NAMES = tuple(kind.__name__ for kind in events.Message.__args__)
"""Everything that a call's log can hold."""
Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=600)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
HowOften = Annotated[Times, BeforeValidator(_times)]
EventName = Annotated[str, AfterValidator(_in_the_log)]
