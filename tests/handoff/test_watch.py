import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from voicebot.clock import run_virtual
from voicebot.errors import ManagerError
from voicebot.handoff import QueueState, QueueWatch
from voicebot.handoff.watch import POLL_S

pytestmark = pytest.mark.unit

Items = list[tuple[str, dict[str, str]]]

EMPTY: Items = [("QueueParams", {"Queue": "q"})]
ONE_WAITS: Items = [*EMPTY, ("QueueEntry", {"Queue": "q", "Uniqueid": "1", "Wait": "9"})]


class MemoryManager:
    """Answers QueueStatus with `queues`, and Status with nobody; None stands for a lost link."""

    def __init__(self) -> None:
        self.queues: Items | None = EMPTY
        self.sessions = 1
        self.tell: Callable[[str, Mapping[str, str]], None] = lambda name, fields: None

    @property
    def connected(self) -> bool:
        return self.queues is not None

    def subscribe(self, callback: Callable[[str, Mapping[str, str]], None]) -> None:
        self.tell = callback

    async def action_list(self, name: str, complete_event: str, **fields: str) -> Items:
        assert complete_event == f"{name}Complete"
        if self.queues is None:
            raise ManagerError("no link")
        return self.queues if name == "QueueStatus" else []


def waiting(watch: QueueWatch) -> int | None:
    queues = watch.snapshot()
    return None if queues is None else len(queues[0].waiting)


def test_the_queues_are_asked_for_again_and_again_and_events_come_between() -> None:
    async def main() -> list[int | None]:
        manager: Any = MemoryManager()
        watch = QueueWatch(manager, QueueState(asyncio.get_running_loop().time))
        task = asyncio.create_task(watch.run())
        seen = [waiting(watch)]
        for answer in (ONE_WAITS, None, ONE_WAITS):
            manager.queues = answer
            await asyncio.sleep(POLL_S + 0.5)
            seen.append(waiting(watch))
        manager.tell("QueueCallerLeave", {"Queue": "q", "Uniqueid": "1"})
        seen.append(waiting(watch))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert run_virtual(main()) == [None, 1, None, 1, 0]


def test_after_a_link_that_was_gone_for_a_moment_nothing_is_known_until_it_is_asked() -> None:
    async def main() -> list[int | None]:
        manager: Any = MemoryManager()
        manager.queues = ONE_WAITS
        watch = QueueWatch(manager, QueueState(asyncio.get_running_loop().time))
        task = asyncio.create_task(watch.run())
        await asyncio.sleep(POLL_S + 0.5)
        seen = [waiting(watch)]
        manager.sessions += 1  # it was gone, and is back, between two polls
        manager.queues = EMPTY
        seen.append(waiting(watch))
        await asyncio.sleep(POLL_S)
        seen.append(waiting(watch))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert run_virtual(main()) == [1, None, 0]
