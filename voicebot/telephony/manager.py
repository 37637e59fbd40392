"""The Asterisk Manager Interface (AMI): a client that stays connected, and `CallControl` on top of it.

The dialplan tells which call is which channel, just before AudioSocket, and
when the call is over::

    UserEvent(VoicebotCall,VbCaller: ${FILTER(0-9*#+,${CALLERID(num)})},CallUUID: ...,VbChannel: ${CHANNEL})
    UserEvent(VoicebotEnd,CallUUID: ...)

Without FILTER a caller-id with a comma in it forges the fields that follow.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from asterisk.ami import Action

from voicebot.errors import ManagerError
from voicebot.logs import Refusals
from voicebot.telephony.manager_connection import ManagerConnection
from voicebot.telephony.values import clean_value

MAX_LINE = 1000
"""Bytes; Asterisk silently drops a longer line (its buffer holds 1,024)."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
CALLER_WAIT_S = 0.2
"""The call's connection can be faster than its user event."""
CONTEXT_WAIT_S = 0.3
"""The caller hears silence meanwhile."""
MAX_CALLS = 10_000

_LINE_BREAK = re.compile(r"[\r\n]")
_VARIABLE = re.compile(r"_{0,2}[A-Z][A-Z0-9_]*")
_NUMBER = re.compile(r"\+?[0-9*#]{1,40}")

log = structlog.get_logger(__name__)

Fields = Mapping[str, str]


