"""What the processes of one `voicebot serve` hold: calls, threads, files, sockets, children, memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from voicebot.serve.processes import command, descendants, memory_bytes

_PROC = Path("/proc")
_ESTABLISHED = "01"


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one process holds."""

    threads: int
    files: int
    """Sockets included."""
    sockets: int
    children: int
    memory: int
    """Bytes, PSS."""


def footprint(pid: int) -> Footprint:
    """Return what a process holds now; raises OSError when it is gone."""
    targets = list(_targets(pid))
    return Footprint(
        threads=len(list((_PROC / str(pid) / "task").iterdir())),
        files=len(targets),
        sockets=sum(target.startswith("socket:") for target in targets),
        children=len(descendants(pid)),
        memory=memory_bytes(pid),
    )


def alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be collected does not."""
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def calls_of(pid: int, port: int) -> int:
    """Return how many connections a worker has accepted at `port`, and holds."""
    with contextlib.suppress(OSError):
        held = set(_targets(pid))
        return sum(f"socket:[{inode}]" in held for inode in _accepted(pid, port))
    return 0


def speech_processes(pid: int) -> dict[int, Path]:
    """Return a worker's speech processes and the private folder of each."""
    return {
        child: Path(line.split()[-1])
        for child in descendants(pid)
        if "speaking/workers/serve.py" in (line := command(child))
    }


def _targets(pid: int) -> Iterator[str]:
    for held in (_PROC / str(pid) / "fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            yield str(held.readlink())


def _accepted(pid: int, port: int) -> Iterator[str]:
    """Return the inodes of the established connections at `port` (proc(5), /proc/net/tcp)."""
    for line in (_PROC / str(pid) / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == _ESTABLISHED and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]
