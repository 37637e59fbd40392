"""Runs fixtures, one after the other, and says how they went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from voicebot.errors import FixtureError
from voicebot.events import IntentRecognised, PromptStarted, Transfer, UtteranceEnded
from voicebot.house import House, SyntheticCaller, open_rehearsal_house
from voicebot.replay.fixture import Fixture, load_fixture
from voicebot.replay.judge import Failure, judge, spoken
from voicebot.replay.perform import Replayed, replay_direct
from voicebot.replay.recordings import Recordings


@dataclass(frozen=True, slots=True)
class Result:
    """How one fixture went."""

    file: Path
    fixture: Fixture
    replayed: Replayed
    failures: Sequence[Failure]
    elapsed_s: float
    """Real seconds the call took, without rendering the caller's voice."""

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


class Rehearsal:
    """Replays fixtures; opens each bot's house once, keeps rendered voices and prompts in `work`."""

    def __init__(self, work: Path, open_house: Callable[[str, Path], House] = open_rehearsal_house) -> None:
        self._work = work
        self._open_house = open_house
        self._houses: dict[str, House] = {}
        self._caller = SyntheticCaller()
        self._recordings = Recordings(self._caller.say, work / "callers")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._caller.close()
        for house in self._houses.values():
            house.synthesiser.close()

    def run(self, file: Path) -> Result:
        """Replay one fixture; raises FixtureError when it is wrong."""
        fixture = load_fixture(file)
        turns = self._recordings.turns(fixture, file.parent)
        house = self._house(fixture.bot)
        begun = time.perf_counter()
        replayed = replay_direct(fixture, turns, house, file.parent)
        elapsed = time.perf_counter() - begun
        return Result(file, fixture, replayed, judge(fixture, replayed, house.spoken), elapsed)

    def _house(self, bot: str) -> House:
        if bot not in self._houses:
            self._houses[bot] = self._open_house(bot, self._work / "prompts")
        return self._houses[bot]


def fixtures_in(paths: Iterable[Path]) -> list[Path]:
    """Return the fixtures at `paths`, those of folders sorted; raises FixtureError when there are none."""
    found = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    if not found:
        raise FixtureError("no fixtures here; `voicebot fixtures new` makes one", next(iter(paths), None))
    return found


def summary(results: Sequence[Result]) -> dict[str, Any]:
    """Return the results as `voicebot replay --json` prints them."""
    audio = sum(result.replayed.seconds for result in results)
    elapsed = sum(result.elapsed_s for result in results)
    calls = [
        {
            "fixture": str(result.file),
            "passed": result.passed,
            "seconds": round(result.replayed.seconds, 2),
            "failures": [str(failure) for failure in result.failures],
        }
        for result in results
    ]
    return {
        "calls": calls,
        "passed": sum(result.passed for result in results),
        "failed": sum(not result.passed for result in results),
        "audio_seconds": round(audio, 1),
        "elapsed_seconds": round(elapsed, 2),
        "speed": round(audio / elapsed, 1) if elapsed else 0.0,
    }


def timeline(result: Result) -> str:
    """Return who said what when, and below it what was not as expected."""
    lines = [f"{result.file}: {result.fixture.call}"]
    for entry in result.replayed.entries:
        match entry.message:
            case PromptStarted() as prompt:
                who, what = "bot", spoken(prompt, str)
            case UtteranceEnded(text=text):
                who, what = "caller", text or "(no words)"
            case IntentRecognised(intent=intent, slots=slots):
                who, what = "", f"understood {intent} {', '.join(slots)}".rstrip()
            case Transfer(reason=reason):
                who, what = "", f"transferred: {reason}"
            case _:
                continue
        lines.append(f"  {entry.at_ms / 1000:6.1f} s  {who:>6}  {what}")
    return "\n".join([*lines, *(f"  ✗ {failure}" for failure in result.failures)])
