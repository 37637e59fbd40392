"""Prompts of telephone exchanges: people of other languages who read sentences, letters and numbers aloud.

They are Debian's packages ``asterisk-core-sounds-X`` (the texts) and ``asterisk-core-sounds-X-wav``, of one
speaker each.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from voicebot.errors import SetupError

_SOUNDS: Final = Path("/usr/share/asterisk/sounds")
_TEXTS: Final = "/usr/share/doc/asterisk-core-sounds-{0}/core-sounds-{0}.txt.gz"
_NO_SPEECH: Final = re.compile(r"[\[(<]|\?.*\w")
"""In a text: a remark on how it sounds; or a question mark that was another letter once."""


class Prompt(NamedTuple):
    """One recording and its text."""

    file: Path
    name: str
    text: str


def read_prompts(package: str) -> Iterator[Prompt]:
    """Yield the prompts of a package, such as ``en`` of asterisk-core-sounds-en, that have a text and a file.

    Raises SetupError when it is not installed.
    """
    folder, listed = _SOUNDS / package, Path(_TEXTS.format(package))
    if not folder.is_dir() or not listed.is_file():
        raise SetupError(
            f"no prompts in {folder}: install Debian's packages asterisk-core-sounds-{package} and "
            f"asterisk-core-sounds-{package}-wav, or take {package} out of the settings"
        )
    for line in gzip.decompress(listed.read_bytes()).decode("utf-8-sig").splitlines():
        name, colon, text = line.partition(":")
        file = folder / f"{name.strip()}.wav"
        if colon and file.is_file() and not _NO_SPEECH.search(text):
            yield Prompt(file, name.strip(), text)
