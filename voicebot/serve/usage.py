"""What the workers of a voicebot use: computing and memory, their synthesis processes included (Linux)."""

from __future__ import annotations

from voicebot.serve.processes import cpu_seconds, descendants, memory_bytes
from voicebot.serve.served import Served


class Usage:
    """Looked at now and then; what a process uses between the last look and its death goes unseen."""

    def __init__(self, voicebot: Served) -> None:
        self._voicebot = voicebot
        self._cpu: dict[int, float] = {}
        self.memory_mb: list[float] = []
        """At each look."""
        self.look()
        self._before_s = sum(self._cpu.values())

    @property
    def cpu_s(self) -> float:
        """User and system seconds from when this was made to the last look."""
        return sum(self._cpu.values()) - self._before_s

    def look(self) -> None:
        """Look now."""
        workers = self._voicebot.workers()
        family = [*workers, *(pid for worker in workers for pid in descendants(worker))]
        for pid in family:
            self._cpu[pid] = max(cpu_seconds(pid), self._cpu.get(pid, 0.0))
        self.memory_mb.append(sum(map(memory_bytes, family)) / 1e6)
