"""`voicebot replay`: the same calls again, faster than the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def replay(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Fixtures, or folders of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one object with all results.")] = False,
    work: Annotated[Path, typer.Option(help="Folder for rendered voices and prompts.")] = Path(
        ".cache/replay"
    ),
) -> None:
    """Replay recorded callers against the very code that answers the telephone.

    \b
    Example:
      voicebot replay audio_fixtures/webshop
      voicebot replay audio_fixtures/webshop/demo.yaml --json
    """
    import json

    from rich.console import Console

    from voicebot.replay import Rehearsal, fixtures_in, summary, timeline

    console = Console(highlight=False)
    with Rehearsal(work.absolute()) as rehearsal:
        results = []
        for file in fixtures_in(paths):
            results.append(result := rehearsal.run(file))
            if not as_json:
                mark = "[green]✓[/]" if result.passed else "[red]✗[/]"
                console.print(
                    f"{mark} {file}  [dim]{result.replayed.seconds:.0f} s in {result.elapsed_s:.1f} s[/dim]"
                )
                if not result.passed:
                    console.print(timeline(result))
    total = summary(results)
    print(json.dumps(total, ensure_ascii=False)) if as_json else console.print(
        f"{total['passed']} passed, {total['failed']} failed; {total['speed']:.0f} times real time"
    )
    raise typer.Exit(1 if total["failed"] else 0)
