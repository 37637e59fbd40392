"""Fetching a speech model: all of it, checked, or nothing."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

import httpx

from voicebot.download import Progress, download
from voicebot.errors import ModelError
from voicebot.hearing.registry import ModelEntry, Registry, verify_model

_LARGEST: Final = 4
"""Refuse a download, or a zip's content, over this many times the listed size."""


def fetch_model(
    entry: ModelEntry,
    registry: Registry,
    client: httpx.Client,
    on_progress: Progress,
) -> Path:
    """Download, unpack and verify a model; return its folder, which appears only when it is whole.

    Raises ModelError, and DownloadError when it cannot be had.
    """
    if entry.is_ours:
        raise ModelError(f"{entry.name} is not fetched: it is shipped in the checkout's models/ folder")
    target = registry.fetched / entry.name
    registry.fetched.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{entry.name}-", dir=registry.fetched) as folder:
        archive, unpacked = Path(folder, "model.zip"), Path(folder, "unpacked")
        download(entry.url, archive, _LARGEST * entry.size, client, on_progress)
        _unpack(archive, unpacked, _LARGEST * entry.size)
        if wrong := verify_model(entry, unpacked / entry.name):
            raise ModelError(f"the model fetched from {entry.url} is not the listed one: {'; '.join(wrong)}")
        if target.exists():
            target.rename(Path(folder, "replaced"))
        return (unpacked / entry.name).rename(target)


def _unpack(archive: Path, folder: Path, limit: int) -> None:
    """Unpack a zip, refusing what would land outside `folder` or take over `limit` bytes."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = [member for member in zipped.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > limit:
                raise ModelError(f"the fetched model unpacks to more than {limit} bytes; not unpacked")
            for member in members:
                name = PurePosixPath(member.filename)
                if name.is_absolute() or ".." in name.parts:
                    raise ModelError(
                        f"the fetched model holds a file outside its folder: {member.filename!r}"
                    )
                file = folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(member) as source, file.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
    except zipfile.BadZipFile as error:
        raise ModelError(f"what was fetched is not a zip file: {error}; try again") from error
