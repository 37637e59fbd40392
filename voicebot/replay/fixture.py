"""A fixture: a small YAML file that says what a caller does, on which line, and what should come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from voicebot.errors import FixtureError
from voicebot.replay.expected import After, Expect
from voicebot.replay.orders import OrderSeed
from voicebot.replay.parts import Part, Seconds, Texts
from voicebot.replay.sounds import has_real_recordings, is_elsewhere, recordings_folder, sound_file
from voicebot.strict_yaml import StrictYaml


class CallerSpec(Part):
    """One thing the caller does: says a recording or a text, presses keys, stays silent or hangs up."""

    wav: Annotated[Texts, Field(min_length=1)] | None = None
    """Recordings (see `voicebot.replay.sounds`), WAV or FLAC; several are played as one."""
    gap: Seconds = 0.2
    """Silence between several recordings, whose own is cut off."""
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


class TurnSpec(Part):
    """A turn of the conversation; without a caller it is about what the bot does by itself."""

    caller: CallerSpec | None = None
    expect: Expect = Expect()


class LineSpec(Part):
    """The line between caller and bot."""

    codec: Literal["alaw", "ulaw", "gsm", "none"] = "alaw"
    band: bool = True
    """300-3400 Hz, as a telephone passes."""
    noise: str | None = None
    """Background: ``white``, or a recording."""
    snr_db: float = Field(default=20.0, ge=-10, le=60)
    echo_db: float | None = Field(default=None, ge=-60, le=0)
    """The bot's own voice coming back, relative to how it was sent."""
    echo_ms: int = Field(default=120, ge=0, le=400)
    loss_percent: float = Field(default=0.0, ge=0, le=50)
    """Frames of the caller that do not arrive, in bursts."""
    loss_burst: int = Field(default=2, ge=1, le=25)
    level_db: float = Field(default=0.0, ge=-40, le=30)
    """Louder or softer than recorded; what then goes over full scale is clipped."""


class BackendSpec(Part):
    """The company's systems during the call."""

    orders: tuple[OrderSeed, ...] | None = None
    """The shop's orders; None for the demo shop's own."""
    delay_ms: int = Field(default=0, ge=0, le=60_000)
    fault: Literal["error", "nonsense"] | None = None


class Fixture(Part):
    """A recorded caller, the line, the world around it, and what should come of it."""

    call: str
    """What this call is about."""
    bot: str
    clock: datetime = datetime.fromisoformat("2026-11-20T10:15:00+01:00")
    caller_number: str | None = None
    purpose: Literal["callback"] | None = None
    """Asterisk brings the caller back, to leave a number to call; None for a call as it comes in."""
    voice_analysis: bool | None = None
    """Whether irritation is listened for in the caller's voice; None: as the bot has it."""
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

    @property
    def needs_real_recordings(self) -> bool:
        """Whether it names recordings that are not in the repository."""
        return any(is_elsewhere(name) for name, _ in self.recordings())

    def recordings(self) -> Iterator[tuple[str, Sequence[str | int]]]:
        """Give the recordings it names, and the place in the file of each."""
        if self.line.noise not in (None, "white"):
            yield self.line.noise, ("line", "noise")
        for number, turn in enumerate(self.turns):
            for name in (turn.caller and turn.caller.wav) or ():
                yield name, ("turns", number, "caller", "wav")


def load_fixture(file: Path) -> Fixture:
    """Read a fixture; raises FixtureError, one sentence with file and line.

    Recordings of real people may be missing, if all of them are.
    """
    try:
        source = file.read_bytes()
    except OSError as problem:
        raise FixtureError(f"cannot be read: {problem.strerror}", file) from None
    yaml = StrictYaml(file, source, FixtureError)
    try:
        fixture = Fixture.model_validate(yaml.keys)
    except ValidationError as problem:
        raise yaml.explain(problem, Fixture) from None
    for name, place in fixture.recordings():
        if is_elsewhere(name) and not has_real_recordings():
            continue
        if not _is_there(sound_file(name, file.parent)):
            where = f" in {recordings_folder()}" if is_elsewhere(name) else ""
            raise yaml.mistake(f"no such recording: {name}{where}", place)
    return fixture


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # a name that no file can have
        return False
