"""The running transcript of both sides in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallEnded,
    CallStarted,
    ContextDelivered,
    Entry,
    FaultOccurred,
    IntentNotRecognised,
    IntentRecognised,
    KeysEntered,
    Message,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    Transfer,
    UtteranceEnded,
)
from voicebot.values import Value, fill


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold, and whether it did."""

    what: str
    holds: bool
    detail: str


class Show:
    """Prints what happens, one line each, the same words that are stored (so: redacted)."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def step(self, text: str) -> None:
        """Print a step of the preparation."""
        self._console.print(f"[dim]··[/dim] {escape(text)}", soft_wrap=True)

    def entry(self, entry: Entry) -> None:
        """Print a line of the log, if it is one a person would want to see."""
        line = describe(entry.message)
        if line is None:
            return
        who, text, style = line
        self._row(Text(f"{entry.at_ms / 1000:6.1f} s", "dim"), Text(who, f"bold {style}"), Text(text, style))

    def checks(self, checks: Sequence[Check]) -> None:
        """Print what held and what did not."""
        self._console.print()
        for each in checks:
            mark, style = ("✓", "green") if each.holds else ("✗", "bold red")
            self._row(
                Text(mark, style, justify="right"),
                Text(),
                Text.assemble(each.what, "  ", (each.detail, "dim")),
            )

    def _row(self, clock: Text, who: Text, text: Text) -> None:
        """Print a line in three columns; a long text wraps in its own."""
        row = Table.grid(padding=(0, 2))
        for width in (8, 6):
            row.add_column(width=width)
        row.add_row(clock, who, text)
        self._console.print(row)


def describe(message: Message) -> tuple[str, str, str] | None:
    """Return who, what, and in which style; None for what only machines want to know."""
    match message:
        case CallStarted(bot=bot, bot_version=version):
            return "call", f"bot {bot} {version}", "dim"
        case PromptStarted(template=template, values=values):
            return "bot", fill(template, values, reveal=False), "cyan"
        case PromptInterrupted(heard_ms=ms) if ms:
            return "", f"(interrupted after {ms / 1000:.1f} s)", "dim"
        case UtteranceEnded(text=text):
            return "caller", text or "(no words)", "green"
        case SpeechContinued():
            return "", "(goes on)", "dim"
        case IntentRecognised(intent=intent, slots=slots):
            return "", f"understood: {intent}{_listed(slots)}", "dim"
        case IntentNotRecognised():
            return "", "not understood", "yellow"
        case KeysEntered(slots=slots, intent=intent):
            return "caller", f"keyed {intent}{_listed(slots)}".rstrip(), "green"
        case BackendReplied(outcome=outcome, facts=facts):
            return "shop", f"{outcome}{_listed(facts)}", "magenta"
        case BackendFailed(error=error) | FaultOccurred(error=error):
            return "fault", error, "red"
        case Transfer(queue=queue, reason=reason, intent=intent):
            return "", f"transferred: reason={reason} intent={intent or '-'} queue={queue}", "bold yellow"
        case ContextDelivered(delivered=delivered, took_ms=ms):
            return "", f"context {'delivered' if delivered else 'NOT delivered'} in {ms} ms", "dim"
        case CallEnded(outcome=outcome, frames_sent=sent, frames_late=late):
            return "end", f"{outcome}; {sent} frames sent, {late} late", "dim"
    return None


def _listed(values: Mapping[str, Value]) -> str:
    return "".join(f"  {name}={value}" for name, value in values.items())
