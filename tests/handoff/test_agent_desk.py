"""Agents in and out, and what supervisors order, as actions of the Manager."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from managers import FakeManager

from voicebot.errors import ManagerError
from voicebot.handoff import Agent, AgentDesk, Orders, Person, QueueSnapshot, Roster, Waiting

pytestmark = pytest.mark.unit

ANJA, BRAM, SANNE = "PJSIP/anja", "PJSIP/bram", "PJSIP/sanne"
NOBODY = Roster({}, {}, {}, {})
TEAM = Roster(
    agents={ANJA: "Anja", BRAM: "bram"},
    queues={ANJA: (), BRAM: ("verkoop",)},
    skills={ANJA: ("rustig",), BRAM: ()},
    supervisors={SANNE: "Sanne"},
)
CALL = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
Queues = tuple[QueueSnapshot, ...] | None


def queues(*members: tuple[str, str], waiting: tuple[Waiting, ...] = ()) -> tuple[QueueSnapshot, ...]:
    """Three queues with members (queue, telephone)."""
    return tuple(
        QueueSnapshot(
            name,
            name,
            waiting if name == "klanten" else (),
            0,
            tuple(Agent(phone[6:].title(), "vrij", phone) for one, phone in members if one == name),
        )
        for name in ("klanten", "klanten_rustig", "verkoop")
    )


def done(
    work: Coroutine[Any, Any, None], manager: FakeManager
) -> list[tuple[str, str | None, str | None, str | None]]:
    """What was asked of Asterisk: action, queue, penalty, paused."""
    asyncio.run(work)
    return [
        (name, fields.get("Queue"), fields.get("Penalty"), fields.get("Paused"))
        for name, fields in manager.actions
    ]


def desk(manager: FakeManager, there: Queues, roster: Roster = TEAM) -> AgentDesk:
    return AgentDesk(manager.client, roster, lambda: there)


def refused(work: Coroutine[Any, Any, None]) -> str:
    with pytest.raises(ManagerError) as caught:
        asyncio.run(work)
    return str(caught.value)


# ----------------------------------------------------------------- who works here


def test_everybody_with_a_telephone_is_listed_by_name() -> None:
    there = queues(("klanten", "PJSIP/chris"), ("verkoop", BRAM))
    assert desk(FakeManager(), there).people() == [
        Person(ANJA, "Anja", True),
        Person(BRAM, "bram", True),
        Person("PJSIP/chris", "Chris", True),
        Person(SANNE, "Sanne", False),
    ]
    assert [one.name for one in desk(FakeManager(), None).people()] == ["Anja", "bram", "Sanne"]
    assert desk(FakeManager(), None, NOBODY).people() == []


def test_who_supervises_and_answers_calls_is_an_agent() -> None:
    both = Roster({ANJA: "Anja"}, {}, {}, {ANJA: "Anja"})
    assert desk(FakeManager(), (), both).people() == [Person(ANJA, "Anja", True)]


# ----------------------------------------------------------------- in and out


def test_an_agent_is_put_in_all_queues_behind_those_who_have_the_skill() -> None:
    manager = FakeManager()
    assert done(desk(manager, queues(), Roster({ANJA: "Anja"}, {}, {}, {})).log_in(ANJA), manager) == [
        ("QueueAdd", "klanten", "0", None),
        ("QueueAdd", "verkoop", "0", None),
        ("QueueAdd", "klanten_rustig", "1", None),
        ("QueuePause", None, None, "false"),
    ]
    assert manager.actions[0][1]["MemberName"] == "Anja"


@pytest.mark.parametrize(
    ("agent", "added"),
    [
        (ANJA, [("verkoop", "0"), ("klanten_rustig", "0")]),
        (BRAM, [("verkoop", "0")]),
    ],
)
def test_an_agent_is_put_where_they_are_not_yet(agent: str, added: list[tuple[str, str]]) -> None:
    manager = FakeManager()
    told = done(desk(manager, queues(("klanten", ANJA))).log_in(agent), manager)
    assert [(queue, penalty) for name, queue, penalty, _ in told if name == "QueueAdd"] == added
    assert told[-1] == ("QueuePause", None, None, "false")


def test_who_can_leave_leaves_and_the_others_are_paused() -> None:
    there = queues(("klanten", ANJA), ("verkoop", ANJA), ("verkoop", BRAM))
    manager = FakeManager()
    assert done(desk(manager, there).log_out(ANJA), manager) == [
        ("QueueRemove", "klanten", None, None),
        ("QueueRemove", "verkoop", None, None),
    ]
    fixed = FakeManager()
    fixed.refused = lambda name, fields: fields.get("Queue") == "klanten"
    assert done(desk(fixed, there).log_out(ANJA), fixed) == [
        ("QueueRemove", "verkoop", None, None),
        ("QueuePause", None, None, "true"),
    ]


def test_pause_and_back() -> None:
    manager = FakeManager()
    assert done(desk(manager, queues()).pause(ANJA), manager) == [("QueuePause", None, None, "true")]
    assert done(desk(manager, queues()).resume(ANJA), manager)[1:] == [("QueuePause", None, None, "false")]


@pytest.mark.parametrize("order", ["log_in", "log_out", "pause", "resume"])
def test_what_cannot_be_is_told_in_dutch(order: str) -> None:
    manager = FakeManager()

    def ask(agent: str, there: Queues) -> str:
        return refused(getattr(desk(manager, there), order)(agent))

    for stranger in ("", SANNE, "PJSIP/9", f"{ANJA}\r\nAction: Command"):
        assert ask(stranger, queues()) == "Deze medewerker is niet bekend."
    assert manager.actions == []
    manager.refused = lambda name, fields: True
    assert ask(ANJA, queues(*[(name, ANJA) for name in ("klanten", "klanten_rustig", "verkoop")])) == (
        "Deze medewerker is niet aangemeld."
    )
    manager.connected = False
    assert "refused" in ask(ANJA, queues())


@pytest.mark.parametrize("order", ["log_in", "log_out"])
def test_without_queues_nobody_goes_in_or_out(order: str) -> None:
    work = getattr(desk(FakeManager(), None), order)(ANJA)
    assert refused(work) == "Er is geen verbinding met de telefooncentrale."


# ----------------------------------------------------------------- what a supervisor orders


def orders(manager: FakeManager, *, with_bot: bool, there: Queues = ()) -> Orders:
    people = [Person(SANNE, "Sanne", False)]
    return Orders(manager.client, lambda: people, lambda: there, lambda call_id: with_bot)


def test_orders_about_a_call_with_the_bot_go_to_its_worker() -> None:
    manager = FakeManager()
    here = orders(manager, with_bot=True)
    asyncio.run(here.take_over(CALL, SANNE))
    asyncio.run(here.end(CALL))
    order = {"UserEvent": "VoicebotOrder", "CallUUID": CALL}
    assert manager.actions == [
        ("UserEvent", {**order, "Order": "take_over", "Phone": SANNE}),
        ("UserEvent", {**order, "Order": "end", "Phone": ""}),
    ]


def test_who_waits_is_fetched_from_the_queue() -> None:
    manager = FakeManager()
    there = queues(waiting=(Waiting("", 1, 9, channel="PJSIP/b-1"), Waiting(CALL, 2, 5, channel="PJSIP/t-7")))
    asyncio.run(orders(manager, with_bot=False, there=there).take_over(CALL, SANNE))
    assert manager.actions == [
        ("Setvar", {"Channel": "PJSIP/t-7", "Variable": "VB_PHONE", "Value": SANNE}),
        (
            "Redirect",
            {"Channel": "PJSIP/t-7", "Context": "voicebot-queue", "Exten": "s", "Priority": "1"},
        ),
    ]


@pytest.mark.parametrize(
    ("call_id", "waiting"),
    [
        (CALL, ()),
        (CALL, (Waiting(CALL, 1, 9),)),
        ("", (Waiting("", 1, 9, channel="PJSIP/stranger-1"),)),
    ],
    ids=["nobody", "a channel that is not known", "somebody else's caller"],
)
def test_who_is_not_there_is_not_fetched(call_id: str, waiting: tuple[Waiting, ...]) -> None:
    manager = FakeManager()
    here = orders(manager, with_bot=False, there=queues(waiting=waiting))
    assert refused(here.take_over(call_id, SANNE)) == "Dit gesprek is er niet meer."
    assert manager.actions == []


@pytest.mark.parametrize("phone", ["", "sanne", "PJSIP/9", f"{SANNE}\r\nAction: Command"])
def test_no_other_telephone_rings(phone: str) -> None:
    manager = FakeManager()
    here = orders(manager, with_bot=True)
    for work in (here.take_over(CALL, phone), here.listen(CALL, phone)):
        assert refused(work) == "Dit toestel is niet bekend."
    assert manager.actions == []


def test_who_waits_for_a_human_is_not_sent_away() -> None:
    manager = FakeManager()
    assert refused(orders(manager, with_bot=False).end(CALL)) == "De bot heeft dit gesprek niet meer."
    assert manager.actions == []


def status(channel: str, context: str = "voicebot", call: str = CALL) -> tuple[str, dict[str, str]]:
    return "Status", {"Channel": channel, "Context": context, "Variable": f"VB_CALL={call}\nX=1"}


def test_the_callers_own_channel_is_listened_to() -> None:
    manager = FakeManager()
    manager.lists["Status"] = [
        ("Status", {}),
        status("PJSIP/other-1", call=CALL.upper()),
        status("PJSIP/agent-2", context="from-internal"),
        status("PJSIP/caller-3", context="voicebot-queue"),
    ]
    asyncio.run(orders(manager, with_bot=False).listen(CALL, SANNE))
    ((name, fields),) = manager.actions
    assert (name, fields["Channel"], fields["Variable"]) == ("Originate", SANNE, "VB_SPY=PJSIP/caller-3")


def test_a_call_that_is_gone_is_not_listened_to() -> None:
    manager = FakeManager()
    manager.lists["Status"] = [status("PJSIP/agent-2", context="from-internal")]
    here = orders(manager, with_bot=True)
    assert refused(here.listen(CALL, SANNE)) == "Dit gesprek is er niet meer."
    manager.connected = False
    assert "refused Status" in refused(here.listen(CALL, SANNE))
