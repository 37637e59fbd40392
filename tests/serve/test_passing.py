"""How callers pass to a human, noted from what Asterisk tells: each step once, and nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from managers import FakeManager
from recordings import NOW

from voicebot.clock import VirtualClock, run_virtual
from voicebot.errors import RecordsError
from voicebot.handoff import Agent, QueueSnapshot
from voicebot.records import Callbacks, Feedback, Passages
from voicebot.serve import passing
from voicebot.serve.passing import Passing

pytestmark = pytest.mark.unit

CALL, OTHER = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "11111111-2222-4333-8444-555555555555"
ANJA, BRAM = "PJSIP/anja", "PJSIP/bram"


class Desk:
    """A `Passing` on real tables, and Asterisk's side of it."""

    def __init__(self, folder: Path) -> None:
        self.manager = FakeManager()
        self.passages, self.feedback = Passages.in_folder(folder), Feedback.in_folder(folder)
        self.callbacks = Callbacks.in_folder(folder)
        self.queues: tuple[QueueSnapshot, ...] | None = None
        self.failing = 0
        """How many times more the database fails."""
        self.writes = 0

    def run(self, scenario: Callable[[], Awaitable[None]]) -> None:
        clock = VirtualClock(NOW)

        async def work(write: Callable[[], object]) -> object:
            if self.failing:
                self.failing -= 1
                raise RecordsError("database is locked")
            self.writes += 1
            return await clock.run(write)

        async def main() -> None:
            one = Passing(
                self.manager.client,
                lambda: self.queues,
                self.passages,
                self.feedback,
                self.callbacks,
                work,  # type: ignore[arg-type]
                clock.now,
            )
            task = asyncio.create_task(one.run())
            await scenario()
            assert not task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        run_virtual(main())

    def queued(self, call_id: str = CALL, unique: str = "1.1") -> None:
        self.manager.user_event("VoicebotQueue", CallUUID=call_id, Uniqueid=unique, Reason="risk")

    def answered(self, agent: str = ANJA, unique: str = "1.1") -> None:
        self.manager.tell("AgentConnect", Uniqueid=unique, Interface=agent)

    def calls(self, number: str, call_id: str = CALL) -> None:
        self.manager.user_event("VoicebotCall", CallUUID=call_id, VbCaller=number, VbChannel="PJSIP/trunk-1")

    def wrong(self, agent: str = ANJA, right: str = "complaint") -> None:
        self.manager.user_event("VoicebotFeedback", Agent=agent, Right=right)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path)
    with closing(one.passages), closing(one.feedback), closing(one.callbacks):
        yield one


def moments(desk: Desk, call_id: str = CALL) -> dict[str, str]:
    """The steps of a call, in order, each with its minute and second."""
    passage = desk.passages.of(call_id)
    if passage is None:
        return {}
    steps = ("queued", "rang", "answered", "abandoned", "fallback", "ended")
    told = {step: getattr(passage, f"{step}_at") for step in steps}
    return {step: at[14:19] for step, at in told.items() if at}


def test_who_calls_again_and_gets_a_human_is_not_called_back(desk: Desk) -> None:
    earlier = (NOW - timedelta(hours=1)).isoformat()
    desk.callbacks.add("call-1", "0612345678", earlier)
    desk.callbacks.add("call-2", "0687654321", earlier)

    async def scenario() -> None:
        desk.calls("+31 6 12345678")
        desk.calls("", OTHER)  # withheld
        desk.queued()
        desk.queued(OTHER, "1.2")
        await asyncio.sleep(1)
        assert desk.callbacks.count_open() == 2  # nobody has them yet
        desk.answered()
        desk.answered(BRAM, "1.2")
        await asyncio.sleep(1)

    desk.run(scenario)
    assert [one.call_id for one in desk.callbacks.requests()] == ["call-2"]
    helped = next(one for one in desk.callbacks.requests(done=True) if one.call_id == "call-1")
    assert (helped.status, helped.number, helped.last_result) == ("done", None, "called_again")


def test_who_asks_for_it_after_that_is_called_back(desk: Desk) -> None:
    async def scenario() -> None:
        desk.calls("0612345678")
        desk.queued()
        desk.answered()
        desk.callbacks.add("call-1", "0612345678", (NOW + timedelta(seconds=5)).isoformat())
        await asyncio.sleep(10)

    desk.run(scenario)
    assert desk.callbacks.count_open() == 1


