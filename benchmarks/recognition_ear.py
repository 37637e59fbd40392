"""A model in a process of its own, for recognition.py: what it hears, and what that costs.

Run as a script with a model's folder it loads the model and answers JSON lines on stdin with JSON lines on
stdout; a line with ``bytes`` is followed by as much sound (int16 mono 8 kHz).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from voicebot.audio import RATE, Samples
from voicebot.errors import ModelError
from voicebot.hearing import Recogniser, load_model

PIECE = RATE // 10
"""Samples recognised at once, as in a call."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised of an utterance, ``[unk]`` left out."""

    words: tuple[str, ...]
    confidences: tuple[float, ...]
    cpu_s: float


class Ear:
    """The parent's side: one model, loaded."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # Vosk warns about every tone
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        loaded = self._answer()
        self.load_s: float = loaded["load_s"]
        """Wall time of loading; the files are usually in the system's cache."""
        self.loaded_mb: float = loaded["mb"]
        """Resident memory that loading took."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._requests.close()
        self._process.wait()
        self._answers.close()

    def unknown(self, words: Iterable[str]) -> frozenset[str]:
        """Return which of `words` are not in the vocabulary."""
        return frozenset(self._ask({"words": sorted(set(words))})["unknown"])

    def hear(self, samples: Samples, grammar: Sequence[str] | None) -> Heard:
        """Recognise one utterance, int16 mono 8 kHz, shape (n,)."""
        heard = self._ask({"grammar": grammar, "bytes": samples.nbytes}, samples.tobytes())
        return Heard(tuple(heard["words"]), tuple(heard["confidences"]), heard["cpu_s"])

    def peak_mb(self) -> float:
        """Return the most resident memory so far beyond what was there before loading."""
        return float(self._ask({"peak": True})["mb"])

    def _ask(self, request: dict[str, Any], sound: bytes = b"") -> dict[str, Any]:
        self._requests.write(json.dumps(request).encode() + b"\n" + sound)
        self._requests.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the process of the model has died"}
        if "error" in answer:
            raise ModelError(answer["error"])
        return answer


# --------------------------------------------------------------------------- the child's side


def main() -> None:
    requests, answers = sys.stdin.buffer, sys.stdout.buffer

    def answer(**what: Any) -> None:
        answers.write(json.dumps(what).encode() + b"\n")
        answers.flush()

    import vosk  # noqa: F401  its libraries are no part of the model

    before, started = _status_mb("VmRSS"), time.perf_counter()
    try:
        model = load_model(Path(sys.argv[1]))
    except ModelError as error:
        answer(error=str(error))
        return
    answer(load_s=time.perf_counter() - started, mb=_status_mb("VmRSS") - before)
    recogniser = Recogniser(model)
    for line in requests:
        request = json.loads(line)
        if "words" in request:
            answer(unknown=[word for word in request["words"] if not model.knows(word)])
        elif "peak" in request:
            answer(mb=_status_mb("VmHWM") - before)
        else:
            samples = np.frombuffer(requests.read(request["bytes"]), np.int16)
            answer(**_hear(recogniser, samples, request["grammar"]))


def _hear(recogniser: Recogniser, samples: Samples, grammar: Sequence[str] | None) -> dict[str, Any]:
    started = time.process_time()
    recogniser.start(grammar)
    for place in range(0, samples.size, PIECE):
        recogniser.accept(samples[place : place + PIECE])
    words = recogniser.finish().words
    spent = time.process_time() - started
    return {
        "words": [word.word for word in words],
        "confidences": [word.conf for word in words],
        "cpu_s": spent,
    }


def _status_mb(field: str) -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) / 1024


if __name__ == "__main__":
    main()
