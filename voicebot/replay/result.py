"""How a fixture went, and how to tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.events import IntentRecognised, PromptStarted, Transfer, UtteranceEnded
from voicebot.replay.fixture import Fixture
from voicebot.replay.judge import Failure, spoken
from voicebot.replay.replayed import Replayed


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


def broken(file: Path, fixture: Fixture, error: Exception | str, elapsed_s: float) -> Result:
    """Return the result of a call that broke: nothing of it is left but why."""
    why = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    silence = np.zeros(0, np.int16)
    failure = Failure("call", "replay", "a call to its end", why)
    return Result(file, fixture, Replayed((), (), silence, silence, {}), [failure], elapsed_s)


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
