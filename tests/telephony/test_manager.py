from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from asterisk.ami import Action
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from voicebot.errors import ManagerError
from voicebot.telephony import manager
from voicebot.telephony.manager import Fields, ManagerClient, ManagerControl
from voicebot.telephony.manager_connection import MAX_PACK, ManagerConnection

pytestmark = pytest.mark.unit

CALL_ID = "0b5a2a5e-6d5b-4a2f-9a53-2f7c1f2d7e01"
CHANNEL = "PJSIP/caller-00000001"


class FakeAsterisk:
    """As much of the Manager as voicebot uses."""

    def __init__(self) -> None:
        self.banner = "Asterisk Call Manager/10.0.2"
        self.secret = "geheim"
        self.mute: set[str] = set()
        """Actions that get no answer."""
        self.replies: dict[str, list[str]] = {}
        """Further packs after the answer to an action; ``{id}`` becomes its ActionID."""
        self.actions: list[dict[str, str]] = []
        self.logins = 0
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server

    async def start(self, port: int = 0) -> int:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self._server.close()
        self.drop()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    def drop(self) -> None:
        for writer in self._writers:
            writer.close()

    def say(self, *lines: str) -> None:
        self._writers[-1].write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.connections += 1
        writer.write(f"{self.banner}\r\n".encode())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                pack = (await reader.readuntil(b"\r\n\r\n")).decode()
                self._answer(dict(line.split(": ", 1) for line in pack.strip().split("\r\n")))
        writer.close()

    def _answer(self, action: dict[str, str]) -> None:
        name, action_id = action["Action"], action["ActionID"]
        self.actions.append(action)
        if name in self.mute:
            return
        if name == "Login" and action["Secret"] != self.secret:
            self.say("Response: Error", f"ActionID: {action_id}", "Message: Authentication failed")
            self.drop()
            return
        if name == "Setvar" and action["Channel"] != CHANNEL:
            self.say("Response: Error", f"ActionID: {action_id}", "Message: No such channel")
            return
        self.logins += name == "Login"
        self.say("Response: Success", f"ActionID: {action_id}", "Output: one", "Output: two")
        for pack in self.replies.get(name, []):
            self.say(*pack.format(id=action_id).split("\n"))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


@asynccontextmanager
async def running(client: ManagerClient) -> AsyncIterator[ManagerClient]:
    task = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not client.connected
        assert not [thread for thread in threading.enumerate() if thread.name == "asterisk-manager"]


def with_asterisk(
    scenario: Callable[[FakeAsterisk, ManagerClient], Awaitable[None]],
    *,
    secret: str = "geheim",
    timeout_s: float = 1.0,
    ping_s: float = 60.0,
    banner: str = "Asterisk Call Manager/10.0.2",
    mute: str = "",
) -> None:
    """Run `scenario` with a client that runs, but may not be connected yet."""

    async def main() -> None:
        asterisk = FakeAsterisk()
        asterisk.banner = banner
        asterisk.mute.add(mute)
        port = await asterisk.start()
        client = ManagerClient("127.0.0.1", port, "voicebot", secret, timeout_s=timeout_s, ping_s=ping_s)
        async with asyncio.timeout(5):
            try:
                async with running(client):
                    await scenario(asterisk, client)
            finally:
                await asterisk.stop()

    asyncio.run(main())


# ----------------------------------------------------------------- the client


def test_an_action_is_answered() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        await until(lambda: client.connected)
        answers = await asyncio.gather(*(client.action("CoreStatus", Extra="é") for _ in range(20)))
        assert {answer["Output"] for answer in answers} == {"one\ntwo"}
        assert len({answer["ActionID"] for answer in answers}) == 20
        assert asterisk.actions[0]["Username"] == "voicebot"
        assert asterisk.actions[1]["Extra"] == "é"

    with_asterisk(scenario)


