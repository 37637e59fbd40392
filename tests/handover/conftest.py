"""A whole voicebot behind a real Asterisk with two agents and a supervisor, and a browser on its pages."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_desk import Desk, open_desk

from voicebot.dialogue import shipped_bots
from voicebot.telephony import AsteriskInstall

DISCLOSURE = "  disclosure: Hier de computer. Of zeg medewerker.\n"
"""The webshop's own takes 10 s."""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def desk(
    runner: asyncio.Runner, asterisk_install: AsteriskInstall, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    opening = open_desk(asterisk_install, folder, _brisk_bot(folder / "bot"))
    yield runner.run(opening.__aenter__())
    runner.run(opening.__aexit__(None, None, None))


def _brisk_bot(folder: Path) -> Path:
    shutil.copytree(shipped_bots()["webshop"], folder)
    file = folder / "bot.yaml"
    text = re.sub(r"  disclosure:.*?(?=  opening:)", DISCLOSURE, file.read_text(), flags=re.S)
    file.write_text(text)
    return folder
