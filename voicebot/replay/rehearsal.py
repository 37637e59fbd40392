"""Runs fixtures, one after the other."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, Self, TypeAlias

from voicebot.errors import FixtureError
from voicebot.house import House, SyntheticCaller, callback_house, house_with_analysis, open_rehearsal_house
from voicebot.replay.caller import Turn
from voicebot.replay.fixture import Fixture, load_fixture
from voicebot.replay.judge import judge
from voicebot.replay.over_asterisk import Exchange
from voicebot.replay.over_audiosocket import replay_over_audiosocket
from voicebot.replay.perform import replay_direct
from voicebot.replay.recordings import Recordings
from voicebot.replay.replayed import Replayed
from voicebot.replay.result import Result, broken
from voicebot.replay.sounds import has_real_recordings, left_out

Via: TypeAlias = Literal["direct", "audiosocket", "asterisk"]
"""The line of a replayed call: in memory, in virtual time; or a real one, in real time."""
Replay: TypeAlias = Callable[[Fixture, Sequence[Turn], House, Path], Replayed]


class Rehearsal:
    """Replays fixtures; opens each bot's house once, keeps rendered voices, prompts and models in `work`."""

    def __init__(
        self,
        work: Path,
        via: Via = "direct",
        open_house: Callable[[str, Path], House] = open_rehearsal_house,
    ) -> None:
        """Replay `via` the in-memory line in virtual time, or a real line in real time."""
        self._work = work
        self._via = via
        self._open_house = open_house
        self._open = contextlib.ExitStack()
        self._houses: dict[tuple[str, str | None], House] = {}
        self._exchanges: dict[str, Exchange] = {}
        self._caller = SyntheticCaller()
        self._open.callback(self._caller.close)
        self._recordings = Recordings(self._caller.say, work / "callers")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, file: Path) -> Result:
        """Replay one fixture; a call that breaks is a failure, like any other.

        Raises FixtureError when the fixture is wrong, and whatever keeps the bot or Asterisk from starting.
        """
        fixture = load_fixture(file)
        house = self._house(fixture.bot, fixture.purpose)
        if fixture.voice_analysis is not None:
            house = house_with_analysis(house, fixture.voice_analysis)
        replay = self._replay(fixture.bot, house)
        begun = time.perf_counter()
        try:
            turns = self._recordings.turns(fixture, file.parent)
            begun = time.perf_counter()  # without rendering
            replayed = replay(fixture, turns, house, file.parent)
        except Exception as error:
            return broken(file, fixture, error, time.perf_counter() - begun)
        elapsed = time.perf_counter() - begun
        return Result(file, fixture, replayed, judge(fixture, replayed, house.spoken), elapsed)

    def _house(self, bot: str, purpose: str | None = None) -> House:
        if (bot, purpose) not in self._houses:
            if purpose:
                house = callback_house(self._house(bot))
            else:
                house = self._open_house(bot, self._work)
                self._open.callback(house.synthesiser.close)
            self._houses[bot, purpose] = house
        return self._houses[bot, purpose]

    def _replay(self, bot: str, house: House) -> Replay:
        match self._via:
            case "direct":
                return replay_direct
            case "audiosocket":
                return replay_over_audiosocket
            case "asterisk":
                if bot not in self._exchanges:
                    self._exchanges[bot] = self._open.enter_context(Exchange(house))
                return self._exchanges[bot].replay


def fixtures_in(paths: Iterable[Path]) -> list[Path]:
    """Return the fixtures at `paths`, those of folders sorted; raises FixtureError when there are none."""
    found = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    if not found:
        raise FixtureError("no fixtures here; `voicebot fixtures new` makes one", next(iter(paths), None))
    return found


def at_hand(files: Sequence[Path]) -> list[Path]:
    """Return the fixtures without those whose recordings of real people this machine does not have.

    Raises FixtureError for one that is wrong, or when none is left.
    """
    if has_real_recordings():
        return list(files)
    here = [file for file in files if not load_fixture(file).needs_real_recordings]
    if not here:
        raise FixtureError(left_out(len(files)))
    return here
