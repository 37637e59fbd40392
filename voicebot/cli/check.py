"""`voicebot check`: validates bots."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer


def check(
    bots: Annotated[
        list[str] | None,
        typer.Argument(metavar="[BOT]...", help="Shipped bots or folders; default: all shipped."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines {bot, ok, error}.")] = False,
) -> None:
    """Validate bots; a mistake is one line `file:line: message`.

    \b
    Example:
      voicebot check webshop
      voicebot check ./my-bot
    """
    from voicebot.backends import DemoShop
    from voicebot.dialogue import load_bot, place, shipped_bots
    from voicebot.errors import BotError
    from voicebot.house import check_actions, understanding_of

    wrong = 0
    for name in bots or list(shipped_bots()):
        error = None
        try:
            bot = load_bot(name)
            understanding_of(bot)
            check_actions(bot, DemoShop.actions)
        except BotError as problem:
            wrong, error = wrong + 1, str(place(name, problem))
        if as_json:
            print(json.dumps({"bot": name, "ok": error is None, "error": error}, ensure_ascii=False))
        elif error:
            print(error, file=sys.stderr)
        else:
            print(f"{name}: ok")
    raise typer.Exit(1 if wrong else 0)
