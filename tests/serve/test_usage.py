"""What processes use, as Linux tells."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicebot.serve import Served, Usage
from voicebot.serve.processes import command, cpu_seconds, descendants, memory_bytes

pytestmark = pytest.mark.unit

CHILD = "print(flush=True); input(); sum(range(10**7)); print(flush=True); input()"
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {CHILD!r}])
"""
Process = subprocess.Popen[str]


@pytest.fixture
def parent() -> Iterator[Process]:
    """A process with one child, which computes when it gets a line, tells so, and ends at the next."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        hears(process)
        yield process


def tell(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def hears(process: Process) -> None:
    assert process.stdout is not None
    process.stdout.readline()


class OneWorker(Served):
    """A voicebot with one process, which is its worker."""

    def workers(self) -> list[int]:
        return [self.pid]


def test_a_child_is_found_with_its_command_and_use(parent: Process) -> None:
    (child,) = descendants(parent.pid)
    assert "sum(range(10**7))" in command(child)
    tell(parent)
    hears(parent)
    assert cpu_seconds(child) > 0
    assert memory_bytes(child) > 1_000_000


def test_a_process_that_is_gone_uses_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert (descendants(process.pid), command(process.pid)) == ([], "")
    assert (cpu_seconds(process.pid), memory_bytes(process.pid)) == (0, 0)


def test_use_counts_children_also_when_they_are_gone(parent: Process, tmp_path: Path) -> None:
    usage = Usage(OneWorker(parent.pid, tmp_path))
    assert usage.memory_mb[0] > (memory_bytes(parent.pid) + 1_000_000) / 1e6
    tell(parent)
    hears(parent)
    usage.look()
    computed = usage.cpu_s
    assert computed > 0.02
    tell(parent)
    parent.wait(10)
    usage.look()
    assert usage.cpu_s >= computed
    assert usage.memory_mb[-1] == 0
