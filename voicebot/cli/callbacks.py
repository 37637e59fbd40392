"""`voicebot callbacks`: who is to be called back, with their numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.records import Callback, Callbacks

callbacks_app = typer.Typer(
    help="Callers to call back: list them, note who was called, try again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Config = Annotated[Path | None, typer.Option(help="Settings of `voicebot serve`.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


@callbacks_app.command("list")
def list_callbacks(
    everyone: Annotated[
        bool, typer.Option("--all", help="Those who are not to be called any more, too.")
    ] = False,
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """List who is to be called back, the first caller first. Shows telephone numbers.

    \b
    Example:
      voicebot callbacks list --config voicebot.yaml
    """
    from dataclasses import asdict

    book = _book(config)
    requests = book.requests(done=everyone)
    for one in requests:
        print(json.dumps(asdict(one), ensure_ascii=False) if as_json else _line(one))
    if not requests and not as_json:
        print("nobody is to be called back")
    book.close()


@callbacks_app.command("done")
def done(
    id: Annotated[int, typer.Argument(metavar="ID", help="As `voicebot callbacks list` shows it.")],
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """Note that a caller was called back; the number is then erased.

    \b
    Example:
      voicebot callbacks done 12
    """
    from datetime import datetime

    book = _book(config)
    book.finish(id, datetime.now().astimezone().isoformat(timespec="seconds"))
    book.close()
    print(json.dumps({"id": id, "status": "done"}) if as_json else f"{id}: done, the number is erased")


@callbacks_app.command("again")
def again(
    id: Annotated[int, typer.Argument(metavar="ID", help="As `voicebot callbacks list --all` shows it.")],
    config: _Config = None,
    as_json: _AsJson = False,
) -> None:
    """Have a call-back that failed or expired tried anew.

    \b
    Example:
      voicebot callbacks again 12
    """
    book = _book(config)
    book.reopen(id)
    book.close()
    print(json.dumps({"id": id, "status": "open"}) if as_json else f"{id}: open again")


def _book(config: Path | None) -> Callbacks:
    from voicebot.cli.data_folder import data_folder
    from voicebot.records import Callbacks

    return Callbacks.in_folder(data_folder(config))


def _line(one: Callback) -> str:
    tried = f"tried {one.tries}x" if one.tries else ""
    status = "" if one.status == "open" else one.status
    about = "; ".join(filter(None, (one.reason, one.intent, status, tried, one.last_result)))
    return f"{one.id:>5}  {one.requested_at}  {one.number or '-':<15}  {about}".rstrip()
