"""What a call does for the agent on its way out, and what a supervisor's order does to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from voicebot.call import Call
from voicebot.clock import run_virtual
from voicebot.errors import RecordsError
from voicebot.events import CallEnded, ContextDelivered, Entry, Message, SupervisorAsked, Transfer
from voicebot.handoff import ContextPackage
from voicebot.house import House
from voicebot.telephony import MemoryControl, MemoryLine

pytestmark = pytest.mark.audio

CALL_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
FRAME_S = 0.02
TAKE_OVER = SupervisorAsked("take_over", "PJSIP/sanne")


@dataclass
class Told:
    """How a call went."""

    ended: CallEnded
    control: MemoryControl
    messages: list[Message]
    packages: list[ContextPackage] = field(default_factory=list)
    """What was made ready."""

    @property
    def variables(self) -> Mapping[str, str]:
        return self.control.context[CALL_ID]


def have_call(
    house: House,
    acts: Mapping[float, Callable[[Call, MemoryLine], None]],
    prepare: Callable[[ContextPackage], Mapping[str, str]] = lambda package: {"VB_PAGE": "page"},
) -> Told:
    """Be silent on the line, and do each act at its second."""
    control, packages = MemoryControl(), list[ContextPackage]()

    def noted(package: ContextPackage) -> Mapping[str, str]:
        packages.append(package)
        return prepare(package)

    async def main() -> Told:
        entries: list[Entry] = []
        line = MemoryLine(CALL_ID)
        call = Call(line, replace(house, control=control, note=entries.append, prepare=noted))
        running = asyncio.create_task(call.run())
        at = {round(second / FRAME_S): act for second, act in acts.items()}
        frame = 0
        while await line.heard():
            at.get(frame, lambda call, line: None)(call, line)
            line.caller_says(bytes(320))
            frame += 1
        return Told(await running, control, [entry.message for entry in entries], packages)

    return run_virtual(main())


def press_zero(call: Call, line: MemoryLine) -> None:
    line.caller_presses("0")


def take_over(call: Call, line: MemoryLine) -> None:
    call.tell(TAKE_OVER)


def end(call: Call, line: MemoryLine) -> None:
    call.tell(SupervisorAsked("end"))


def test_what_the_agent_gets_is_begun_at_the_decision_and_once(webshop: House) -> None:
    began: list[float] = []

    def prepare(package: ContextPackage) -> Mapping[str, str]:
        began.append(asyncio.get_running_loop().time())
        return {"VB_PAGE": "page", "VB_BRIEFING": "sound"}

    told = have_call(webshop, {1: press_zero}, prepare)
    assert len(told.packages) == 1
    assert began[0] < 1.5  # the last words take seconds
    assert told.ended.outcome == "transferred"
    package = told.packages[0]
    assert told.variables == {**package.variables, "VB_PAGE": "page", "VB_BRIEFING": "sound", "VB_PHONE": ""}


def test_who_is_taken_over_on_the_way_to_the_queue_is_made_ready_once(webshop: House) -> None:
    told = have_call(webshop, {1: press_zero, 1.5: take_over})
    assert len(told.packages) == 1
    assert (told.variables["VB_PHONE"], told.variables["VB_PAGE"]) == ("PJSIP/sanne", "page")
    assert told.variables["VB_REASON"] == "asked_for_human"


def test_a_supervisor_takes_over(webshop: House) -> None:
    told = have_call(webshop, {0.1: take_over})
    assert (told.ended.outcome, told.ended.reason) == ("transferred", "taken_over")
    assert told.variables["VB_PHONE"] == "PJSIP/sanne"
    assert told.packages[0].reason == "taken_over"
    assert TAKE_OVER in told.messages


def test_a_supervisor_ends_a_call(webshop: House) -> None:
    told = have_call(webshop, {1: end})
    assert (told.ended.outcome, told.packages) == ("ended", [])
    assert CALL_ID in told.control.finished


def test_who_asks_for_a_human_while_being_sent_away_is_made_ready(webshop: House) -> None:
    told = have_call(webshop, {1: end, 1.5: press_zero})
    assert (told.ended.outcome, [package.reason for package in told.packages]) == (
        "transferred",
        ["asked_for_human"],
    )


def test_a_context_that_cannot_be_built_costs_the_agent_no_caller(
    webshop: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("voicebot.handover.build_context", fail)
    told = have_call(webshop, {1: press_zero})
    assert (told.ended.outcome, told.ended.reason) == ("transferred", "asked_for_human")
    assert told.variables == {
        "VB_REASON": "asked_for_human",
        "VB_INTENT": "",
        "VB_SUMMARY": "",
        "VB_QUEUE": webshop.bot.queue,
        "VB_PRIORITY": "0",
        "VB_SKILL": "",
        "VB_PHONE": "",
    }
    assert [message.delivered for message in told.messages if isinstance(message, ContextDelivered)] == [True]


def test_a_desk_that_fails_costs_the_agent_no_caller(webshop: House) -> None:
    def fail(package: ContextPackage) -> Mapping[str, str]:
        raise RecordsError("database is locked")

    told = have_call(webshop, {1: press_zero, 1.5: take_over}, fail)
    (transfer,) = [message for message in told.messages if isinstance(message, Transfer)]
    assert transfer.phone == told.variables["VB_PHONE"] == "PJSIP/sanne"
    assert (told.variables["VB_REASON"], told.variables["VB_QUEUE"]) == (transfer.reason, transfer.queue)