def test_each_step_is_noted_at_its_first_moment(desk: Desk) -> None:
    async def scenario() -> None:
        desk.queued()
        await asyncio.sleep(3)
        for _ in range(3):
            desk.manager.tell("AgentCalled", Uniqueid="1.1")
            await asyncio.sleep(1)
        desk.answered()
        await asyncio.sleep(30)
        desk.answered(BRAM)
        desk.manager.user_event("VoicebotEnd", CallUUID=CALL, Uniqueid="1.1")
        desk.manager.user_event("VoicebotEnd", CallUUID=CALL, Uniqueid="1.1")
        await asyncio.sleep(1)

    desk.run(scenario)
    assert moments(desk) == {"queued": "15:00", "rang": "15:03", "answered": "15:06", "ended": "15:36"}
    passage = desk.passages.of(CALL)
    assert passage is not None
    assert (passage.agent, passage.ended_how) == (ANJA, "answered")
    assert desk.writes == 7


def test_who_gets_nobody(desk: Desk) -> None:
    async def scenario() -> None:
        desk.queued()
        desk.queued(OTHER, "1.2")
        desk.manager.tell("QueueCallerAbandon", Uniqueid="1.1")
        desk.manager.user_event("VoicebotFallback", CallUUID=OTHER, Why="no_agent")
        await asyncio.sleep(1)

    desk.run(scenario)
    left, fell = desk.passages.of(CALL), desk.passages.of(OTHER)
    assert left is not None
    assert fell is not None
    assert (left.ended_how, fell.ended_how, fell.detail) == ("abandoned", "fallback", "no_agent")


def test_a_supervisor_who_took_over_has_answered(desk: Desk) -> None:
    async def scenario() -> None:
        desk.manager.user_event("VoicebotTakenOver", CallUUID=CALL, Channel="PJSIP/sanne-van-dam-0000001f")
        await asyncio.sleep(1)

    desk.run(scenario)
    passage = desk.passages.of(CALL)
    assert passage is not None
    assert (passage.agent, passage.ended_how) == ("PJSIP/sanne-van-dam", "answered")


def test_an_answer_of_which_no_event_came_is_seen_in_the_queue(desk: Desk) -> None:
    async def scenario() -> None:
        await asyncio.sleep(5)
        agents = Agent("Anja", "in gesprek", ANJA, CALL), Agent("Bram", "in gesprek", BRAM)
        desk.queues = (QueueSnapshot("k", "K", (), 0, agents),)
        await asyncio.sleep(60)

    desk.run(scenario)
    assert moments(desk) == {"answered": "15:06"}
    assert desk.writes == 1


def test_what_is_told_of_nobody_of_ours_is_not_noted(desk: Desk) -> None:
    async def scenario() -> None:
        for event in ("AgentCalled", "AgentConnect", "QueueCallerAbandon", "Hangup"):
            desk.manager.tell(event)
            desk.manager.tell(event, Uniqueid="9.9", Interface=ANJA)
        for name in ("VoicebotQueue", "VoicebotFallback", "VoicebotTakenOver", "VoicebotEnd", "Else"):
            desk.manager.user_event(name)
            desk.manager.user_event(name, CallUUID="", Uniqueid="")
        desk.manager.user_event("VoicebotEnd", CallUUID=CALL, Uniqueid="9.9")
        desk.answered(unique="")
        await asyncio.sleep(1)

    desk.run(scenario)
    assert desk.passages.latest(10) == []
    assert desk.writes == 0


def test_a_database_that_fails_is_waited_for_and_then_gets_it_all(desk: Desk) -> None:
    async def scenario() -> None:
        desk.failing = 5
        for number in range(50):
            desk.queued(f"call-{number}", f"1.{number}")
        desk.answered(unique="1.49")
        await asyncio.sleep(24)
        assert desk.passages.latest(99) == []
        await asyncio.sleep(2)

    desk.run(scenario)
    assert len(desk.passages.latest(99)) == 50
    assert moments(desk, "call-49") == {"queued": "15:00", "answered": "15:00"}


