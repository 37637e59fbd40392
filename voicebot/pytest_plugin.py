"""Fixtures as tests: ``pytest audio_fixtures/`` replays them, in virtual time.

A YAML file is a fixture when it lies under a folder named ``audio_fixtures``, or has a key ``turns`` at its
top; other YAML files are left alone. As pytest loads this with every project that voicebot is installed
beside, it imports nothing of voicebot before there is a fixture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from voicebot.replay import Rehearsal, Result

_TURNS = re.compile(rb"^turns\s*:", re.MULTILINE)
_REHEARSAL = pytest.StashKey["Rehearsal"]()
_LEFT_OUT = pytest.StashKey[int]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FixtureFile | None:
    """Take the fixtures among the files."""
    if file_path.suffix != ".yaml" or not _is_fixture(file_path):
        return None
    return FixtureFile.from_parent(parent, path=file_path)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what replaying started."""
    if (rehearsal := config.stash.get(_REHEARSAL, None)) is not None:
        rehearsal.__exit__()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell how many fixtures were left out."""
    if count := config.stash.get(_LEFT_OUT, 0):
        from voicebot.replay import left_out

        terminalreporter.write_line(left_out(count))


class FixtureFile(pytest.File):
    """A fixture's file; a mistake in it is an error of collection, one sentence with its line."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give the one test in it, named after the call; none when it needs recordings that are not here."""
        from voicebot.errors import FixtureError
        from voicebot.replay import has_real_recordings, load_fixture

        try:
            fixture = load_fixture(self.path)
        except FixtureError as error:
            raise self.CollectError(str(error)) from None
        if fixture.needs_real_recordings and not has_real_recordings():
            self.config.stash[_LEFT_OUT] = self.config.stash.get(_LEFT_OUT, 0) + 1
            return
        yield FixtureItem.from_parent(self, name=fixture.call)


class FixtureItem(pytest.Item):
    """One call."""

    def runtest(self) -> None:
        """Replay it."""
        result = _rehearsal(self.config).run(self.path)
        if not result.passed:
            raise _NotAsExpectedError(result)

    def repr_failure(  # type: ignore[override]
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> object:
        """Show who said what when, and the differences; a traceback only when it is voicebot that broke."""
        if isinstance(excinfo.value, _NotAsExpectedError):
            from voicebot.replay import timeline

            return timeline(excinfo.value.result)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the call in reports."""
        return self.path, 0, self.name


class _NotAsExpectedError(Exception):
    """Something in a call was not as its fixture expects."""

    def __init__(self, result: Result) -> None:
        super().__init__("; ".join(map(str, result.failures)))
        self.result = result


def _is_fixture(file: Path) -> bool:
    if "audio_fixtures" in file.parts:
        return True
    try:
        return _TURNS.search(file.read_bytes()) is not None
    except OSError:
        return False


def _rehearsal(config: pytest.Config) -> Rehearsal:
    """Return the rehearsal of this run; it keeps voices and prompts where `voicebot replay` does."""
    from voicebot.replay import Rehearsal

    if _REHEARSAL not in config.stash:
        config.stash[_REHEARSAL] = Rehearsal(config.rootpath / ".cache" / "replay")
    return config.stash[_REHEARSAL]
