"""The second leg of a call, in virtual time: a number by keys, and what becomes of it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.call import Call
from voicebot.clock import run_virtual
from voicebot.dialogue import State, callback_bot, decide
from voicebot.errors import BotError, RecordsError
from voicebot.event_json import encode
from voicebot.events import (
    BackendFailed,
    CallEnded,
    CallStarted,
    Effect,
    Entry,
    Event,
    Message,
    PromptFinished,
    PromptStarted,
    Transfer,
)
from voicebot.house import House, callback_house, check_actions
from voicebot.records import CallbackDesk, Callbacks, EventStore, Redactor
from voicebot.telephony import MemoryControl, MemoryLine, callback_leg

pytestmark = pytest.mark.audio

CALL = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
NUMBER = "0612345678"


def leave_number(
    house: House, callbacks: CallbackDesk, caller: str | None = None, *, gone_from: str = ""
) -> tuple[CallEnded, list[Message], MemoryControl]:
    """Key a number when asked for one, and a yes; hang up when a prompt of the name `gone_from` begins."""

    async def main() -> tuple[CallEnded, list[Message], MemoryControl]:
        control, line = MemoryControl(caller), MemoryLine(callback_leg(CALL))
        messages: list[Message] = []
        names: dict[int, str] = {}

        def note(entry: Entry) -> None:
            messages.append(entry.message)
            match entry.message:
                case PromptStarted(prompt=prompt, name=name):
                    names[prompt] = name
                    if name == gone_from:
                        line.caller_hangs_up()
                case PromptFinished(prompt=prompt):
                    keys = {"ask.phone_number": NUMBER, "confirm.phone_number": "1"}.get(names[prompt], "")
                    for key in keys:
                        line.caller_presses(key)

        desk = replace(callback_house(house), callbacks=callbacks, control=control, note=note)
        call = asyncio.create_task(Call(line, desk).run())
        while await line.heard():
            line.caller_says(bytes(320))
        return await call, messages, control

    return run_virtual(main())


@pytest.fixture
def book(tmp_path: Path) -> Callbacks:
    return Callbacks.in_folder(tmp_path)


def test_a_number_is_stored_under_the_call_it_belongs_to(
    webshop: House, book: Callbacks, tmp_path: Path
) -> None:
    log = EventStore(f"sqlite:///{tmp_path / 'calls.db'}")
    log.append([Entry(CALL, 9, 9, Transfer("klantenservice", "not_understood", "order_status"))])
    ended, messages, control = leave_number(webshop, book)
    assert ended.outcome == "callback"
    assert control.finished == {callback_leg(CALL)}
    (one,) = book.requests()
    assert (one.call_id, one.number) == (CALL, NUMBER)
    assert one.requested_at.startswith("2026-11-20T10:15:")
    assert (one.reason, one.intent) == ("not_understood", "order_status")
    started = next(m for m in messages if isinstance(m, CallStarted))
    assert (started.bot, started.purpose, started.closed) == ("webshop", "callback", False)


def test_any_bot_may_store_a_call_back_in_a_flow_of_its_own(webshop: House) -> None:
    check_actions(callback_bot(webshop.bot), {"find_order"})
    with pytest.raises(BotError, match="no back-end does 'find_order'; there is store_callback"):
        check_actions(webshop.bot, set())


def test_the_number_of_the_line_is_offered_in_its_dutch_form(webshop: House, book: Callbacks) -> None:
    ended, _, _ = leave_number(webshop, book, "+31687654321")
    assert ended.outcome == "callback"
    assert [one.number for one in book.requests()] == ["0687654321"]


@pytest.mark.parametrize("caller", ["100", "", None, "0900123456"])
def test_a_number_that_nobody_can_call_back_is_not_offered(
    webshop: House, book: Callbacks, caller: str | None
) -> None:
    leave_number(webshop, book, caller)
    assert [one.number for one in book.requests()] == [NUMBER]


def test_what_cannot_be_stored_is_not_promised_and_ends_in_a_message(webshop: House) -> None:
    class FullDisk:
        def add(self, call_id: str, number: str, requested_at: str) -> None:
            raise RecordsError("no space left")

    ended, messages, control = leave_number(webshop, FullDisk())
    assert (ended.outcome, ended.reason) == ("transferred", "backend_failed")
    assert any(isinstance(m, BackendFailed) for m in messages)
    assert control.finished == set()
    said = [m.template for m in messages if isinstance(m, PromptStarted)]
    assert webshop.bot.callback.done not in said
    assert said[-1] == webshop.bot.callback.handoff["backend_failed"]


def test_who_hangs_up_before_the_yes_is_not_called_back(webshop: House, book: Callbacks) -> None:
    ended, _, _ = leave_number(webshop, book, gone_from="confirm.phone_number")
    assert ended.outcome == "abandoned"
    assert book.count_open() == 0


def test_who_hangs_up_during_the_goodbye_is(webshop: House, book: Callbacks) -> None:
    ended, _, _ = leave_number(webshop, book, gone_from="finish")
    assert ended.outcome == "callback"
    assert book.count_open() == 1


def test_the_stored_log_holds_no_number_and_decides_the_same(webshop: House, book: Callbacks) -> None:
    _, messages, _ = leave_number(webshop, book, "+31687654321")
    redactor = Redactor()
    stored = [redactor.redact(message) for message in messages]
    written = json.dumps([encode(message) for message in stored])
    assert "687654321" not in written and NUMBER not in written
    state, decided, bot = State(), [], callback_bot(webshop.bot)
    for message in stored:
        if isinstance(message, Event):
            state, effects = decide(bot, state, message)
            decided += effects
    assert decided == [message for message in stored if isinstance(message, Effect)]
