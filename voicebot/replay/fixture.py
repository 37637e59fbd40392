"""A fixture: a small YAML file that says what a caller does, on which line, and what should come of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from voicebot import events
from voicebot.errors import FixtureError
from voicebot.strict_yaml import StrictYaml


def _seconds(text: Any) -> Any:
    """Read ``400ms``, ``1.2s`` or ``+1.2s`` as seconds; leave anything else for the validation to refuse."""
    match = re.fullmatch(r"\+?(\d+(?:\.\d+)?)(ms|s)", str(text))
    return float(match[1]) / (1000 if match[2] == "ms" else 1) if match else text


def _several(value: Any) -> Any:
    """Let one sentence stand for a list of one."""
    return (value,) if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=120)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
EVENT_NAMES = tuple(kind.__name__ for kind in events.Event.__args__)


class _Part(BaseModel):
    """A frozen part of a fixture; a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CallerSpec(_Part):
    """One thing the caller does: says a recording or a text, presses keys, stays silent or hangs up."""

    wav: str | None = None
    """Recording beside the fixture, WAV or FLAC."""
    text: str | None = None
    """Said by a synthetic voice."""
    voice: str = "nl+f2"
    rate_wpm: int = Field(default=150, ge=80, le=300)
    keys: str | None = Field(default=None, pattern=r"^[0-9*#]+$")
    silent: Seconds | None = None
    """Says nothing for so long."""
    hangs_up: bool = False
    after: Seconds = 0.7
    """Silence of the bot before it."""
    at: Seconds | None = None
    """Instead: so long after the bot began to speak, which interrupts it."""

    @model_validator(mode="after")
    def _does_one_thing(self) -> CallerSpec:
        done = [self.wav, self.text, self.keys, self.silent, self.hangs_up or None]
        if sum(thing is not None for thing in done) != 1:
            raise ValueError("a caller does one thing per turn: wav, text, keys, silent or hangs_up")
        return self


class Expect(_Part):
    """What should come of a turn, before the caller's next one."""

    intent: str | None = None
    slots: Mapping[str, str] = Field(default_factory=dict)
    says: Texts = ()
    """Words the bot says, as it speaks them (``twee uur``, not ``14:00``)."""
    says_not: Texts = ()
    within_ms: int | None = Field(default=None, ge=0)
    """From the caller's last sound to the bot's first, in virtual time."""
    event: str | None = None
    """An event that happens, by name."""
    outcome: str | None = None
    """How the call ended: contained, transferred or abandoned."""
    reason: str | None = None
    """Why a human was brought in."""

    @model_validator(mode="after")
    def _event_exists(self) -> Expect:
        if self.event is not None and self.event not in EVENT_NAMES:
            raise ValueError(f"no such event: {self.event}; there are {', '.join(EVENT_NAMES)}")
        return self


class TurnSpec(_Part):
    """A turn of the conversation; without a caller it is about what the bot does by itself."""

    caller: CallerSpec | None = None
    expect: Expect = Expect()


class LineSpec(_Part):
    """The line between caller and bot."""

    codec: Literal["alaw", "ulaw", "gsm", "none"] = "alaw"
    band: bool = True
    """300-3400 Hz, as a telephone passes."""
    noise: str | None = None
    """Background: ``white``, or a recording beside the fixture."""
    snr_db: float = Field(default=20.0, ge=-10, le=60)
    echo_db: float | None = Field(default=None, ge=-60, le=0)
    """The bot's own voice coming back, relative to how it was sent."""
    echo_ms: int = Field(default=120, ge=0, le=400)
    loss_percent: float = Field(default=0.0, ge=0, le=50)
    """Frames of the caller that do not arrive, in bursts."""
    loss_burst: int = Field(default=2, ge=1, le=25)
    level_db: float = Field(default=0.0, ge=-40, le=30)
    """Louder or softer than recorded; what then goes over full scale is clipped."""


class BackendSpec(_Part):
    """The company's systems during the call."""

    orders: tuple[Mapping[str, Any], ...] | None = None
    """The shop's orders; None for the demo shop's own."""
    delay_ms: int = Field(default=0, ge=0, le=60_000)
    fault: Literal["error", "nonsense"] | None = None


class After(_Part):
    """What should hold when the call is over."""

    outcome: str | None = None
    reason: str | None = None
    intent: str | None = None
    """What the agent is told the caller came for."""
    events: tuple[str, ...] = ()
    """Event names that happen in this order, others in between."""
    context: Mapping[str, str] = Field(default_factory=dict)
    """Channel variables the agent's side gets."""
    redacted: bool = True
    """No slot value stands in the stored log."""


class Fixture(_Part):
    """A recorded caller, the line, the world around it, and what should come of it."""

    call: str
    """What this call is about."""
    bot: str
    clock: datetime = datetime.fromisoformat("2026-11-20T10:15:00+01:00")
    caller_number: str | None = None
    line: LineSpec = LineSpec()
    backend: BackendSpec = BackendSpec()
    turns: tuple[TurnSpec, ...] = Field(min_length=1)
    after: After = After()

    @field_validator("clock")
    @classmethod
    def _has_a_zone(cls, clock: datetime) -> datetime:
        if clock.tzinfo is None:
            raise ValueError("write the time zone too, such as 2026-11-20T10:15:00+01:00")
        return clock


def load_fixture(file: Path) -> Fixture:
    """Read a fixture; raises FixtureError, one sentence with file and line."""
    try:
        source = file.read_bytes()
    except OSError as problem:
        raise FixtureError(f"cannot be read: {problem.strerror}", file) from None
    yaml = StrictYaml(file, source, FixtureError)
    try:
        fixture = Fixture.model_validate(yaml.keys)
    except ValidationError as problem:
        raise yaml.explain(problem, Fixture) from None
    for number, turn in enumerate(fixture.turns):
        wav = turn.caller.wav if turn.caller else None
        if wav is not None and not (file.parent / wav).is_file():
            raise yaml.mistake(f"no such recording: {wav}", ("turns", number, "caller", "wav"))
    return fixture
