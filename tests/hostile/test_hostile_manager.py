"""Any pack from the Manager: no exception, no call taken over, nothing that grows."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kept import tries

from voicebot.clock import run_virtual
from voicebot.handoff import QueueState
from voicebot.telephony.manager import ManagerClient, ManagerControl

pytestmark = pytest.mark.unit

CALL_ID = "0b5a2a5e-6d5b-4a2f-9a53-2f7c1f2d7e01"
CHANNEL = "PJSIP/caller-00000001"
REAL = f"""Event: UserEvent\r
UserEvent: VoicebotCall\r
Channel: {CHANNEL}\r
CallUUID: {CALL_ID}\r
VbChannel: {CHANNEL}\r
VbCaller: 0612345678"""

CALL_FIELDS = ["Event", "UserEvent", "Channel", "VbChannel", "CallUUID", "VbCaller", "ActionID", "Response"]
QUEUE_FIELDS = ["Queue", "Uniqueid", "Wait", "MemberName", "Status", "Paused", "Interface", "Message"]
names = st.sampled_from([*CALL_FIELDS, *QUEUE_FIELDS])
values = st.one_of(
    st.sampled_from(["UserEvent", "VoicebotCall", "VoicebotEnd", "QueueParams", "QueueEntry", "QueueMember"]),
    st.sampled_from(["QueueCallerJoin", "QueueCallerLeave", "QueueMemberRemoved", "klantenservice", "1", ""]),
    st.sampled_from(["Success", "Error", CALL_ID.replace("0b", "1b"), "PJSIP/other", "9" * 5000]),
    st.text(max_size=60),
)
lines = st.one_of(
    st.builds("{}: {}".format, names, values), st.builds("{}:{}".format, names, values), st.text(max_size=80)
)
packs = st.lists(lines, max_size=12).map("\r\n".join)


@tries(800)
@given(st.lists(packs, max_size=8))
@example([REAL + "\r\nVbChannel: PJSIP/victim", REAL + f"\r\nCallUUID: {CALL_ID}"])
@example(["Event: QueueEntry\r\nQueue: q\r\nWait: ²", "Event: QueueParams\r\nQueue: q"])
@example([f"Event: UserEvent\r\nUserEvent: VoicebotEnd\r\nCallUUID: {CALL_ID.upper()} "])
def test_any_packs(hostile: list[str]) -> None:
    async def main() -> None:
        client = ManagerClient("127.0.0.1", 9, "voicebot", "")
        failures: list[Exception] = []
        queues, control = QueueState(lambda: 0.0), ManagerControl(client)

        def watch(name: str, fields: Mapping[str, str]) -> None:
            try:
                queues.apply(name, fields)
                queues.snapshot()
            except Exception as error:
                failures.append(error)

        client.subscribe(watch)
        client._received(REAL)
        waiting = asyncio.create_task(control.caller_number("1" + CALL_ID[1:]))
        for pack in hostile:
            client._received(pack)
            await asyncio.sleep(0)
        await waiting
        assert failures == []
        assert client._failures.counts == {}
        ended = any("VoicebotEnd" in pack for pack in hostile)
        assert ended or await control.caller_number(CALL_ID) == "0612345678"

    run_virtual(main())
