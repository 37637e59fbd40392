"""Whom the dialler calls, when, and what it makes of the answers; Asterisk and the book are pretended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from calling_back import FREE, MemoryBook, Office, Queues, Wish, look, queue, working

from voicebot.handoff import Agent, ContextPackage, QueueSnapshot

pytestmark = pytest.mark.unit


# ----------------------------------------------------------------- whose turn


def test_a_caller_is_called_with_what_the_agent_needs(tmp_path: Path) -> None:
    (tmp_path / "c1-callback.wav").touch()
    package = ContextPackage(call_id="c1", reason="risk,x=$" + "{y}", intent="order_status")
    office = Office(MemoryBook([Wish(priority=10)]), briefings=tmp_path)
    office.context = {"c1": (package, "http://host/h/token")}.get
    look(office)
    assert office.dialled == [
        {
            "__VB_CALLBACK": "1",
            "__VB_CALL": "c1",
            "__VB_NUMBER": "+31612345678",
            "VB_QUEUE": "klantenservice",
            "VB_PRIORITY": "11",
            "VB_BRIEFING": str(tmp_path / "c1-callback"),
            "__VB_REASON": "risk x= y",
            "__VB_INTENT": "order_status",
            "__VB_PAGE": "http://host/h/token",
        }
    ]


@pytest.mark.parametrize(
    ("priority", "agents", "chosen"),
    [(10, FREE, "klantenservice_voorrang"), (10, (), "klantenservice"), (0, FREE, "klantenservice")],
)
def test_who_has_priority_waits_among_those_who_have(
    priority: int, agents: tuple[Agent, ...], chosen: str
) -> None:
    there = queue(), queue("klantenservice_voorrang", agents)
    office = Office(MemoryBook([Wish(priority=priority)]), there)
    look(office)
    assert [variables["VB_QUEUE"] for variables in office.dialled] == [chosen]


def test_without_sound_or_package_the_caller_is_called_all_the_same() -> None:
    office = Office(MemoryBook([Wish()]))
    look(office)
    assert {"VB_BRIEFING", "__VB_REASON", "__VB_PAGE"}.isdisjoint(office.dialled[0])


@pytest.mark.parametrize(
    ("wanted", "queues", "chosen"),
    [
        ("klantenservice", [queue()], "klantenservice"),
        ("k_rustig", [queue("k"), queue("k_rustig")], "k_rustig"),
        ("k_rustig", [queue("k"), queue("k_rustig", ())], "k"),
        ("k_rustig", [queue("k")], "k"),
        ("", [queue("verkoop"), queue()], "klantenservice"),
        ("gone", [queue("verkoop"), queue()], "klantenservice"),
        ("gone", [queue("verkoop")], None),
    ],
)
def test_the_queue_of_a_caller(wanted: str, queues: list[QueueSnapshot], chosen: str | None) -> None:
    office = Office(MemoryBook([Wish(queue=wanted)]), tuple(queues))
    look(office)
    assert [variables["VB_QUEUE"] for variables in office.dialled] == [chosen] * (chosen is not None)


@pytest.mark.parametrize(
    ("statuses", "calls"),
    [
        ([], 0),
        (["vrij"], 1),
        (["in gesprek"], 1),
        (["wordt gebeld", "vrij", "pauze"], 2),
        (["pauze", "niet bereikbaar"], 0),
        (["vrij"] * 9, 4),
    ],
)
def test_no_more_wait_than_there_are_agents(statuses: list[str], calls: int) -> None:
    agents = tuple(Agent(str(place), status, str(place)) for place, status in enumerate(statuses))
    office = Office(MemoryBook([Wish(number) for number in range(1, 5)]), (queue(agents=agents),))
    look(office)
    assert [variables["__VB_CALLBACK"] for variables in office.dialled] == ["1", "2", "3", "4"][:calls]


@pytest.mark.parametrize("queues", [None, ()])
def test_nobody_is_called_by_an_exchange_that_is_not_there(queues: Queues) -> None:
    office = Office(MemoryBook([Wish()]), queues)
    look(office)
    assert office.dialled == []
    assert len(office.book.expired) == 1


def test_who_was_claimed_by_another_process_is_not_called() -> None:
    class Slow(MemoryBook):
        def claim(self, id: int, at: str) -> Wish | None:
            return None

    office = Office(Slow([Wish()]))
    look(office)
    assert (office.dialled, office.book.results) == ([], [])


def test_who_has_no_number_any_more_is_not_called() -> None:
    office = Office(MemoryBook([Wish(number=None)]))
    look(office)
    assert office.dialled == []


def test_a_refused_call_is_looked_into_and_then_put_back_at_no_cost() -> None:
    """It may have been made all the same."""
    office = Office(MemoryBook([Wish()]))
    office.manager.refused = lambda name, fields: name == "Originate"

    async def scenario() -> None:
        await asyncio.sleep(5)
        assert (office.book.results, office.book.taken) == ([], {1})
        office.manager.refused = lambda name, fields: False
        office.book.lost = [Wish()]
        await asyncio.sleep(1)
        assert office.book.results == [(1, "lost", "open", "10:15:35", False)]
        office.book.lost = []
        office.book.taken.clear()
        await asyncio.sleep(1)
        assert len(office.dialled) == 1

    working(office, scenario)


@pytest.mark.parametrize("failing", ["expire", "due", "claim"])
def test_a_book_that_fails_is_looked_into_again(failing: str) -> None:
    office = Office(MemoryBook([Wish()], failing=[failing]))

    async def scenario() -> None:
        await asyncio.sleep(0.5)
        assert office.dialled == []
        await asyncio.sleep(1)
        assert len(office.dialled) == 1

    working(office, scenario)


# ----------------------------------------------------------------- what became of it


@pytest.mark.parametrize(
    ("result", "tries", "noted"),
    [
        ("not_reached", 0, (1, "not_reached", "open", "10:30:00", True)),
        ("not_reached", 1, (1, "not_reached", "failed", None, True)),
        ("agent_left", 1, (1, "agent_left", "open", "10:15:30", False)),
        ("no_agent", 5, (1, "no_agent", "open", "10:15:30", False)),
        ("closed", 5, (1, "closed", "open", "10:20:00", False)),
        ("no_line", 5, (1, "no_line", "open", "10:20:00", False)),
        ("", 0, (1, "", "open", "10:15:30", False)),
    ],
)
def test_what_follows_on_a_try(result: str, tries: int, noted: tuple[Any, ...]) -> None:
    office = Office(MemoryBook([Wish(tries=tries)]))

    async def scenario() -> None:
        await asyncio.sleep(0.2)
        office.told(result)
        office.told(result)  # and once more, as both ends of a call may tell
        await asyncio.sleep(0.2)
        assert office.book.results == [noted]

    working(office, scenario)


@pytest.mark.parametrize("known", [True, False])
def test_who_spoke_with_an_agent_is_done_whoever_called(known: bool) -> None:
    office = Office(MemoryBook([Wish()] if known else []))

    async def scenario() -> None:
        await asyncio.sleep(0.2)
        for result in ("agent", "connected", "over"):
            office.told(result)
        await asyncio.sleep(0.2)
        assert (office.book.finished, office.book.results) == ([1], [])

    working(office, scenario)


def test_a_line_that_is_over_gives_the_next_caller_a_turn() -> None:
    office = Office(MemoryBook([Wish(1), Wish(2)]))

    async def scenario() -> None:
        await asyncio.sleep(1.5)
        assert len(office.dialled) == 1
        office.told("connected")
        await asyncio.sleep(1)
        assert [variables["__VB_CALLBACK"] for variables in office.dialled] == ["1", "2"]

    working(office, scenario)


@pytest.mark.parametrize("id", ["", "7", "x", "-1", "1.5", "²", "9" * 30, "9" * 5000])
@pytest.mark.parametrize("result", ["not_reached", "closed", "agent", "connected"])
def test_what_is_told_of_nobody_we_call_changes_nothing(id: str, result: str) -> None:
    class Strict(MemoryBook):
        def result(self, id: int, outcome: str, at: str, **told: Any) -> None:
            if id >= 2**63:
                raise OverflowError
            if id == 1:  # the others are not being called
                super().result(id, outcome, at, **told)

    office = Office(Strict([Wish()]))

    async def scenario() -> None:
        await asyncio.sleep(0.2)
        office.told(result, id)
        office.manager.user_event("SomethingElse", CallbackId="1", Result="connected")
        office.manager.tell("Hangup", CallbackId="1", Result="connected")
        await asyncio.sleep(0.2)
        assert (office.book.results, office.book.finished) == ([], [])
        office.told("connected")
        await asyncio.sleep(0.2)
        assert office.book.finished == [1]

    working(office, scenario)


@pytest.mark.parametrize("result", ["connected", "not_reached"])
def test_a_book_that_cannot_be_written_holds_up_nobody_else(result: str) -> None:
    office = Office(MemoryBook([Wish(1), Wish(2)], failing=["result"]))

    async def scenario() -> None:
        await asyncio.sleep(0.2)
        office.told(result)
        await asyncio.sleep(1)
        assert [variables["__VB_CALLBACK"] for variables in office.dialled] == ["1", "2"]
        office.told("connected", 2)
        await asyncio.sleep(0.2)
        assert office.book.finished == [2]

    working(office, scenario)


def test_only_what_no_channel_carries_is_lost() -> None:
    office = Office(MemoryBook(lost=[Wish(1), Wish(12), Wish(3)]))
    office.manager.lists["Status"] = [
        ("Status", {"Variable": "VB_CALLBACK=12"}),
        ("Status", {"Variable": "VB_CALL=1\nVB_CALLBACK=3"}),
        ("Status", {}),
    ]
    look(office)
    assert office.book.results == [(1, "lost", "open", "10:15:30", False)]


def test_nothing_is_lost_for_an_exchange_that_does_not_tell() -> None:
    office = Office(MemoryBook([Wish(2)], lost=[Wish(1)]))
    office.manager.refused = lambda name, fields: name == "Status"

    async def scenario() -> None:
        await asyncio.sleep(1.5)
        assert (office.book.results, office.dialled) == ([], [])
        office.manager.refused = lambda name, fields: False
        await asyncio.sleep(1)
        assert [result[:2] for result in office.book.results][:1] == [(1, "lost")]

    working(office, scenario)


def test_a_flood_of_events_is_bounded() -> None:
    office = Office(MemoryBook([Wish()]))

    async def scenario() -> None:
        await asyncio.sleep(0.2)
        for _ in range(5000):
            office.told("agent")
        await asyncio.sleep(0.2)
        office.told("connected")
        await asyncio.sleep(0.2)
        assert office.book.finished == [1]

    working(office, scenario)


def test_the_number_that_was_claimed_is_the_one_that_is_called() -> None:
    class Changed(MemoryBook):
        def claim(self, id: int, at: str) -> Wish | None:
            wish = super().claim(id, at)
            return wish and replace(wish, number="+31687654321")

    office = Office(Changed([Wish()]))
    look(office)
    assert office.dialled[0]["__VB_NUMBER"] == "+31687654321"
