"""Fixtures one after the other, or in several processes at once."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from voicebot.errors import UsageError, VoicebotError
from voicebot.logs import log_to_stderr
from voicebot.replay.fixture import Fixture, load_fixture
from voicebot.replay.rehearsal import Rehearsal, Via
from voicebot.replay.result import Result, broken

STOP_S = 8.0
"""A process has this long to stop its Asterisk and its voices."""


def replay_all(
    files: Sequence[Path],
    work: Path,
    *,
    via: Via = "direct",
    jobs: int = 1,
    on_result: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Replay all fixtures, in `jobs` processes when that is more than one; return results in their order.

    `on_result` gets each as soon as it is there. Nothing runs when one of the fixtures is wrong: that raises
    FixtureError. A call that breaks, or takes its process along, is one failed result. Raises whatever
    keeps the bot or Asterisk from starting.
    """
    if jobs < 1:
        raise UsageError(f"{jobs} jobs replay nothing; give at least 1")
    tasks = [_Task(number, file, load_fixture(file)) for number, file in enumerate(files)]
    found: dict[int, Result] = {}
    several = _in_processes(tasks, work, via, min(jobs, len(tasks)))
    for number, result in several if jobs > 1 else _here(tasks, work, via):
        on_result(result)
        found[number] = result
    return [found[task.number] for task in tasks]


@dataclass(frozen=True, slots=True)
class _Task:
    """A fixture to replay."""

    number: int
    file: Path
    fixture: Fixture


def _here(tasks: Sequence[_Task], work: Path, via: Via) -> Iterator[tuple[int, Result]]:
    with Rehearsal(work, via) as rehearsal:
        for task in tasks:
            yield task.number, rehearsal.run(task.file)


def _in_processes(tasks: Sequence[_Task], work: Path, via: Via, jobs: int) -> Iterator[tuple[int, Result]]:
    """Give each process one task at a time; one that dies is replaced."""
    waiting = deque(tasks)
    workers = [_Worker(work, via) for _ in range(jobs)]
    try:
        for worker in workers:
            worker.begin(waiting.popleft())
        while busy := {worker.pipe: worker for worker in workers if worker.task is not None}:
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]
                yield worker.finish()
                if waiting:
                    worker.begin(waiting.popleft())
    finally:
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.stop()


class _Worker:
    """A process with a rehearsal of its own, started when it has something to do."""

    def __init__(self, work: Path, via: Via) -> None:
        self._made_of = (work, via)
        self.task: _Task | None = None
        self.pipe: Connection
        self._process: multiprocessing.process.BaseProcess | None = None
        self._since = 0.0

    def begin(self, task: _Task) -> None:
        """Replay `task`; when that is done, or the process has died, `pipe` can be read."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self.pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, *self._made_of), daemon=True)
            self._process.start()
            theirs.close()  # only then does its death end our pipe
        self.task, self._since = task, time.perf_counter()
        with contextlib.suppress(OSError):  # it died just now, which `finish` finds out
            self.pipe.send(task.file)

    def finish(self) -> tuple[int, Result]:
        """Return how the task went; raises what the process could not start for."""
        task, self.task = self.task, None
        assert task is not None
        try:
            result: Result | VoicebotError = self.pipe.recv()
        except (EOFError, OSError):
            elapsed = time.perf_counter() - self._since
            return task.number, broken(task.file, task.fixture, self._how_it_died(), elapsed)
        if isinstance(result, VoicebotError):
            raise result
        return task.number, result

    def ask_to_stop(self) -> None:
        """End what it does."""
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """Wait until it has ended, by force if it does not."""
        if self._process is None:
            return
        self._process.join(STOP_S)
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()
        self._process = None

    def _how_it_died(self) -> str:
        assert self._process is not None
        self._process.join(STOP_S)
        code = self._process.exitcode
        self.stop()
        return f"the replaying process died (exit {code})"


def _serve(pipe: Connection, work: Path, via: Via) -> None:
    """Replay what comes in, until told to stop or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then stops us
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    log_to_stderr()
    with Rehearsal(work, via) as rehearsal, contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            file = pipe.recv()
            try:
                result: Result | VoicebotError = rehearsal.run(file)
            except VoicebotError as error:
                result = error
            pipe.send(result)
