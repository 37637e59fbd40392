"""`voicebot demo`: PBX, bot, a recorded caller and an agent, live in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    once: Annotated[bool, typer.Option("--once", help="One call, then stop.")] = False,
    bind: Annotated[str, typer.Option(help="Address for softphones, such as 0.0.0.0.")] = "127.0.0.1",
    work: Annotated[Path, typer.Option(help="Folder for working files.")] = Path(".cache/demo"),
    out: Annotated[Path, typer.Option(help="Folder for what the demo leaves.")] = Path("demo-out"),
) -> None:
    """Place a real call to a real Asterisk and show it; leave recording, events and summary in demo-out/.

    \b
    Example:
      voicebot demo --once
      voicebot demo --bind 0.0.0.0      (then call it with your own softphone)
    """
    import asyncio
    import signal

    from rich.console import Console

    from voicebot.clock import WallClock
    from voicebot.demo import Cast, Demo, Show
    from voicebot.telephony import find_asterisk

    # closing the terminal, or a time-out, stops the demo as Ctrl-C does
    for stop in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.default_int_handler)
    console = Console(highlight=False)
    recordings = Path(__file__).parents[2] / "audio_fixtures" / "webshop"
    play = Demo(Cast.of(recordings), work.absolute(), out, Show(console))
    install = find_asterisk()
    if install is None:
        console.print("No Asterisk here, so the call goes over the in-memory line, without an agent.")
        asyncio.run(play.in_memory(WallClock()))
    else:
        asyncio.run(play.on_asterisk(install, bind=bind, stay=not once))