@dataclass(slots=True)
class _Question:
    """An action that waits for its answer."""

    name: str
    answer: asyncio.Future[Fields]
    until: str | None
    """The event that ends its list, when it has one."""
    events: list[tuple[str, Fields]] = field(default_factory=list)

    def take(self, fields: Fields) -> bool:
        """Take a pack with this question's ActionID; return whether it is part of the answer."""
        if self.until is None and "Event" in fields:
            return False
        if fields.get("Response") == "Error":
            self.fail(f"Asterisk refused {self.name}: {fields.get('Message', 'no reason given')}")
        elif fields.get("Event") == self.until:  # both None: the response itself is the answer
            if not self.answer.done():
                self.answer.set_result(fields)
        elif "Event" in fields:
            self.events.append((fields["Event"], fields))
        return True

    def fail(self, message: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(ManagerError(message))


class ManagerClient:
    """A link to the Manager that mends itself as long as `run` runs."""

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        secret: str,
        *,
        timeout_s: float = 3.0,
        ping_s: float = 5.0,
    ) -> None:
        self._host = host
        self._port = port
        self._login = {"Username": username, "Secret": secret}
        self._timeout_s = timeout_s
        self._ping_s = ping_s
        self._pause_s = FIRST_PAUSE_S
        self._connection: ManagerConnection | None = None
        self.sessions = 0
        """How often we logged in: who keeps up with events has missed some when it has changed."""
        self._ids = itertools.count(1)
        self._questions: dict[str, _Question] = {}
        self._subscribers: list[Callable[[str, Fields], None]] = []
        self._failures = Refusals("subscriber_failed")

    @property
    def connected(self) -> bool:
        """Whether we are logged in."""
        return self._connection is not None

    def subscribe(self, callback: Callable[[str, Fields], None]) -> None:
        """Call `callback` with the name and fields of every event, on the event loop."""
        self._subscribers.append(callback)

    async def run(self) -> None:
        """Connect, log in and stay so until cancelled; tries again after a pause that grows to 5 s."""
        while True:
            try:
                await self._session()
            except (OSError, ManagerError) as error:
                if self._pause_s == FIRST_PAUSE_S:  # once for each time that it goes down
                    log.warning("manager_down", error=str(error) or type(error).__name__)
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    async def action(self, name: str, **fields: str) -> Fields:
        """Do an action and return its answer; fields that come more than once are joined by a newline.

        Raises `ManagerError` when Asterisk refuses, does not answer in time, or is not there.
        """
        return (await self._ask(self._link(name), name, fields)).answer.result()

    async def action_list(self, name: str, complete_event: str, **fields: str) -> list[tuple[str, Fields]]:
        """Do an action that answers with a list, such as QueueStatus; return that list.

        `complete_event` (QueueStatusComplete) ends it and is not part of it.
        Raises `ManagerError` as `action` does.
        """
        return (await self._ask(self._link(name), name, fields, until=complete_event)).events

    # ----------------------------------------------------------------- the link

    async def _session(self) -> None:
        lost = asyncio.Event()
        connection = await self._connect(lost)
        try:
            await self._ask(connection, "Login", self._login)
            self._connection = connection
            self.sessions += 1
            self._pause_s = FIRST_PAUSE_S
            log.info("manager_connected")
            await self._keep_alive(lost)
        finally:
            self._connection = None
            connection.close()
            self._fail_all()

    async def _connect(self, lost: asyncio.Event) -> ManagerConnection:
        loop = asyncio.get_running_loop()

        def on_lost() -> None:
            lost.set()
            self._fail_all()

        peer = socket.socket()
        try:
            peer.setblocking(False)
            async with asyncio.timeout(self._timeout_s):
                await loop.sock_connect(peer, (self._host, self._port))
            peer.setblocking(True)
        except BaseException:
            peer.close()
            raise
        return ManagerConnection(
            peer,
            on_pack=lambda pack: loop.call_soon_threadsafe(self._received, pack),
            on_lost=lambda: loop.call_soon_threadsafe(on_lost),
        )

    async def _keep_alive(self, lost: asyncio.Event) -> None:
        while not lost.is_set():
            try:
                async with asyncio.timeout(self._ping_s):
                    await lost.wait()
            except TimeoutError:
                await self.action("Ping")
        raise ManagerError("Asterisk closed the Manager link")

    def _link(self, name: str) -> ManagerConnection:
        if self._connection is None:
            raise ManagerError(
                f"{name}: no link to the Asterisk Manager at {self._host}:{self._port}; is Asterisk up?"
            )
        return self._connection

    def _fail_all(self) -> None:
        for question in self._questions.values():
            question.fail(f"the Manager link was lost before Asterisk answered {question.name}")

    # ----------------------------------------------------------------- what goes and comes

    async def _ask(
        self, connection: ManagerConnection, name: str, fields: Fields, until: str | None = None
    ) -> _Question:
        action_id = str(next(self._ids))
        fields = {**fields, "ActionID": action_id}
        _check({"Action": name, **fields})
        question = _Question(name, asyncio.get_running_loop().create_future(), until)
        self._questions[action_id] = question
        try:
            connection.send(Action(name, fields))
            async with asyncio.timeout(self._timeout_s):
                await question.answer
        except TimeoutError:
            raise ManagerError(f"Asterisk did not answer {name} within {self._timeout_s:g} s") from None
        except OSError as error:
            raise ManagerError(f"{name} could not be sent to Asterisk: {error}") from error
        finally:
            del self._questions[action_id]
        return question

    def _received(self, pack: str) -> None:
        fields = _parse(pack)
        question = self._questions.get(fields.get("ActionID", ""))
        answered = question is not None and question.take(fields)
        if "Event" in fields and not answered:
            self._publish(fields)

    def _publish(self, fields: Fields) -> None:
        for callback in self._subscribers:
            try:
                callback(fields["Event"], fields)
            except Exception as error:
                self._failures.add(type(error).__name__)


def _parse(pack: str) -> dict[str, str]:
    """Return the fields of a pack; repeated ones are joined, so that none smuggled in hides another."""
    fields: dict[str, str] = {}
    for line in pack.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            value = value.strip()
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


def _check(fields: Fields) -> None:
    for name, value in fields.items():
        line = f"{name}: {value}"
        if _LINE_BREAK.search(line):
            raise ManagerError(
                f"Manager field {name!r} holds a line break; Asterisk would take the rest as a field"
            )
        if len(line.encode(errors="replace")) > MAX_LINE:
            raise ManagerError(f"Manager field {name!r} is over {MAX_LINE} bytes; Asterisk would drop it")


