"""The people: recorded sentences read aloud, with their texts."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import RATE, Utterance
from training.settings import DataSettings
from voicebot.audio import Samples, read_audio
from voicebot.errors import UsageError

_CLITICS: Final = ("'s", "'t", "'n", "'k")
_FREE: Final = ("CC0", "Public domain", "CC BY ")
"""How the licences begin of background sounds that a model may be made from."""


def read_readers(
    recordings: Path, settings: DataSettings, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[Utterance, NDArray[np.int16]]]:
    """Yield the readers' sentences, from their folders in `recordings`; named ``reader/prompt number``.

    Raises UsageError when a folder has no manifest, or names a file that is not there.
    """
    every = round(1 / settings.reader_share)
    rows = [
        (reader, row) for reader in settings.readers for row in manifest_rows(recordings / reader)[::every]
    ]
    for done, (reader, row) in enumerate(rows):
        sound = read_audio(recordings / reader / row["file"], RATE)
        text = words_only(row["transcript"])
        yield Utterance(f"{reader}/{row['prompt_id']}", reader, text), sound
        on_progress(done + 1, len(rows))


def read_ambiences(folder: Path, seconds: int = 60) -> list[Samples]:
    """Return the start of each background sound of `folder` that a model may be made from, at 8 kHz."""
    rows = [row for row in manifest_rows(folder) if row["label"].startswith("ambience")]
    free = [row for row in rows if row["licence"].startswith(_FREE)]
    return [read_audio(folder / row["file"])[: seconds * 8000] for row in free]


def words_only(text: str) -> str:
    """Return `text` in lower case, without marks; apostrophes stay in words, and in 's, 't, 'n and 'k."""
    plain = unicodedata.normalize("NFC", text.lower()).replace("’", "'").replace("-", " ")
    words = re.sub(r"[^\w\s']", " ", plain).split()
    return " ".join(word if word in _CLITICS else word.strip("'") for word in words).strip()


def held_out(utterances: Sequence[Utterance], settings: DataSettings) -> list[bool]:
    """Tell which utterances of the readers are kept for measuring: by their prompts, or by equal texts."""
    last_digits = tuple(str(digit) for digit in settings.held_out_last_digits)
    texts = {one.text for one in utterances if one.name.endswith(last_digits)}
    return [one.text in texts for one in utterances]


def manifest_rows(folder: Path) -> list[dict[str, str]]:
    """Return the rows of a folder of recordings, in order of their file names."""
    file = folder / "manifest.csv"
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return sorted(csv.DictReader(lines), key=lambda row: row["file"])
    except OSError as error:
        raise UsageError(
            f"no recordings in {folder}: manifest.csv is missing; name the right folder with --recordings"
        ) from error
