"""`voicebot serve` as its operator runs it: it answers, survives, is full, is reloaded, and stops clean."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import pytest
from service import WITHIN_S, Caller, service, until

from voicebot.serve.processes import command, descendants, private_bytes

pytestmark = pytest.mark.audio

MB = 2**20


def hoard(megabytes: int) -> str:
    """Take memory piece by piece, on another thread: in one go it could cost the heartbeat a second."""
    pieces = f"[builtins.hoard.append(b'x' * {MB}) for _ in range({megabytes})]"
    return (
        "import builtins, threading; builtins.hoard = getattr(builtins, 'hoard', []); "
        f"threading.Thread(target=lambda: {pieces}).start()"
    )


def held_by(pid: int) -> list[str]:
    return [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]


# ----------------------------------------------------------------- what befalls a worker


@pytest.mark.parametrize(
    ("fate", "why"),
    [
        (signal.SIGKILL, None),
        (signal.SIGSTOP, "no_heartbeat"),
        ("from collections import deque; deque(iter(int, 1), 0)", "no_heartbeat"),
        ("import time; time.sleep(600)", "no_heartbeat"),
    ],
    ids=["killed", "stopped", "endless loop", "blocked loop"],
)
def test_the_callers_of_a_broken_worker_are_let_go_and_others_notice_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: signal.Signals | str, why: str | None
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch, workers=2, calls_per_worker=1) as one:
            calls = {caller.call_id: caller for caller in [await one.answered_call() for _ in range(2)]}
            shown = {call["call_id"]: call["worker"] for call in (await one.get("/api/calls"))["calls"]}
            (unlucky, worker), (lucky, _) = shown.items()

            if isinstance(fate, str):
                one.trick(worker, fate)
            else:
                os.kill(worker, fate)
            await asyncio.wait_for(calls[unlucky].over.wait(), WITHIN_S)
            await calls[lucky].hears_more()
            assert calls[lucky].kinds == [0x10]

            await one.status_shows(ready=2, restarts=1, kills={why: 1} if why else {})
            outcomes = {call["call_id"]: call["outcome"] for call in (await one.get("/api/calls"))["calls"]}
            assert outcomes == {unlucky: "lost", lucky: ""}
            assert worker not in one.workers()
            await one.answered_call()

    asyncio.run(scenario())


def test_a_web_that_freezes_is_replaced_and_no_call_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch) as one:
            caller = await one.answered_call()
            (web,) = (pid for pid in descendants(one.pid) if "voicebot.web.server" in command(pid))
            os.kill(web, signal.SIGSTOP)
            await one.status_shows(ready=1, restarts=1, kills={"no_heartbeat": 1})
            assert command(web) == ""
            await caller.hears_more()
            assert caller.kinds == [0x10]

    asyncio.run(scenario())


def test_too_much_memory_is_replaced_after_its_calls_and_far_too_much_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch, worker_memory_mb=400, drain_s=60) as one:
            caller = await one.answered_call()
            (swollen,) = one.workers()
            one.trick(swollen, hoard(500 - private_bytes(swollen) // MB))
            await one.status_shows(ready=1, draining=1, kills={})
            await caller.hears_more()
            other = await one.answered_call()
            (fresh,) = set(one.workers()) - {swollen}
            await caller.hang_up()
            await one.status_shows(ready=1, draining=0, restarts=0, workers=[fresh])

            one.trick(fresh, hoard(800 - private_bytes(fresh) // MB))
            await asyncio.wait_for(other.over.wait(), WITHIN_S)
            await one.status_shows(ready=1, kills={"memory": 1})
            assert fresh not in one.workers()

    asyncio.run(scenario())


def test_a_worker_that_needs_more_than_allowed_from_the_start_serves_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch, worker_memory_mb=50) as one:
            await one.answered_call()
            await one.status_shows(ready=1, draining=0, restarts=0, kills={})
            assert "set one well above what it needs" in one.log

    asyncio.run(scenario())


def test_children_of_a_worker_hold_no_call_and_leave_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch) as one:
            await one.answered_call()
            (worker,) = one.workers()
            speakers = [pid for pid in descendants(worker) if "speaking/workers/serve.py" in command(pid)]
            assert len(speakers) == 3, "two, and a spare"
            for pid in speakers:
                assert not any("socket:" in target for target in held_by(pid))
            folders = [Path(command(pid).split()[-1]) for pid in speakers]
            assert all(folder.is_dir() for folder in folders)
            os.kill(worker, signal.SIGKILL)
            await until(lambda: not any(map(command, speakers)), "the end of the speech processes")
            await until(lambda: not any(folder.exists() for folder in folders), "the end of their folders")

    asyncio.run(scenario())


# ----------------------------------------------------------------- no room


def test_every_place_is_filled_once_and_the_rest_goes_to_a_human(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch, workers=2, calls_per_worker=10) as one:
            callers = await asyncio.gather(*(one.call() for _ in range(50)))
            await until(lambda: all(caller.kinds for caller in callers), "an answer for everyone")
            assert sum(caller.was_refused for caller in callers) == 30
            await one.status_shows(calls=20, answered=20, refused=30)
            late = await one.call()
            await asyncio.wait_for(late.over.wait(), WITHIN_S)
            assert late.was_refused
            await next(caller for caller in callers if not caller.was_refused).hang_up()
            await one.answered_call()

    asyncio.run(scenario())


def test_without_a_worker_callers_are_sent_on_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch) as one:
            (worker,) = one.workers()
            os.kill(worker, signal.SIGSTOP)
            caller = await one.call()
            await asyncio.wait_for(caller.over.wait(), WITHIN_S)
            assert caller.was_refused
            assert (await one.get("/ready"))["ready"] is False

    asyncio.run(scenario())


# ----------------------------------------------------------------- reload


def test_a_reload_changes_bot_and_settings_and_no_call_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch, drain_s=60) as one:
            before = await one.answered_call()
            (old,) = one.workers()
            one.bot.write_text(one.bot.read_text().replace("name: webshop", "name: nieuwer", 1))
            one.configure(workers=2)
            os.kill(one.pid, signal.SIGHUP)
            await one.status_shows(ready=2, draining=1)
            await before.hears_more()
            after = await one.answered_call()
            await until(lambda: len(one.bots()) == 2, "two calls in the log")
            assert one.bots() == {before.call_id: "webshop", after.call_id: "nieuwer"}
            assert before.kinds == after.kinds == [0x10]
            await before.hang_up()
            await one.status_shows(ready=2, draining=0, restarts=0)
            assert old not in one.workers()

    asyncio.run(scenario())


def test_what_is_wrong_is_not_reloaded_and_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch) as one:
            right = one.bot.read_text()
            caller = await one.answered_call()
            workers = one.workers()

            async def refuses(sentence: str) -> None:
                os.kill(one.pid, signal.SIGHUP)
                await until(lambda: sentence in one.log, sentence)
                one.configure()
                one.bot.write_text(right)

            one.configure(workers="veel")
            await refuses("voicebot.yaml: workers: Input should be a valid integer")
            one.configure(audiosocket="127.0.0.1:1")
            await refuses("`audiosocket` cannot change in a reload")
            one.bot.write_text(right + "\nnonsense: 1\n")
            await refuses("bot.yaml")
            one.bot.write_text(right.replace("name: nl,", "name: klingon,"))
            await refuses("the new workers do not start; they said why")
            assert "a worker cannot start: there is no Dutch voice 'klingon'" in one.log
            await until(lambda: one.workers() == workers, "the end of what did not start")
            await caller.hears_more()
            assert caller.kinds == [0x10]

            os.kill(one.pid, signal.SIGHUP)  # and what is right again is
            await until(lambda: bool(one.workers()) and not set(workers) & set(one.workers()), "a new worker")

    asyncio.run(scenario())


# ----------------------------------------------------------------- stop


def test_a_stop_lets_calls_finish_and_takes_no_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch, workers=2, drain_s=8) as one:
            caller = await one.answered_call()
            os.kill(one.pid, signal.SIGTERM)
            await until(lambda: len(one.workers()) == 1, "the end of the worker without calls")
            with pytest.raises(ConnectionRefusedError):
                await Caller.dial(one.port)
            await caller.hears_more()
            assert caller.kinds == [0x10]
            await caller.hang_up()
            await until(lambda: not command(one.pid), "the end")

    asyncio.run(scenario())


def test_a_stop_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with service(tmp_path, monkeypatch, drain_s=0) as one:
            caller = await one.answered_call()
            os.kill(one.pid, signal.SIGTERM)
            await asyncio.wait_for(caller.over.wait(), WITHIN_S)
            await until(lambda: not command(one.pid), "the end")

    asyncio.run(scenario())


def test_nothing_outlives_a_killed_parent_and_its_folder_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        with contextlib.suppress(AssertionError):  # its folder is left
            async with service(tmp_path, monkeypatch) as killed:
                os.kill(killed.pid, signal.SIGKILL)
        async with service(tmp_path, monkeypatch):
            await killed.nothing_left()

    asyncio.run(scenario())
