"""The process that owns one speech engine: texts in, sound out.

Run as a script by `process`, with an engine's name, a private folder and the
engine's own arguments. It imports nothing of voicebot, so it starts in a tenth
of a second and stays small. One JSON line per request on stdin, one JSON line
per answer on stdout, then as many bytes of sound (int16 mono) as the answer
says. It ends when stdin closes, so it dies with its parent, and takes the
folder along.

An engine is a file beside this one, NAME_engine.py, with a class `Engine`.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import IO, Any, Protocol


class Engine(Protocol):
    """What speaks; made with the private folder and the arguments of its own."""

    version: str
    """Its name and version: prompts made by another one are made again."""

    def speak(self, text: str, voice: str, rate: int) -> tuple[int, bytes]:
        """Return the sampling rate and the sound (int16 mono) of `text` at `rate` words per minute.

        Raises a LookupError (no kind of it) for a voice that it does not have,
        and RuntimeError when it made no sound.
        """


def main() -> None:
    """Serve requests until stdin closes."""
    name, folder, *arguments = sys.argv[1:]
    requests, answers = sys.stdin.buffer, _take_stdout()
    try:
        _serve(requests, answers, name, Path(folder), arguments)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # an engine's own threads must not hold the process up


def _take_stdout() -> IO[bytes]:
    """Return the real stdout; whatever prints from now on goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answers


def _serve(requests: IO[bytes], answers: IO[bytes], name: str, folder: Path, arguments: list[str]) -> None:
    try:
        engine: Engine = importlib.import_module(f"{name}_engine").Engine(folder, *arguments)
    except Exception as error:
        _answer(answers, {"error": "setup", "message": f"{type(error).__name__}: {error}"})
        return
    _answer(answers, {"version": engine.version})
    for line in requests:
        try:
            rate, sound = engine.speak(**json.loads(line))
        except Exception as error:
            kind = "voice" if type(error) is LookupError else "engine"
            _answer(answers, {"error": kind, "message": f"{error}" if error.args else type(error).__name__})
        else:
            _answer(answers, {"rate": rate, "bytes": len(sound)}, sound)


def _answer(answers: IO[bytes], header: dict[str, Any], sound: bytes = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n" + sound)
    answers.flush()


if __name__ == "__main__":
    main()