def test_what_waits_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "MOST_WAITING", 10)
    monkeypatch.setattr(passing, "MOST_CALLS", 5)

    async def scenario() -> None:
        for number in range(30):
            desk.queued(f"call-{number}", f"1.{number}")
        await asyncio.sleep(1)
        assert len(desk.passages.latest(99)) == 10
        desk.answered(unique="1.24")  # forgotten
        for number in range(6):
            desk.manager.user_event("VoicebotCallingBack", CallUUID=OTHER, Uniqueid=f"2.{number}")
        desk.answered(BRAM, "2.0")  # forgotten too
        desk.wrong(BRAM)
        desk.queued("call-5", "1.5")
        desk.answered(unique="1.5")
        await asyncio.sleep(1)

    desk.run(scenario)
    assert [one.call_id for one in desk.passages.latest(99) if one.answered_at] == ["call-5"]
    assert desk.feedback.latest(9) == []


# ----------------------------------------------------------------- what agents key in


def test_feedback_is_about_the_call_that_was_answered_last(desk: Desk) -> None:
    async def scenario() -> None:
        desk.queued(CALL, "1.1")
        await asyncio.sleep(5)
        desk.queued(OTHER, "1.2")
        await asyncio.sleep(5)
        desk.answered(unique="1.2")  # who came later went first
        await asyncio.sleep(60)
        desk.answered(unique="1.1")
        desk.wrong()
        await asyncio.sleep(1)

    desk.run(scenario)
    (mark,) = desk.feedback.latest(9)
    assert (mark.call_id, mark.right_intent, mark.by) == (CALL, "complaint", ANJA)


def test_feedback_right_after_the_answer_is_about_that_call(desk: Desk) -> None:
    async def scenario() -> None:
        desk.failing = 2
        desk.queued()
        desk.answered()
        desk.wrong(right="")
        desk.wrong(right="invoice_copy")
        await asyncio.sleep(60)

    desk.run(scenario)
    assert [(mark.call_id, mark.right_intent) for mark in desk.feedback.latest(9)] == [(CALL, "invoice_copy")]


def test_feedback_that_waits_to_be_written_stays_about_its_call(desk: Desk) -> None:
    async def scenario() -> None:
        desk.queued()
        desk.answered()
        desk.failing = 2
        desk.wrong()
        await asyncio.sleep(1)
        desk.queued(OTHER, "1.2")
        desk.answered(unique="1.2")
        await asyncio.sleep(60)

    desk.run(scenario)
    assert [mark.call_id for mark in desk.feedback.latest(9)] == [CALL]


def test_feedback_about_who_was_called_back(desk: Desk) -> None:
    async def scenario() -> None:
        desk.manager.user_event("VoicebotCallingBack", CallUUID=CALL, Uniqueid="2.1")
        await asyncio.sleep(5)
        desk.answered(unique="2.1")
        assert desk.passages.of(CALL) is None  # the caller's telephone is yet to ring
        await asyncio.sleep(10)
        desk.manager.user_event("VoicebotCallback", CallUUID=CALL, Result="connected")
        desk.wrong()
        await asyncio.sleep(1)

    desk.run(scenario)
    passage = desk.passages.of(CALL)
    assert passage is not None
    assert (moments(desk), passage.agent) == ({"answered": "15:15"}, ANJA)
    assert [mark.call_id for mark in desk.feedback.latest(9)] == [CALL]


def test_feedback_after_a_restart_is_about_what_was_written(desk: Desk) -> None:
    desk.passages.note(CALL, "queued", NOW.isoformat())
    desk.passages.note(CALL, "answered", NOW.isoformat(), agent=ANJA)
    desk.passages.note(OTHER, "queued", (NOW + timedelta(seconds=9)).isoformat())

    async def scenario() -> None:
        desk.wrong("")
        desk.wrong(ANJA)
        await asyncio.sleep(1)

    desk.run(scenario)
    assert [mark.call_id for mark in desk.feedback.latest(9)] == [CALL]


@pytest.mark.parametrize("agent", [BRAM, "", "PJSIP/anj"])
def test_feedback_of_who_had_no_call_is_about_none(desk: Desk, agent: str) -> None:
    async def scenario() -> None:
        desk.queued()
        desk.answered()
        desk.queued(OTHER, "1.2")
        desk.wrong(agent)
        desk.manager.user_event("VoicebotFeedback")
        await asyncio.sleep(1)
        desk.wrong(ANJA)
        await asyncio.sleep(1)

    desk.run(scenario)
    assert [mark.call_id for mark in desk.feedback.latest(9)] == [CALL]
