"""`voicebot doctor`: checks that everything is here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    config: Annotated[Path | None, typer.Option(help="A YAML file with settings.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON lines {what, state, detail, mend}.")
    ] = False,
) -> None:
    """Check Asterisk, its Manager, bot, model, voice, ports and folders; say how to mend what is wrong.

    \b
    Example:
      voicebot doctor --config voicebot.yaml
    """
    import asyncio
    import dataclasses
    import json

    from rich.console import Console

    from voicebot.serve import load_settings
    from voicebot.serve.doctor import examine

    settings = load_settings(config)
    console = Console(highlight=False, soft_wrap=True)
    marks = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "wrong": "[red]✗[/]"}

    async def show() -> int:
        wrong = 0
        async for finding in examine(settings):
            wrong += finding.state == "wrong"
            if as_json:
                print(json.dumps(dataclasses.asdict(finding), ensure_ascii=False))
                continue
            console.print(f"{marks[finding.state]} {finding.what}: {finding.detail}")
            if finding.mend:
                console.print(f"    [dim]{finding.mend}[/dim]")
        return wrong

    raise typer.Exit(1 if asyncio.run(show()) else 0)
