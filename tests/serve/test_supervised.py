"""When a worker is killed or replaced: real processes that only pretend to be workers, looked at by hand."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import pytest

from voicebot.serve import Settings
from voicebot.serve.beat import Beat
from voicebot.serve.child import Child
from voicebot.serve.staff import Staff
from voicebot.serve.supervised import SupervisedWorker

pytestmark = pytest.mark.unit

SECOND = 10
"""Looks."""


def pretends(*beats: Beat, then: str = "input(); input()") -> list[str]:
    """A worker that beats, does something, and hears its settings and the end of its parent."""
    tell = "".join(f"print({beat.encode()!r}, flush=True)\n" for beat in beats)
    return [sys.executable, "-c", f"import signal\n{tell}{then}"]


def with_worker(
    command: list[str], scenario: Callable[[SupervisedWorker], Awaitable[None]], **settings: object
) -> tuple[SupervisedWorker, list[str]]:
    said: list[str] = []

    async def main() -> SupervisedWorker:
        worker = SupervisedWorker("worker 1", command, Settings(**settings), said.append, [], lambda: None)
        running = asyncio.create_task(worker.run())
        await scenario(worker)
        worker.kill()
        await running
        return worker

    return asyncio.run(main()), said


async def looked_at(worker: SupervisedWorker, looks: int) -> None:
    for _ in range(looks):
        worker.look()


def test_a_worker_that_falls_silent_is_killed_after_a_second() -> None:
    async def scenario(worker: SupervisedWorker) -> None:
        assert await worker.ready
        assert worker.has_room
        await looked_at(worker, 4)
        assert worker.is_ready
        assert not worker.has_room
        await looked_at(worker, SECOND - 4)
        assert worker.killed_for == ""
        await looked_at(worker, 1)
        assert worker.killed_for == "no_heartbeat"
        assert not worker.is_ready
        await worker.leaving.wait()

    worker, _ = with_worker(pretends(Beat(room=3)), scenario)
    assert (worker.how, worker.told) == ("no_heartbeat", False)


def test_the_web_may_be_silent_for_five_seconds() -> None:
    async def main() -> Child:
        web = Child("web", pretends(Beat()), Settings(), print)
        running = asyncio.create_task(web.run())
        assert await web.ready
        for _ in range(5 * SECOND):
            web.look()
        assert web.killed_for == ""
        web.look()
        await running
        return web

    assert asyncio.run(main()).how == "no_heartbeat"


def test_one_that_does_not_get_ready_has_two_minutes() -> None:
    async def scenario(worker: SupervisedWorker) -> None:
        while not worker.pid:
            await asyncio.sleep(0)
        await looked_at(worker, 120 * SECOND)
        assert worker.killed_for == ""
        await looked_at(worker, 1)
        assert not await worker.ready

    assert with_worker(pretends(), scenario)[0].how == "not_ready"


def test_one_that_ends_before_it_was_ready_says_so() -> None:
    async def scenario(worker: SupervisedWorker) -> None:
        assert not await worker.ready

    worker, said = with_worker(pretends(then="print('no voice'); raise SystemExit(3)"), scenario)
    assert (worker.how, said) == ("exit code 3", ["worker 1: no voice"])


def test_one_that_does_not_finish_is_killed_after_its_time() -> None:
    ignores = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); input(); input()"

    async def scenario(worker: SupervisedWorker) -> None:
        assert await worker.ready
        worker.finish()
        assert not worker.is_ready
        assert worker.leaving.is_set(), "another may take its place"
        for _ in range(12 * SECOND):
            worker._hear(Beat(calls=1).encode())
            worker.look()
        assert worker.killed_for == ""
        worker._hear(Beat(calls=1).encode())
        worker.look()
        assert worker.killed_for == "not_finished"

    with_worker(pretends(Beat(), then=ignores), scenario, drain_s=2)


def test_memory_above_the_limit_makes_way_and_far_above_it_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = 40
    monkeypatch.setattr("voicebot.serve.supervised.private_bytes", lambda pid: memory * 2**20)

    async def scenario(worker: SupervisedWorker) -> None:
        nonlocal memory
        assert await worker.ready
        for megabytes, worn, killed_for in ((99, False, ""), (101, True, ""), (151, False, "memory")):
            memory = megabytes
            worker.look()
            assert (worker.is_worn, worker.killed_for) == (worn, killed_for)

    with_worker(pretends(Beat(room=1)), scenario, worker_memory_mb=100)


def test_one_with_many_threads_that_hang_makes_way() -> None:
    async def scenario(worker: SupervisedWorker) -> None:
        assert await worker.ready
        assert not worker.is_worn
        worker._hear(Beat(room=1, stuck=17).encode())
        assert worker.is_worn

    with_worker(pretends(Beat(room=1, stuck=16)), scenario)


def test_a_line_without_end_is_the_end() -> None:
    async def scenario(worker: SupervisedWorker) -> None:
        await asyncio.wait_for(worker.leaving.wait(), 20)

    with_worker(pretends(then="print('x' * 10**6, end='', flush=True); input(); input()"), scenario)


class Worn(SupervisedWorker):
    """A worker that should always be replaced."""

    def look(self) -> None:
        pass

    @property
    def is_worn(self) -> bool:
        return not self.told


@pytest.mark.parametrize(("workers", "make_way"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_not_all_make_way_at_once(workers: int, make_way: int) -> None:
    async def main() -> None:
        staff = Staff()
        for number in range(workers):
            staff.joined(Worn(str(number), [], Settings(), print, [], lambda: None))
        for _ in range(5):
            staff.look()
        assert staff.status(0, 0).draining == make_way

    asyncio.run(main())