def test_a_list_is_collected_and_not_told_to_subscribers() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        heard: list[str] = []
        client.subscribe(lambda name, fields: heard.append(name))
        asterisk.replies["QueueStatus"] = [
            "Event: QueueParams\nActionID: {id}\nQueue: klantenservice",
            "Event: Newchannel\nChannel: x",
            "Event: QueueMember\nActionID: {id}\nName: An",
            "Event: QueueStatusComplete\nActionID: {id}\nEventList: Complete",
        ]
        await until(lambda: client.connected)
        events = await client.action_list("QueueStatus", "QueueStatusComplete", Queue="klantenservice")
        assert [name for name, _ in events] == ["QueueParams", "QueueMember"]
        assert events[1][1]["Name"] == "An"
        assert heard == ["Newchannel"]

    with_asterisk(scenario)


def test_an_unfinished_list_and_a_missing_answer_time_out() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        await until(lambda: client.connected)
        asterisk.mute.add("Ping")
        with pytest.raises(ManagerError, match="did not answer Ping"):
            await client.action("Ping")
        with pytest.raises(ManagerError, match="did not answer QueueStatus"):
            await client.action_list("QueueStatus", "QueueStatusComplete")
        asterisk.mute.clear()
        await client.action("Ping")

    with_asterisk(scenario, timeout_s=0.05)


def test_a_refused_action_raises_with_asterisks_reason() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        await until(lambda: client.connected)
        with pytest.raises(ManagerError, match="refused Setvar: No such channel"):
            await client.action("Setvar", Channel="gone", Variable="A", Value="b")

    with_asterisk(scenario)


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "a\rb", "é" * 500])
def test_line_breaks_and_long_lines_never_leave(value: str) -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        await until(lambda: client.connected)
        with pytest.raises(ManagerError):
            await client.action("Setvar", Channel=CHANNEL, Variable="A", Value=value)
        with pytest.raises(ManagerError):
            await client.action(value)
        with pytest.raises(ManagerError):
            await client.action("Ping", **{value: "x"})
        assert [action["Action"] for action in asterisk.actions] == ["Login"]

    with_asterisk(scenario)


def test_subscribers_hear_events_and_may_fail() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        heard: list[tuple[str, Fields]] = []

        def fail(name: str, fields: Fields) -> None:
            raise RuntimeError("0612345678")

        client.subscribe(fail)
        client.subscribe(lambda name, fields: heard.append((name, fields)))
        await until(lambda: client.connected)
        with capture_logs() as logs:
            asterisk.say("Event: QueueCallerJoin", "Queue: klantenservice", "CallerIDName: ", "no field")
            asterisk.say("Event: Hangup", "Cause: 16")
            await until(lambda: len(heard) == 2)
        assert heard[0] == (
            "QueueCallerJoin",
            {"Event": "QueueCallerJoin", "Queue": "klantenservice", "CallerIDName": ""},
        )
        assert "0612345678" not in str(logs)

    with_asterisk(scenario)


def test_a_lost_link_is_mended() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        await until(lambda: client.connected)
        asterisk.mute.add("Setvar")
        waiting = asyncio.create_task(client.action("Setvar", Channel=CHANNEL, Variable="A", Value="b"))
        await until(lambda: len(asterisk.actions) == 2)
        asterisk.drop()
        with pytest.raises(ManagerError, match="lost"):
            await waiting
        await until(lambda: not client.connected)
        with pytest.raises(ManagerError, match="no link"):
            await client.action("Ping")
        await until(lambda: client.connected)
        await client.action("Ping")
        assert asterisk.logins == 2

    with_asterisk(scenario)


def test_a_frozen_asterisk_is_noticed_by_ping() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        await until(lambda: client.connected)
        asterisk.mute.add("Ping")
        await until(lambda: not client.connected)
        asterisk.mute.clear()
        await until(lambda: client.connected)

    with_asterisk(scenario, timeout_s=0.05, ping_s=0.02)


def test_a_peer_that_stopped_reading_is_lost_at_once() -> None:
    ours, theirs = socket.socketpair()
    lost = threading.Event()
    connection = ManagerConnection(ours, on_pack=lambda pack: None, on_lost=lost.set)
    with theirs, pytest.raises(BlockingIOError):
        while True:
            connection.send(Action("Ping"))
    assert lost.wait(5)
    connection.close()


