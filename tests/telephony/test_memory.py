from __future__ import annotations

import asyncio

import pytest

from voicebot.clock import run_virtual
from voicebot.telephony.memory import MemoryControl, MemoryLine
from voicebot.telephony.transport import (
    FRAME_BYTES,
    AudioReceived,
    CallControl,
    CallTransport,
    KeyReceived,
    LineClosed,
)

pytestmark = pytest.mark.unit

FRAME = b"\x01\x02" * (FRAME_BYTES // 2)


def test_the_bot_receives_sound_in_frames_then_keys_then_the_end() -> None:
    async def call() -> None:
        line = MemoryLine("a-call")
        bot: CallTransport = line
        line.caller_says(FRAME * 2)
        line.caller_presses("0")
        line.caller_hangs_up()
        line.caller_presses("1")
        received = [await bot.receive() for _ in range(5)]
        assert received == [AudioReceived(FRAME)] * 2 + [KeyReceived("0"), LineClosed(), LineClosed()]
        assert bot.call_id == "a-call"
        assert not line.handed_back

    run_virtual(call())


def test_receive_waits_for_the_caller() -> None:
    async def call() -> None:
        line = MemoryLine("a-call")
        asyncio.get_running_loop().call_later(60, line.caller_presses, "5")
        assert await line.receive() == KeyReceived("5")
        assert asyncio.get_running_loop().time() == 60

    run_virtual(call())


def test_the_caller_hears_what_was_sent_until_the_line_closed() -> None:
    async def call() -> None:
        line = MemoryLine("a-call")
        line.send(FRAME)
        line.hang_up()
        line.send(FRAME)
        assert [await line.heard(), await line.heard(), await line.heard()] == [FRAME, b"", b""]
        assert (line.handed_back, line.closed) == (True, True)
        assert await line.receive() == LineClosed()

    run_virtual(call())


def test_a_dropped_line_is_not_handed_back() -> None:
    line = MemoryLine("a-call")
    line.close()
    line.hang_up()
    assert (line.handed_back, line.closed) == (False, True)


def test_control_remembers_what_asterisk_would_hold() -> None:
    async def call() -> None:
        control = MemoryControl(caller="0612345678")
        real: CallControl = control
        assert await real.caller_number("a") == "0612345678"
        assert await real.set_context("a", {"VB_REASON": "asked;for"})
        assert await real.set_context("a", {"VB_INTENT": "order_status"})
        assert await real.finish("b")
        assert control.context == {"a": {"VB_REASON": "asked for", "VB_INTENT": "order_status"}}
        assert control.finished == {"b"}

    run_virtual(call())


@pytest.mark.parametrize(("fails", "delay_s", "took_s"), [(True, 0.1, 0.1), (False, 9.0, 0.3)])
def test_control_fails_when_told_or_too_slow(fails: bool, delay_s: float, took_s: float) -> None:
    async def call() -> None:
        control = MemoryControl(caller="0612345678")
        control.fails, control.delay_s = fails, delay_s
        assert not await control.set_context("a", {"VB_REASON": "x"})
        assert asyncio.get_running_loop().time() == pytest.approx(took_s)
        assert not await control.finish("a")
        assert await control.caller_number("a") is None
        assert (control.context, control.finished) == ({}, set())

    run_virtual(call())


def test_a_slow_control_answers_late() -> None:
    async def call() -> None:
        control = MemoryControl()
        control.delay_s = 0.25
        assert await control.set_context("a", {})
        assert asyncio.get_running_loop().time() == pytest.approx(0.25)

    run_virtual(call())
