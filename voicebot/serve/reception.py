"""What the calls of a worker share, from before the first of them until after the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

import structlog

from voicebot.backends import NOT_FOUND, DemoShop, FailedTries, LimitedBackend
from voicebot.bot_model import BotModel, find_bot_model
from voicebot.call import Call
from voicebot.clock import WallClock
from voicebot.dialogue import load_bot
from voicebot.errors import RecordsError
from voicebot.events import SupervisorAsked
from voicebot.handoff import ORDER
from voicebot.handover import HandoverDesk
from voicebot.hearing import choose_model
from voicebot.house import House, callback_house, open_house
from voicebot.records import Callbacks, Contexts, EventLog, EventStore, FeedSender, Outbox
from voicebot.serve.settings import Settings
from voicebot.serve.supervised import MOST_STUCK
from voicebot.speaking import warm
from voicebot.telephony import CallControl, CallTransport, ManagerClient, ManagerControl, is_callback_leg

THREADS_A_CALL: Final = 3
"""Recognition, a sentence and a back-end; so one call that hangs takes nothing from another."""
HANDOVER: Final = "VoicebotHandover"
"""The event of the Manager that tells other systems of a hand-over."""
NUMBER_S: Final = 1.0
"""For the caller's number, which was asked for at the start of the call already."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reception:
    """Takes calls, each in the right house."""

    house: House
    """Of who calls us."""
    desk: House
    """Of who is called back."""
    clock: WallClock
    events: EventLog
    tries: FailedTries
    control: CallControl
    loop: asyncio.AbstractEventLoop
    background: list[asyncio.Task[None]] = field(default_factory=list)
    calls: WeakValueDictionary[str, Call] = field(default_factory=WeakValueDictionary)
    """Those that go on, by id."""

    def keep(self, going: Coroutine[None, None, None]) -> None:
        """Have this go on until all else is closed."""
        self.background.append(self.loop.create_task(going))

    async def prepare(self) -> None:
        """Render all that is always said the same."""
        house = self.house
        prompts = [*house.bot.static_prompts(), *self.desk.bot.static_prompts()]
        await warm(prompts, house.synthesiser, house.voice, self.clock.run, house.bot.respell)

    def call_on(self, line: CallTransport) -> Call:
        """Return the call on a line; what the caller may guess there is limited."""
        call = self.calls[line.call_id] = self._make_call(line)
        return call

    def obey(self, event: str, fields: Mapping[str, str]) -> None:
        """Take a supervisor's order for one of our calls, from an event of the Manager."""
        if event != "UserEvent" or fields.get("UserEvent") != ORDER:
            return
        order, phone = fields.get("Order", ""), fields.get("Phone", "")
        call = self.calls.get(fields.get("CallUUID", ""))
        if call is not None and order in ("take_over", "end"):
            call.tell(SupervisorAsked(order, phone))

    def _make_call(self, line: CallTransport) -> Call:
        if is_callback_leg(line.call_id):
            return Call(line, self.desk)
        actions = self.house.bot.actions.items()
        guessable = {name for name, action in actions if NOT_FOUND in action.outcomes}
        number = partial(self._number_of, line.call_id)
        backend = LimitedBackend(self.house.backend, self.tries, number, guessable)
        return Call(line, replace(self.house, backend=backend))

    def _number_of(self, call_id: str) -> str:
        """Return the caller's number, "" when there is none; on another thread than the loop's."""
        asking = asyncio.run_coroutine_threadsafe(self.control.caller_number(call_id), self.loop)
        try:
            return asking.result(NUMBER_S) or ""
        except TimeoutError:
            asking.cancel()
            return ""


@asynccontextmanager
async def open_reception(settings: Settings, feed: Path) -> AsyncIterator[Reception]:
    """Open what calls need, and close it when they are over; events go to the store and to the `feed`."""
    bot = load_bot(settings.bot)
    threads = THREADS_A_CALL * settings.calls_per_worker + MOST_STUCK
    clock = WallClock(ThreadPoolExecutor(threads, thread_name_prefix="work"), ZoneInfo(bot.timezone))
    access = settings.manager
    manager = ManagerClient(
        access.address.host, access.address.port, access.user, access.secret.get_secret_value()
    )
    control = ManagerControl(manager)
    with (
        closing(EventStore.in_folder(settings.data)) as store,
        closing(Callbacks.in_folder(settings.data, settings.callbacks.lives)) as callbacks,
        closing(Contexts.in_folder(settings.data)) as contexts,
        closing(Outbox.in_folder(settings.data)) as outbox,
        _own_model(settings) as model,
    ):
        events = EventLog(store, clock.run, on_redacted=[FeedSender(feed).send])
        house = open_house(
            bot,
            model=model.path,
            cache=settings.data / "prompts",
            backend=DemoShop(settings.data / "shop.db", today=date.today),
            callbacks=callbacks,
            control=control,
            clock=clock,
            note=events.note,
            synthesis_processes=settings.synthesis_processes,
        )
        handovers = HandoverDesk(
            pages=settings.pages,
            briefings=settings.briefings_folder,
            keeper=contexts,
            sender=outbox if settings.webhook else None,
            speak=lambda text: house.synthesiser.speak(house.spoken(text), house.voice),
            announce=lambda fields: manager.action("UserEvent", UserEvent=HANDOVER, **fields),
            run=clock.run,
            now=clock.now,
        )
        house = replace(house, prepare=handovers.prepare)
        tries = FailedTries(settings.data, settings.failed_tries, settings.failed_tries_withheld)
        loop = asyncio.get_running_loop()
        reception = Reception(house, callback_house(house), clock, events, tries, control, loop)
        manager.subscribe(reception.obey)
        reception.keep(manager.run())
        reception.keep(events.run())
        try:
            yield reception
        finally:
            with suppress(RecordsError):  # it said so itself, and the rest must still stop
                await events.flush()
            await handovers.close()
            await asyncio.to_thread(house.synthesiser.close)
            for task in reception.background:
                task.cancel()
            await asyncio.gather(*reception.background, return_exceptions=True)


def _own_model(settings: Settings) -> BotModel:
    """Return the bot's own speech model; the parent saw to it that it is there, where that could be."""
    base = choose_model(settings.model).path
    if own := find_bot_model(settings.bot, base, settings.data / "models"):
        return own
    log.warning("speech model without the words of the bot", model=base.name)
    return BotModel(base)
