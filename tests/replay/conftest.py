"""What the tests of replay share: one rehearsal, with its house and its prompts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from recordings import FIXTURES
from short_fixtures import Write

from voicebot.replay import Rehearsal


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where voices and prompts are kept."""
    return tmp_path_factory.mktemp("rehearsal")


@pytest.fixture(scope="session")
def rehearsal(work: Path) -> Iterator[Rehearsal]:
    with Rehearsal(work) as opened:
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a webshop fixture of that name; its recordings are those of the shipped ones."""

    def written(name: str, text: str) -> Path:
        file = tmp_path / f"{name}.yaml"
        file.write_text(f"call: {name}\nbot: webshop\n{text}".replace("wav: ", f"wav: {FIXTURES}/"))
        return file

    return written
