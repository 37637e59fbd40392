"""Progress of a download, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def downloading(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show how far fetching `what` is; gives what to tell the bytes so far, and in all."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    task = progress.add_task(f"fetching {what}", total=None)

    def tell(done: int, total: int | None) -> None:
        progress.start()  # not before there is something to show: an error is one line
        progress.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        if progress.live.is_started:
            progress.stop()
