"""A fixture: a small YAML file that says what a caller says, beside its recordings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from voicebot.audio import read_audio
from voicebot.errors import FixtureError, UsageError
from voicebot.replay.caller import Turn


def _seconds(text: Any) -> Any:
    """Read ``400ms`` or ``1.2s`` as seconds; anything else is left for the validation to refuse."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", str(text))
    return float(match[1]) / (1000 if match[2] == "ms" else 1) if match else text


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallerTurn(_Part):
    """One thing the caller does."""

    wav: str
    """Recording beside the fixture, WAV or FLAC."""
    after: Annotated[float, BeforeValidator(_seconds)] = Field(default=0.9, ge=0.1, le=60)
    """Silence of the other side before it, such as ``400ms``; in seconds."""
    at: Annotated[float | None, BeforeValidator(_seconds)] = Field(default=None, ge=0, le=60)
    """Instead: so long after the other side began to speak, which interrupts it; such as ``1.2s``."""


class FixtureTurn(_Part):
    """A turn of the conversation."""

    caller: CallerTurn


class Fixture(_Part):
    """A recorded caller."""

    call: str
    """What this call is about."""
    bot: str
    turns: tuple[FixtureTurn, ...] = Field(min_length=1)


def load_fixture(file: Path) -> tuple[Fixture, list[Turn]]:
    """Read a fixture and its recordings; raises FixtureError with one sentence."""
    try:
        fixture = Fixture.model_validate(YAML(typ="safe").load(file.read_text()))
        turns = [
            Turn(read_audio(file.parent / turn.caller.wav), turn.caller.after, turn.caller.at)
            for turn in fixture.turns
        ]
    except (OSError, UnicodeDecodeError, YAMLError, UsageError) as problem:
        raise FixtureError(str(problem).splitlines()[0], file) from None
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise FixtureError(f"{where}: {first['msg']}", file) from None
    return fixture, turns
