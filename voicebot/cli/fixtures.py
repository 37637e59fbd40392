"""`voicebot fixtures`: fixtures begun, made from finished calls, and recordings for them rendered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.events import Entry

fixtures_app = typer.Typer(
    help="Make fixtures: new ones, from finished calls, and recordings for them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
PATIENCE_S = 2.0
"""After so long, rendering shows how far it is."""


@fixtures_app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The fixture to write, .yaml.")],
    bot: Annotated[str, typer.Option(help="A shipped bot, or a folder.")] = "webshop",
) -> None:
    """Write a fixture to begin with, in which every key is explained.

    \b
    Example:
      voicebot fixtures new mijn_fixture.yaml
    """
    from voicebot.dialogue import load_bot
    from voicebot.replay import starter

    load_bot(bot)  # a wrong name is told now, not at the first replay
    _write(file, starter(bot, str(file)))
    print(f"voicebot replay {file}")


@fixtures_app.command("record")
def record(
    call_id: Annotated[str, typer.Argument(metavar="CALL_ID", help="A finished call in the event store.")],
    config: Annotated[Path | None, typer.Option(help="The configuration of `voicebot serve`.")] = None,
    database: Annotated[Path | None, typer.Option(help="The event store itself, calls.db.")] = None,
    bot: Annotated[str | None, typer.Option(help="The bot it is for; default: the configured one.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The fixture to write; default: standard output.")
    ] = None,
) -> None:
    """Make a finished call into a fixture: the same caller, with invented values for what is personal.

    The event store is redacted, so the caller's words are spoken anew by a synthetic voice, and numbers,
    postcodes and names are invented. No call's sound is kept, so there is no recording to use.

    \b
    Example:
      voicebot fixtures record 6f9619ff-8b86-4d01-b42d-00cf4fc964ff -o audio_fixtures/nagespeeld.yaml
    """
    from voicebot.dialogue import callback_bot, load_bot
    from voicebot.expectation import Expectation
    from voicebot.replay import record_call
    from voicebot.serve import load_settings

    settings = load_settings(config)
    entries = _stored(call_id, database or settings.data / "calls.db")
    chosen = bot or settings.bot
    loaded = load_bot(chosen)
    specs = {**callback_bot(loaded).slots, **loaded.slots}
    slots = {name: Expectation(name, spec.type, spec.length) for name, spec in specs.items()}
    text = record_call(entries, chosen, slots)
    if output is None:
        print(text, end="")
    else:
        _write(output, text)
        print(f"voicebot replay {output}")


@fixtures_app.command("render")
def render(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Dutch, as a caller would say it.")],
    voices: Annotated[str, typer.Option(help="espeak's Dutch voices, with commas between.")] = "nl+f2,nl+m3",
    rates: Annotated[str, typer.Option(help="Words per minute, with commas between.")] = "120,150,180",
    line: Annotated[
        str, typer.Option(help="Of clean, alaw, ulaw, gsm, noisy and lossy, with commas between.")
    ] = "clean",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the recordings.")] = Path(),
) -> None:
    """Speak each TEXT in each voice and rate, over each line, into small FLAC files of 8 kHz.

    They are listed in recordings.jsonl beside them; what is there already stays as it is. A fixture has a
    line of its own: use clean recordings in it.

    \b
    Example:
      voicebot fixtures render "waar blijft mijn pakket" --voices nl+f4,nl+m2 --rates 120,180 -o opnames
    """
    from time import perf_counter

    from rich.console import Console
    from rich.progress import Progress

    from voicebot.house import SyntheticCaller
    from voicebot.replay import LINES
    from voicebot.replay import render as render_all

    lines = _choices(line, "--line")
    if unknown := [name for name in lines if name not in LINES]:
        raise typer.BadParameter(f"--line: no line {unknown[0]!r}; there are {', '.join(LINES)}")
    speeds = _choices(rates, "--rates")
    if wrong := [speed for speed in speeds if not speed.isdecimal()]:
        raise typer.BadParameter(f"--rates: not a number of words per minute: {wrong[0]!r}")
    begun = perf_counter()
    caller = SyntheticCaller()
    progress = Progress(console=Console(stderr=True), transient=True)
    task = progress.add_task("rendering", total=None)

    def show(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)
        if perf_counter() - begun > PATIENCE_S:
            progress.start()

    try:
        names = _choices(voices, "--voices")
        made = render_all(texts, names, [int(s) for s in speeds], lines, output, caller.say, show)
    finally:
        if progress.live.is_started:
            progress.stop()
        caller.close()
    for file in made:
        print(file)


def _choices(text: str, option: str) -> list[str]:
    """Return what stands between the commas."""
    if not (found := [part.strip() for part in text.split(",") if part.strip()]):
        raise typer.BadParameter(f"{option}: give at least one")
    return found


def _write(file: Path, text: str) -> None:
    """Write a new file; never over another."""
    from voicebot.errors import UsageError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new_file:
            new_file.write(text)
    except FileExistsError:
        raise UsageError(f"{file}: is there already; choose another name, or remove it first") from None
    except OSError as problem:
        raise UsageError(f"{file}: cannot be written: {problem.strerror}") from None


def _stored(call_id: str, database: Path) -> list[Entry]:
    """Return the redacted log of a call."""
    from voicebot.errors import UsageError
    from voicebot.records import EventStore

    if not database.is_file():
        raise UsageError(f"{database}: no event store here; give --config or --database")
    store = EventStore(f"sqlite:///{database}")
    try:
        entries = store.entries(call_id)
        last = ", ".join(call.call_id for call in store.calls(3)) or "none"
    finally:
        store.close()
    if not entries:
        raise UsageError(f"{database}: no call {call_id}; the last ones: {last}")
    return entries
