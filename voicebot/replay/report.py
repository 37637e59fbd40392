"""The report of a run: one page with every call to hear, read and check, that needs no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from voicebot.errors import UsageError
from voicebot.events import CallEnded, CallStarted
from voicebot.replay.marks import State, TurnMarks, marks
from voicebot.replay.mood_curve import Point, curve, felt, sounded
from voicebot.replay.result import Result, summary
from voicebot.replay.transcript import Decision, Line, decisions, transcript
from voicebot.replay.waveform import PX_PER_S, sound_base64, waveform_path, words_path

LANE_PX = 72
"""Height of one voice on the timeline."""
WORDS_PX = 6
"""Height of the bars under the caller's voice, one for each word."""
MOOD_PX = 40
"""Height of the curve of the caller's mood."""
_TEMPLATES = Path(__file__).parent / "templates"


def write_report(results: Sequence[Result], out: Path, model: str, checksum: str) -> Path:
    """Write `out`/report.html, failed calls first; return its path.

    `model` is the name of the speech model, `checksum` that of its files (see `folder_checksum`). Personal
    values are shown, as fixtures hold no real people. Raises UsageError when it cannot be written.
    """
    ordered = sorted(results, key=lambda result: result.passed)
    calls = [CallView(number, result) for number, result in enumerate(ordered, start=1)]
    script = Markup((_TEMPLATES / "report.js").read_text("utf-8"))
    digest = hashlib.sha256(str(script).encode()).digest()
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["seconds"] = _seconds
    page = pages.get_template("report.html").stream(
        calls=calls,
        total=summary(results),
        model=model,
        checksum=checksum,
        px_per_s=PX_PER_S,
        lane_px=LANE_PX,
        words_px=WORDS_PX,
        mood_px=MOOD_PX,
        style=Markup((_TEMPLATES / "report.css").read_text("utf-8")),
        script=script,
        script_hash=base64.b64encode(digest).decode(),
    )
    file = out / "report.html"
    try:
        out.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8") as written:
            written.writelines(page)
    except OSError as problem:
        raise UsageError(f"cannot write the report to {file}: {problem.strerror}") from problem
    return file


def folder_checksum(folder: Path) -> str:
    """Return the SHA-256 of the files in `folder`, in hexadecimal.

    It is that of the lines that ``sha256sum`` prints for them, sorted by path; so it changes with any file.
    """
    lines = []
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        lines.append(f"{digest}  {file.relative_to(folder).as_posix()}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class CallView:
    """A call as the page shows it. What is large is made when the page comes to it, and not kept."""

    number: int
    """From 1, in the order of the page."""
    result: Result

    @property
    def width(self) -> float:
        """Of its timeline, in pixels."""
        return self.result.replayed.seconds * PX_PER_S

    @property
    def speed(self) -> float:
        """How many times faster than the clock."""
        return self.result.replayed.seconds / self.result.elapsed_s if self.result.elapsed_s else 0.0

    @property
    def started(self) -> CallStarted | None:
        """The first event, which tells the versions."""
        messages = (entry.message for entry in self.result.replayed.entries)
        return next((message for message in messages if isinstance(message, CallStarted)), None)

    @property
    def outcome(self) -> str:
        """How it ended, and why a human was brought in."""
        messages = (entry.message for entry in self.result.replayed.entries)
        ended = next((message for message in messages if isinstance(message, CallEnded)), None)
        return ": ".join(filter(None, [ended.outcome, ended.reason])) if ended else "not over"

    @property
    def line(self) -> str:
        """What the fixture changes about the line; "" for a plain one."""
        changed = self.result.fixture.line.model_dump(exclude_defaults=True)
        return ", ".join(f"{name} {value}" for name, value in changed.items())

    @cached_property
    def transcript(self) -> Sequence[Line]:
        """Who said what when."""
        return transcript(self.result.replayed.entries)

    @cached_property
    def turns(self) -> Sequence[TurnMarks]:
        """What was expected."""
        return marks(self.result.fixture, self.result.replayed.turns, self.result.failures)

    @property
    def expected(self) -> Sequence[TurnMarks]:
        """The turns of which something was expected."""
        return [turn for turn in self.turns if turn.marks]

    @property
    def tally(self) -> str:
        """How many expectations were met."""
        states = [mark.state for turn in self.turns for mark in turn.marks]
        return (
            f"{states.count(State.MET)} of {len(states)} expectations met" if states else "nothing expected"
        )

    @property
    def decisions(self) -> Sequence[Decision]:
        """Every event with what the bot did because of it."""
        return decisions(self.result.replayed.entries)

    def waveform(self, who: str) -> str:
        """Return the SVG path of ``caller`` or ``bot``."""
        replayed = self.result.replayed
        return waveform_path(replayed.said if who == "caller" else replayed.heard, LANE_PX)

    @property
    def felt(self) -> Sequence[Point]:
        """How frustrated the bot took the caller to be."""
        return felt(self.result.replayed.entries)

    @property
    def sounded(self) -> Sequence[Point]:
        """How frustrated each turn sounded."""
        return sounded(self.result.replayed.entries)

    @property
    def mood_curve(self) -> str:
        """The SVG path of `felt`; "" for a caller who never showed anything."""
        return curve(self.felt, self.result.replayed.seconds, PX_PER_S, MOOD_PX)

    @property
    def words(self) -> str:
        """The SVG path with a bar for each of the caller's words; "" for none."""
        return words_path((word for line in self.transcript for word in line.words), WORDS_PX)

    @property
    def sound(self) -> str:
        """The caller (left) and the bot (right): FLAC in base64."""
        return sound_base64(self.result.replayed.said, self.result.replayed.heard)


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} s"
