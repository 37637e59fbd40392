"""The house: rooms talk through their front door (`__init__`); import-linter holds the arrows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import voicebot

pytestmark = pytest.mark.unit

PACKAGE = Path(voicebot.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 400


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_rooms_talk_through_their_front_door(file: Path) -> None:
    room = file.relative_to(PACKAGE).parts[0]
    others = [name.split(".") for name in imported(file) if name.startswith("voicebot.")]
    inside = [".".join(name) for name in others if len(name) > 2 and name[1] != room]
    if room != "cli":
        assert inside == []
    else:  # the command line imports late and only what a command needs
        assert all((PACKAGE / name.split(".")[1]).is_dir() for name in inside)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_file_is_too_long_to_read(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LONGEST


def test_every_room_says_what_it_is_for() -> None:
    rooms = [file for file in FILES if file.name == "__init__.py"]
    assert [room for room in rooms if not ast.get_docstring(ast.parse(room.read_text()))] == []
