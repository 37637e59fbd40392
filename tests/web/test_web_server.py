import asyncio
from collections.abc import Callable

import pytest

from voicebot.clock import run_virtual
from voicebot.errors import RecordsError
from voicebot.handoff import Roster
from voicebot.records import ServiceStatus
from voicebot.web import Board, LiveCalls
from voicebot.web.board import POLL_S, BoardWatch
from voicebot.web.server import STALE_S, ServiceWatch, WebSettings

pytestmark = pytest.mark.unit


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


def test_who_works_here_and_what_the_pages_are_called_come_from_the_settings() -> None:
    settings = WebSettings.model_validate(
        {
            "web": {"host": "Bot.example", "port": 1},
            "manager": {"address": {"host": "x", "port": 2}},
            "data": "/x",
            "public_url": "https://Pages.example:8443",
            "agents": {"anja": {"name": "Anja", "queues": ["verkoop"], "skills": ["rustig"]}},
            "supervisors": {"sanne": "Sanne"},
        }
    )
    assert settings.hosts == {"localhost", "bot.example", "pages.example"}
    assert settings.roster == Roster(
        agents={"PJSIP/anja": "Anja"},
        queues={"PJSIP/anja": ("verkoop",)},
        skills={"PJSIP/anja": ("rustig",)},
        supervisors={"PJSIP/sanne": "Sanne"},
    )


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
