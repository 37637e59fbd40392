"""Processes as Linux tells of them in /proc; one that is gone by now has no children, command or use."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Fields of /proc/PID/stat, counted from after the command."""


def descendants(pid: int) -> list[int]:
    """Return the children of a process, their children, and so on."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(_stat(stat)[_PARENT])
    family = [pid]
    for parent in family:
        family += [child for child, its_parent in parents.items() if its_parent == parent]
    return family[1:]


def command(pid: int) -> str:
    """Return a process's command line; "" when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    return ""


def cpu_seconds(pid: int) -> float:
    """Return how long a process has computed: user and system, its own threads only."""
    with contextlib.suppress(OSError):
        fields = _stat(Path(f"/proc/{pid}/stat"))
        return (int(fields[_USER]) + int(fields[_SYSTEM])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def memory_bytes(pid: int) -> int:
    """Return a process's memory: its own, and its share of what it has in common with others (PSS)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return 0


def private_bytes(pid: int) -> int:
    """Return the memory that is a process's own: cheaper than `memory_bytes`, 0.01 ms instead of 4."""
    with contextlib.suppress(OSError):
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _stat(file: Path) -> list[str]:
    return file.read_text(errors="replace").rpartition(")")[2].split()