def packs_of(*pieces: bytes) -> list[str]:
    """What a connection makes of these bytes until its peer leaves."""
    ours, theirs = socket.socketpair()
    packs: list[str] = []
    lost = threading.Event()
    connection = ManagerConnection(ours, on_pack=packs.append, on_lost=lost.set)
    with theirs, suppress(BrokenPipeError):
        for piece in pieces:
            theirs.sendall(piece)
    assert lost.wait(5)
    connection.close()
    return packs


@given(st.lists(st.integers(0, 40), max_size=6))
def test_packs_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    data = b"Asterisk Call Manager/9\r\nA: 1\r\nB: 2\r\n\r\n\r\n\r\nC: 3\r\n\r\nD"
    places = sorted({0, len(data), *cuts})
    assert packs_of(*(data[a:b] for a, b in itertools.pairwise(places))) == ["A: 1\r\nB: 2", "", "C: 3"]


def test_a_pack_without_end_ends_the_link() -> None:
    assert packs_of(b"Asterisk Call Manager/9\r\n", b"A: 1\r\n\r\n", b"x" * (MAX_PACK + 5000)) == ["A: 1"]


def test_an_idle_link_outlives_the_timeout() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        await until(lambda: [action["Action"] for action in asterisk.actions].count("Ping") == 5)
        assert asterisk.logins == 1

    with_asterisk(scenario, timeout_s=0.01, ping_s=0.02)


