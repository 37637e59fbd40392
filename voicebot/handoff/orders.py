"""What a supervisor can do to a call, by way of Asterisk.

A call with the bot is told of it by its own worker: the order goes out as a user event of the Manager, which
all workers hear, on whatever machine. So the bot still says what happens, and the agent's context goes along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicebot.errors import ManagerError
from voicebot.handoff.agents import Person, Snapshot
from voicebot.telephony import ManagerClient

ORDER = "VoicebotOrder"
"""The user event: CallUUID, Order (``take_over`` or ``end``) and Phone."""
RING_MS = "20000"


class Orders:
    """Take over, listen to, end a call. Raises ManagerError with a sentence for the supervisor."""

    def __init__(
        self,
        client: ManagerClient,
        people: Callable[[], list[Person]],
        snapshot: Snapshot,
        is_with_bot: Callable[[str], bool],
    ) -> None:
        self._client = client
        self._people = people
        self._snapshot = snapshot
        self._is_with_bot = is_with_bot

    async def take_over(self, call_id: str, phone: str) -> None:
        """Have the caller put through to this telephone, whether the bot has them or the queue."""
        self._check(phone)
        if self._is_with_bot(call_id):
            await self._client.action(
                "UserEvent", UserEvent=ORDER, CallUUID=call_id, Order="take_over", Phone=phone
            )
            return
        channel = self._waiting().get(call_id)
        if not channel:  # Setvar without one would set a global variable
            raise ManagerError("Dit gesprek is er niet meer.")
        await self._client.action("Setvar", Channel=channel, Variable="VB_PHONE", Value=phone)
        await self._client.action(
            "Redirect", Channel=channel, Context="voicebot-queue", Exten="s", Priority="1"
        )

    async def end(self, call_id: str) -> None:
        """Have the bot say goodbye; who waits for a human is never sent away."""
        if not self._is_with_bot(call_id):
            raise ManagerError("De bot heeft dit gesprek niet meer.")
        await self._client.action("UserEvent", UserEvent=ORDER, CallUUID=call_id, Order="end", Phone="")

    async def listen(self, call_id: str, phone: str) -> None:
        """Ring this telephone and let it hear the call, unheard itself."""
        self._check(phone)
        channel = await self._channel(call_id)
        await self._client.action(
            "Originate",
            Channel=phone,
            Context="voicebot-listen",
            Exten="s",
            Priority="1",
            CallerID="Meeluisteren <0>",
            Timeout=RING_MS,
            Variable=f"VB_SPY={channel}",
            Async="true",
        )

    def _check(self, phone: str) -> None:
        if not any(one.phone == phone for one in self._people()):
            raise ManagerError("Dit toestel is niet bekend.")

    def _waiting(self) -> Mapping[str, str]:
        waiting = [one for queue in self._snapshot() or () for one in queue.waiting]
        return {one.call_id: one.channel for one in waiting if one.call_id}

    async def _channel(self, call_id: str) -> str:
        """Return the caller's channel, which every list of channels tells by the call's id."""
        listed = await self._client.action_list("Status", "StatusComplete", Variables="VB_CALL")
        for _, fields in listed:
            is_caller = fields.get("Context", "").startswith("voicebot") and "/" in fields.get("Channel", "")
            if is_caller and f"VB_CALL={call_id}" in fields.get("Variable", "").split("\n"):
                return fields["Channel"]
        raise ManagerError("Dit gesprek is er niet meer.")
