"""`voicebot serve`: answer calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    bot: Annotated[
        str | None, typer.Option(help="A shipped bot's name or a folder; default: webshop.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A YAML file with settings.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes that answer calls.")] = None,
) -> None:
    """Answer calls that Asterisk brings over AudioSocket, and show them on the web page.

    \b
    Example:
      voicebot serve --bot webshop --config voicebot.yaml --workers 2
    """
    import asyncio

    from voicebot.dialogue import load_bot
    from voicebot.hearing import choose_model
    from voicebot.serve import Parent, load_settings

    settings = load_settings(config)
    changes = {name: value for name, value in {"bot": bot, "workers": workers}.items() if value is not None}
    settings = settings.model_copy(update=changes)
    loaded = load_bot(settings.bot)
    choice = choose_model(settings.model)
    print(f"bot: {loaded.name} {loaded.version}; model: {choice.name} ({choice.path})")
    if choice.is_ours:
        print(
            "This is our own small model, for the demo and tests. For real callers fetch the official one:\n"
            "  voicebot models fetch vosk-model-small-nl-0.22",
            flush=True,
        )
    asyncio.run(Parent(settings, choice.name, say=lambda line: print(line, flush=True)).run())
