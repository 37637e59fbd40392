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

    SIGTERM lets running calls finish; SIGHUP reloads bot, settings and code without dropping a call.

    \b
    Example:
      voicebot serve --bot webshop --config voicebot.yaml --workers 2
    """
    import asyncio
    from functools import partial

    from voicebot.serve import read_site, run_parent

    changes = {name: value for name, value in {"bot": bot, "workers": workers}.items() if value is not None}
    say = partial(print, flush=True)
    asyncio.run(run_parent(partial(read_site, config, changes, say), say=say))
