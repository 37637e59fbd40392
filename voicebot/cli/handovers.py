"""`voicebot handovers`: why callers were given to a human, and which of that was a false alarm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.records import Handover, Handovers

handovers_app = typer.Typer(
    help="Callers who were given to a human: list them with why, and mark false alarms.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Config = Annotated[Path | None, typer.Option(help="Settings of `voicebot serve`.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


@handovers_app.command("list")
def list_handovers(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """List the last hand-overs with reason and evidence, and count false alarms by reason.

    \b
    Example:
      voicebot handovers list --config voicebot.yaml
    """
    from dataclasses import asdict

    from voicebot.records import counted

    book = _book(config)
    found = book.last(limit)
    book.close()
    for one in found:
        print(json.dumps(asdict(one), ensure_ascii=False) if as_json else _line(one))
    if as_json:
        return
    for reason, (count, false) in counted(found).items():
        print(f"{reason}: {count}, of which {false} false")
    if not found:
        print("nobody was handed over")


@handovers_app.command("false-alarm")
def false_alarm(
    call_id: Annotated[str, typer.Argument(metavar="CALL_ID", help="As `voicebot handovers list` shows it.")],
    undo: Annotated[bool, typer.Option("--undo", help="It was none after all.")] = False,
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """Mark a hand-over as a false alarm: no human was needed for that reason.

    \b
    Example:
      voicebot handovers false-alarm 6f1c0d9e-8a51-4f0e-b1c4-2f6d5b7a9c10
    """
    from datetime import datetime

    book = _book(config)
    book.mark(call_id, None if undo else datetime.now().astimezone().isoformat(timespec="seconds"))
    book.close()
    told = {"call_id": call_id, "false_alarm": not undo}
    print(json.dumps(told) if as_json else f"{call_id}: {'no ' if undo else 'a '}false alarm")


def _book(config: Path | None) -> Handovers:
    from voicebot.cli.data_folder import data_folder
    from voicebot.records import Handovers

    return Handovers.in_folder(data_folder(config))


def _line(one: Handover) -> str:
    mark = "false alarm" if one.false_alarm else ""
    about = "; ".join(filter(None, (one.reason, one.intent, ", ".join(one.evidence), mark)))
    return f"{one.started_at or 'unknown':<25}  {one.call_id}  {about}"