@pytest.mark.parametrize(
    ("kwargs", "reason"),
    [
        ({"secret": "fout"}, "refused Login: Authentication failed"),
        ({"banner": "SSH-2.0-OpenSSH"}, "Manager link was lost"),
        ({"mute": "Login", "timeout_s": 0.05}, "did not answer Login"),
    ],
)
def test_a_failed_login_is_logged_once_and_tried_again(
    kwargs: dict[str, object], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manager, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(manager, "LONGEST_PAUSE_S", 0.02)

    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        with capture_logs() as logs:
            await until(lambda: asterisk.connections == 3)
        assert not client.connected
        (entry,) = logs
        assert reason in entry["error"]
        assert "fout" not in str(logs)

    with_asterisk(scenario, **kwargs)  # type: ignore[arg-type]


def test_no_asterisk_at_all() -> None:
    async def main() -> None:
        asterisk = FakeAsterisk()
        port = await asterisk.start()
        await asterisk.stop()
        client = ManagerClient("127.0.0.1", port, "voicebot", "geheim")
        async with asyncio.timeout(5), running(client):
            with capture_logs() as logs:
                await until(lambda: bool(logs))
            assert logs[0]["event"] == "manager_down"
            await asterisk.start(port)
            await until(lambda: client.connected)
            await asterisk.stop()

    asyncio.run(main())


# ----------------------------------------------------------------- control


def call_begins(
    asterisk: FakeAsterisk,
    call_id: str = CALL_ID,
    caller: str = "0612345678",
    channel: str = CHANNEL,
    *forged: str,
) -> None:
    asterisk.say(
        "Event: UserEvent",
        "UserEvent: VoicebotCall",
        f"Channel: {channel}",
        f"CallUUID: {call_id}",
        f"VbChannel: {channel}",
        f"VbCaller: {caller}",
        *forged,
    )


def test_context_reaches_the_right_channel_cleaned() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        control = ManagerControl(client)
        await until(lambda: client.connected)
        call_begins(asterisk)
        assert await control.caller_number(CALL_ID.upper()) == "0612345678"
        assert await control.set_context(CALL_ID, {"VB_REASON": "${SHELL(x)}", "__VB_INTENT": "order_status"})
        assert await control.finish(CALL_ID)
        sent = [
            (a["Channel"], a["Variable"], a["Value"]) for a in asterisk.actions if a["Action"] == "Setvar"
        ]
        assert sent == [
            (CHANNEL, "VB_REASON", "SHELL(x)"),
            (CHANNEL, "__VB_INTENT", "order_status"),
            (CHANNEL, "VB_OUTCOME", "hangup"),
        ]

    with_asterisk(scenario)


def test_the_callers_number_may_come_a_little_later() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        control = ManagerControl(client)
        await until(lambda: client.connected)
        both = asyncio.gather(control.caller_number(CALL_ID), control.caller_number(CALL_ID))
        await asyncio.sleep(0)
        call_begins(asterisk)
        assert list(await both) == ["0612345678"] * 2
        assert await control.caller_number("11111111-2222-4333-8444-555555555555") is None
        assert await control.caller_number("not-a-uuid") is None

    with_asterisk(scenario)


def test_a_call_that_began_while_the_link_was_down_is_looked_up() -> None:
    def channel(name: str, application: str, data: str) -> str:
        head = f"Event: Status\r\nActionID: {{id}}\r\nChannel: {name}"
        return f"{head}\r\nApplication: {application}\r\nData: {data}"

    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        asterisk.replies["Status"] = [
            channel("PJSIP/agent", "AppQueue", CALL_ID),
            channel("PJSIP/other", "AudioSocket", "11111111-2222-4333-8444-555555555555,127.0.0.1:9092"),
            channel(CHANNEL, "AudioSocket", f"{CALL_ID},127.0.0.1:9092"),
            "Event: StatusComplete\r\nActionID: {id}",
        ]
        control = ManagerControl(client)
        await until(lambda: client.connected)
        assert await control.finish(CALL_ID)
        assert not await control.finish("22222222-2222-4333-8444-555555555555")
        assert [a["Channel"] for a in asterisk.actions if a["Action"] == "Setvar"] == [CHANNEL]

    with_asterisk(scenario)


@pytest.mark.parametrize("forged", ["VbChannel: PJSIP/victim", "Channel: PJSIP/victim"])
def test_a_forged_channel_is_not_believed(forged: str) -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        control = ManagerControl(client)
        await until(lambda: client.connected)
        call_begins(asterisk, CALL_ID, "1", CHANNEL, forged)
        await client.action("Ping")
        assert not await control.finish(CALL_ID)
        assert "Setvar" not in [action["Action"] for action in asterisk.actions]

    with_asterisk(scenario)


@pytest.mark.parametrize("caller", ["", "anonymous", "0612 345678", "1\u20282", "0" * 41])
def test_what_is_no_number_is_no_number(caller: str) -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        control = ManagerControl(client)
        await until(lambda: client.connected)
        call_begins(asterisk, caller=caller)
        assert await control.caller_number(CALL_ID) is None
        assert await control.finish(CALL_ID)

    with_asterisk(scenario)


def test_context_that_cannot_be_set_is_false_and_logged_once() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        control = ManagerControl(client)
        assert not await control.set_context(CALL_ID, {"A": "b"})
        await until(lambda: client.connected)
        call_begins(asterisk)
        assert await control.caller_number(CALL_ID)
        with capture_logs() as logs:
            assert not await control.set_context("not-a-uuid", {"A": "b"})
            assert not await control.set_context(CALL_ID, {"SHELL(rm)": "b"})
            call_begins(asterisk, channel="PJSIP/gone")
            await client.action("Ping")
            assert not await control.set_context(CALL_ID, {"A": "5611BJ", "B": "c"})
        assert [entry["event"] for entry in logs] == ["context_not_set"] * 3
        assert "5611BJ" not in str(logs)

    with_asterisk(scenario)


def test_a_silent_asterisk_costs_the_caller_300_ms() -> None:
    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        control = ManagerControl(client)
        await until(lambda: client.connected)
        call_begins(asterisk)
        await control.caller_number(CALL_ID)
        asterisk.mute.add("Setvar")
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert not await control.set_context(CALL_ID, {f"VB_{n}": "x" for n in range(10)})
        assert 0.29 < loop.time() - began < 0.6

    with_asterisk(scenario)


def test_calls_are_forgotten_at_their_end_and_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager, "MAX_CALLS", 2)
    ids = [f"0b5a2a5e-6d5b-4a2f-9a53-00000000000{n}" for n in range(4)]

    async def scenario(asterisk: FakeAsterisk, client: ManagerClient) -> None:
        control = ManagerControl(client)
        await until(lambda: client.connected)
        for call_id in ids[:3]:
            call_begins(asterisk, call_id)
        call_begins(asterisk, ids[3], channel="")
        asterisk.say("Event: UserEvent", "UserEvent: VoicebotEnd", f"CallUUID: {ids[1]}")
        await client.action("Ping")
        assert [await control.finish(call_id) for call_id in ids] == [False, False, True, False]

    with_asterisk(scenario)
