"""All workers of now, of whichever crew, and what became of those before them."""

from __future__ import annotations

from collections import Counter

from voicebot.records import ServiceStatus
from voicebot.serve.child import Child
from voicebot.serve.supervised import SupervisedWorker

_SUMMED = ("answered", "refused", "lines_broken", "events_dropped")
"""What beats count that outlives their worker."""


class Staff:
    """Looks after the workers, and counts."""

    def __init__(self) -> None:
        self._workers: set[SupervisedWorker] = set()
        self._kills: Counter[str] = Counter()
        self._restarts = 0
        self._past: Counter[str] = Counter()

    @property
    def is_there(self) -> bool:
        """Whether any worker is there for new calls, be it full."""
        return any(worker.is_ready for worker in self._workers)

    @property
    def has_room(self) -> bool:
        """Whether a new call would be taken at once."""
        return any(worker.has_room for worker in self._workers)

    def joined(self, worker: SupervisedWorker) -> None:
        """Look after one more."""
        self._workers.add(worker)

    def left(self, child: Child) -> None:
        """Count a process that has ended: a worker, or another of ours."""
        self._restarts += not child.told
        if child.killed_for:
            self._kills[child.killed_for] += 1
        if isinstance(child, SupervisedWorker):
            self._workers.discard(child)
            self._past += _counts(child)

    def look(self) -> None:
        """See how all are. Who is worn makes way, as long as most others do not."""
        finishing = 0
        for worker in self._workers:
            worker.look()
            finishing += worker.told
        for worker in self._workers:
            if worker.is_worn and 2 * finishing < len(self._workers):
                worker.finish()
                finishing += 1

    def status(self, refused: int, lines_broken: int) -> ServiceStatus:
        """Return how we are; `refused` calls and `lines_broken` are those that met the gate."""
        gate = Counter(refused=refused, lines_broken=lines_broken)
        sums = sum((_counts(worker) for worker in self._workers), self._past + gate)
        return ServiceStatus(
            workers=tuple(sorted(worker.pid for worker in self._workers)),
            ready=sum(worker.is_ready for worker in self._workers),
            draining=sum(worker.told for worker in self._workers),
            calls=sum(worker.beat.calls for worker in self._workers),
            restarts=self._restarts,
            kills=dict(self._kills),
            **{name: sums[name] for name in _SUMMED},
        )


def _counts(worker: SupervisedWorker) -> Counter[str]:
    return Counter({name: getattr(worker.beat, name) for name in _SUMMED})
