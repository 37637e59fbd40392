"""`voicebot replay`: the same calls again, faster than the clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from voicebot.replay import Result


def replay(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Fixtures, or folders of them.")],
    via: Annotated[
        Literal["direct", "audiosocket", "asterisk"],
        typer.Option(help="In memory and faster than the clock; or in real time over a real line."),
    ] = "direct",
    jobs: Annotated[int, typer.Option(min=1, help="Processes at once.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object with all results.")] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write DIR/report.html: hear and read every call.")
    ] = None,
    work: Annotated[Path, typer.Option(help="Folder for rendered voices, prompts and models.")] = Path(
        ".cache/replay"
    ),
) -> None:
    """Replay recorded callers against the very code that answers the telephone.

    \b
    Example:
      voicebot replay audio_fixtures/webshop
      voicebot replay audio_fixtures/webshop/demo.yaml --json
      voicebot replay audio_fixtures --via asterisk --jobs 8
      voicebot replay audio_fixtures --report out
    """
    import json
    import sys

    from rich.console import Console

    from voicebot.replay import at_hand, fixtures_in, left_out, replay_all, summary, timeline

    console = Console(highlight=False)

    def tell(result: Result) -> None:
        mark = "[green]✓[/]" if result.passed else "[red]✗[/]"
        took = f"{result.replayed.seconds:.0f} s in {result.elapsed_s:.1f} s"
        console.print(f"{mark} {result.file}  [dim]{took}[/dim]")
        if not result.passed:
            console.print(timeline(result), markup=False)

    found = fixtures_in(paths)
    files = at_hand(found)
    if missing := len(found) - len(files):
        print(f"voicebot: {left_out(missing)}", file=sys.stderr)
    results = replay_all(files, work.absolute(), via=via, jobs=jobs, on_result=_drop if as_json else tell)
    total = summary(results)
    print(json.dumps(total, ensure_ascii=False)) if as_json else console.print(
        f"{total['passed']} passed, {total['failed']} failed; {total['speed']:.0f} times real time"
    )
    if report is not None:
        page = _write_report(results, report)
        if not as_json:
            console.print(f"report: {page}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if total["failed"] else 0)


def _drop(result: Result) -> None:
    """Tell nothing."""


def _write_report(results: Sequence[Result], out: Path) -> Path:
    from voicebot.hearing import choose_model
    from voicebot.replay import folder_checksum, write_report

    model = choose_model(None)
    name = f"{model.name}, with the words of each bot"
    return write_report(results, out, name, folder_checksum(model.path))
