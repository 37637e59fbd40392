"""`voicebot handovers`: why callers were given to a human, what became of it, and what was for nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.records import Handover, Handovers

handovers_app = typer.Typer(
    help="Callers who were given to a human: list them with why and with proof, and mark what was wrong.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_CallId = Annotated[str, typer.Argument(metavar="CALL_ID", help="As `voicebot handovers list` shows it.")]
_Config = Annotated[Path | None, typer.Option(help="Settings of `voicebot serve`.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


@handovers_app.command("list")
def list_handovers(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 50,
    wrong: Annotated[bool, typer.Option("--wrong", help="Only what the bot had wrong: to review.")] = False,
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """List the last hand-overs with reason, evidence and what became of them; count false alarms by reason.

    \b
    Example:
      voicebot handovers list --config voicebot.yaml
      voicebot handovers list --wrong
    """
    from dataclasses import asdict

    from voicebot.records import counted

    book = _book(config)
    found = book.last(limit, wrong=wrong)
    book.close()
    for one in found:
        print(json.dumps(asdict(one), ensure_ascii=False) if as_json else _line(one))
    if as_json:
        return
    for reason, (count, false) in counted(found).items():
        print(f"{reason or 'unknown'}: {count}, of which {false} false")
    if not found:
        print("the bot had nothing wrong that anybody told" if wrong else "nobody was handed over")


@handovers_app.command("false-alarm")
def false_alarm(
    call_id: _CallId,
    undo: Annotated[bool, typer.Option("--undo", help="It was none after all.")] = False,
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """Mark a hand-over as a false alarm: no human was needed for that reason.

    \b
    Example:
      voicebot handovers false-alarm 6f1c0d9e-8a51-4f0e-b1c4-2f6d5b7a9c10
    """
    book = _book(config)
    book.mark(call_id, None if undo else _now())
    book.close()
    told = {"call_id": call_id, "false_alarm": not undo}
    print(json.dumps(told) if as_json else f"{call_id}: {'no ' if undo else 'a '}false alarm")


@handovers_app.command("wrong")
def wrong(
    call_id: _CallId,
    intent: Annotated[str, typer.Option(help="What the caller came for.")] = "",
    by: Annotated[str, typer.Option(help="Who says so.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="It had it right after all.")] = False,
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """Mark that the bot had it wrong; `voicebot handovers list --wrong` then shows the call.

    \b
    Example:
      voicebot handovers wrong 6f1c0d9e-8a51-4f0e-b1c4-2f6d5b7a9c10 --intent complaint --by Anja
    """
    from voicebot.cli.data_folder import data_folder
    from voicebot.records import Feedback

    book = _book(config)
    book.check(call_id)
    book.close()
    feedback = Feedback.in_folder(data_folder(config))
    if undo:
        feedback.unmark(call_id)
    else:
        feedback.mark(call_id, intent, by, _now())
    feedback.close()
    told = {"call_id": call_id, "bot_was_wrong": None if undo else intent}
    print(json.dumps(told) if as_json else f"{call_id}: the bot had it {'right' if undo else 'wrong'}")


@handovers_app.command("denied")
def denied(
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="How many of the last calls to judge.")
    ] = 1000,
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """Look for callers who were denied a human; exits 1 when there are any.

    \b
    Example:
      voicebot handovers denied --config voicebot.yaml
    """
    from dataclasses import asdict

    book = _book(config)
    found = book.denied(limit)
    book.close()
    for one in found:
        line = f"{one.started_at:<25}  {one.call_id}  {one.why}"
        print(json.dumps(asdict(one), ensure_ascii=False) if as_json else line)
    if found:
        raise typer.Exit(1)
    if not as_json:
        print("nobody was denied a human")


def _book(config: Path | None) -> Handovers:
    from voicebot.cli.data_folder import data_folder
    from voicebot.records import Handovers

    return Handovers.in_folder(data_folder(config))


def _now() -> str:
    from datetime import datetime

    return datetime.now().astimezone().isoformat(timespec="seconds")


def _line(one: Handover) -> str:
    about = (
        one.reason or "unknown",
        one.intent,
        ", ".join(one.evidence),
        _ending(one),
        "" if one.disclosed else "not disclosed",
        "false alarm" if one.false_alarm else "",
        "" if one.bot_was_wrong is None else f"the bot had it wrong {one.bot_was_wrong}".rstrip(),
    )
    return f"{one.started_at or 'unknown':<25}  {one.call_id}  {'; '.join(filter(None, about))}"


def _ending(one: Handover) -> str:
    """Tell what became of the caller: "answered by Anja after 12.0 s"."""
    by = f" by {one.agent}" if one.agent else ""
    after = "" if one.seconds_to_human is None else f" after {one.seconds_to_human:.1f} s"
    return f"{one.ended_how}{by}{after}"
