"""Fetching one large file, with progress and a limit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from voicebot.errors import DownloadError

Progress = Callable[[int, int | None], None]
"""Told the bytes so far and, when the server says it, in all."""


def download(url: str, file: Path, largest: int, client: httpx.Client, on_progress: Progress) -> None:
    """Write what is at `url` to `file`; raises DownloadError, also when it is over `largest` bytes."""
    try:
        with client.stream("GET", url) as response, file.open("wb") as copy:
            response.raise_for_status()
            length = response.headers.get("content-length")
            done = 0
            for piece in response.iter_bytes():
                done += copy.write(piece)
                if done > largest:
                    raise DownloadError(
                        f"{url} sends more than {largest} bytes, far more than listed; not fetched"
                    )
                on_progress(done, int(length) if length else None)
    except httpx.HTTPError as error:
        raise DownloadError(f"cannot fetch {url}: {error}; try again, or put it in place by hand") from error
