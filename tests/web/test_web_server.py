import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from voicebot.clock import run_virtual
from voicebot.errors import ManagerError, RecordsError
from voicebot.records import ServiceStatus
from voicebot.web import Board, LiveCalls
from voicebot.web.board import POLL_S, BoardWatch
from voicebot.web.server import STALE_S, QueueWatch, ServiceWatch, WebSettings

pytestmark = pytest.mark.unit


class MemoryManager:
    """Answers QueueStatus from `answers`, one after the other; None stands for a lost link."""

    def __init__(self, *answers: list[tuple[str, dict[str, str]]] | None) -> None:
        self.answers = list(answers)
        self.tell: Callable[[str, Mapping[str, str]], None] = lambda name, fields: None

    def subscribe(self, callback: Callable[[str, Mapping[str, str]], None]) -> None:
        self.tell = callback

    async def action_list(self, name: str, complete_event: str) -> list[tuple[str, dict[str, str]]]:
        assert (name, complete_event) == ("QueueStatus", "QueueStatusComplete")
        answer = self.answers.pop(0)
        if answer is None:
            raise ManagerError("no link")
        return answer


EMPTY: list[tuple[str, dict[str, str]]] = [("QueueParams", {"Queue": "q"})]
ONE_WAITS = [*EMPTY, ("QueueEntry", {"Queue": "q", "Uniqueid": "1", "Wait": "9"})]


def watch(manager: Any, check: Callable[[QueueWatch], list[int | None]]) -> list[int | None]:
    async def main() -> list[int | None]:
        watch = QueueWatch(manager)
        task = asyncio.create_task(watch.run())
        seen: list[int | None] = []
        for _ in range(len(manager.answers)):
            await asyncio.sleep(1)
            seen += check(watch)
            await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    return run_virtual(main())


def waiting(watch: QueueWatch) -> list[int | None]:
    queues = watch.snapshot()
    return [None if queues is None else queues[0].len]


def test_the_queues_are_asked_for_again_and_again() -> None:
    assert watch(MemoryManager(EMPTY, ONE_WAITS, None, EMPTY), waiting) == [0, 1, None, 0]


def test_events_come_between_the_lists() -> None:
    manager = MemoryManager(ONE_WAITS)

    def after_leaving(watch: QueueWatch) -> list[int | None]:
        manager.tell("QueueCallerLeave", {"Queue": "q", "Uniqueid": "1"})
        return waiting(watch)

    assert watch(manager, after_leaving) == [0]


def test_the_board_is_read_again_and_again() -> None:
    answers: list[Board | None] = [Board(letters_waiting=2), None, Board()]

    def read() -> Board:
        answer = answers.pop(0)
        if answer is None:
            raise RecordsError("locked")
        return answer

    async def at_once(work: Callable[[], Board]) -> Board:
        return work()

    async def main() -> list[Board | None]:
        watch = BoardWatch(read, at_once)
        seen = [watch.board()]
        task = asyncio.create_task(watch.run())
        for _ in range(3):
            await asyncio.sleep(POLL_S / 2)
            seen.append(watch.board())
            await asyncio.sleep(POLL_S / 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert run_virtual(main()) == [None, Board(letters_waiting=2), None, Board()]


def test_settings_are_read_from_those_of_serve() -> None:
    settings = WebSettings.model_validate_json(
        '{"bot": "webshop", "web": {"host": "127.0.0.1", "port": 8080}, "data": "/var/lib/x", "manager": '
        '{"address": {"host": "127.0.0.1", "port": 5038}, "user": "voicebot", "secret": "s"}}'
    )
    assert (settings.web.port, settings.manager.secret) == (8080, "s")


def test_a_parent_that_falls_silent_has_no_workers() -> None:
    seconds = [100.0]
    watch = ServiceWatch(LiveCalls(), lambda: seconds[0])
    assert watch.status().ready == 0
    told = ServiceStatus((7,), ready=1, answered=5)
    watch.take(told)
    seconds[0] += STALE_S - 1
    assert watch.status() == told
    seconds[0] += 1
    assert watch.status() == ServiceStatus(answered=5)