@dataclass(frozen=True, slots=True)
class _Call:
    channel: str
    number: str | None


class ManagerControl:
    """`CallControl` by the Manager; knows which call is which channel from the dialplan's user events."""

    def __init__(self, client: ManagerClient) -> None:
        self._client = client
        self._calls: dict[str, _Call] = {}
        self._awaited: dict[str, asyncio.Event] = {}
        self._refusals = Refusals("call_event_refused")
        client.subscribe(self._on_event)

    async def caller_number(self, call_id: str) -> str | None:
        """Return the caller's number; None when withheld, or not told within 200 ms."""
        key = _call_key(call_id)
        if key is None:
            return None
        if key not in self._calls and self._client.connected:
            arrived = self._awaited.setdefault(key, asyncio.Event())
            with suppress(TimeoutError):
                async with asyncio.timeout(CALLER_WAIT_S):
                    await arrived.wait()
            self._awaited.pop(key, None)
        call = self._calls.get(key)
        return call.number if call else None

    async def set_context(self, call_id: str, variables: Mapping[str, str]) -> bool:
        """Set channel variables, cleaned by `clean_value`; return whether all were confirmed in 300 ms."""
        try:
            async with asyncio.timeout(CONTEXT_WAIT_S):
                channel = await self._channel(call_id)
                await asyncio.gather(*(self._set(channel, *item) for item in variables.items()))
        except (ManagerError, TimeoutError) as error:
            log.warning("context_not_set", call_id=call_id, error=str(error) or type(error).__name__)
            return False
        return True

    async def finish(self, call_id: str) -> bool:
        """Set VB_OUTCOME to hangup; return whether Asterisk confirmed."""
        return await self.set_context(call_id, {"VB_OUTCOME": "hangup"})

    async def _set(self, channel: str, name: str, value: str) -> None:
        if not _VARIABLE.fullmatch(name):
            raise ManagerError(
                f"{name!r} is not the name of a channel variable (capitals, digits, underscores)"
            )
        await self._client.action("Setvar", Channel=channel, Variable=name, Value=clean_value(value))

    async def _channel(self, call_id: str) -> str:
        key = _call_key(call_id)
        if key is None:
            raise ManagerError(f"{call_id!r} is no call of Asterisk's")
        if key not in self._calls:
            await self._look_up(key)
        return self._calls[key].channel

    async def _look_up(self, key: str) -> None:
        """Find a call whose user event we missed, as the link was down: its channel is with AudioSocket."""
        for _, fields in await self._client.action_list("Status", "StatusComplete"):
            if fields.get("Application") == "AudioSocket" and fields.get("Data", "").startswith(key):
                self._add(key, fields["Channel"], fields.get("CallerIDNum", ""))
                return
        raise ManagerError("no channel of Asterisk's carries this call")

    def _on_event(self, name: str, fields: Fields) -> None:
        key = _call_key(fields.get("CallUUID", ""))
        if name != "UserEvent" or key is None:
            return
        if fields.get("UserEvent") == "VoicebotEnd":
            self._calls.pop(key, None)
        elif fields.get("UserEvent") == "VoicebotCall":
            self._remember(key, fields)

    def _remember(self, key: str, fields: Fields) -> None:
        channel, number = fields.get("VbChannel", ""), fields.get("VbCaller", "")
        # Asterisk's own word on the channel cannot be forged; Setvar without one would set a global variable
        if not channel or channel != fields.get("Channel"):
            self._refusals.add("forged")
            return
        self._add(key, channel, number)
        if key in self._awaited:
            self._awaited.pop(key).set()

    def _add(self, key: str, channel: str, number: str) -> None:
        self._calls[key] = _Call(channel, number if _NUMBER.fullmatch(number) else None)
        while len(self._calls) > MAX_CALLS:
            del self._calls[next(iter(self._calls))]


def _call_key(call_id: str) -> str | None:
    """Return the UUID as Asterisk writes it, or None when it is none."""
    try:
        key = str(uuid.UUID(call_id))
    except ValueError:
        return None
    return key if key == call_id.lower() else None
