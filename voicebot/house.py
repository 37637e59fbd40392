"""What all calls of a process share: bot, model, voice, understanding, back-end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicebot.backends import Backend, DemoShop, Order, Reply, State, checked
from voicebot.bot_model import open_bot_model
from voicebot.clock import Clock, WallClock
from voicebot.dialogue import PHONE, STORE_CALLBACK, Bot, callback_bot, load_bot
from voicebot.errors import BackendError, BotError
from voicebot.event_json import encode
from voicebot.events import Entry, Message
from voicebot.handoff import ContextPackage
from voicebot.hearing import Model, choose_model, load_model
from voicebot.records import CallbackDesk, MemoryCallbacks, Redactor, human_denied
from voicebot.speaking import PromptCache, Synthesiser, Voice, normalise
from voicebot.telephony import URGENT, CallControl, DialplanSettings, MemoryControl, first_leg
from voicebot.understanding import IntentSpec, SlotSpec, Understanding

__all__ = [
    "STORE_CALLBACK",
    "Backend",
    "House",
    "Reply",
    "State",
    "SyntheticCaller",
    "as_stored",
    "callback_house",
    "check_actions",
    "dialplan_of",
    "house_with_analysis",
    "human_denied",
    "open_house",
    "open_rehearsal_house",
    "queue_prompts",
    "shop",
    "specs_of",
    "understanding_of",
]


@dataclass(frozen=True, slots=True)
class House:
    """What all calls of a process share."""

    bot: Bot
    understanding: Understanding
    model: Model
    synthesiser: Synthesiser
    backend: Backend
    callbacks: CallbackDesk
    control: CallControl
    clock: Clock
    note: Callable[[Entry], None]
    """Takes each line of a call's log; never blocks."""
    prepare: Callable[[ContextPackage], Mapping[str, str]] = lambda package: {}
    """Makes ready what a human gets to see and hear; returns the channel variables that lead there."""

    def do(self, call_id: str, action: str, arguments: Mapping[str, str]) -> Reply:
        """Do an action for a call: our own ``store_callback``, or one of the back-end's.

        Blocking, from any thread; raises BackendError or RecordsError.
        """
        if action != STORE_CALLBACK:
            return checked(self.backend.do(action, arguments))
        now = self.clock.now().isoformat(timespec="seconds")
        self.callbacks.add(first_leg(call_id), arguments[PHONE], now)
        return Reply("stored")

    def spoken(self, text: str) -> str:
        """Return written Dutch as the bot's voice says it."""
        return normalise(text, self.bot.respell)

    @property
    def voice(self) -> Voice:
        """The bot's own voice."""
        return voice_of(self.bot)


def open_house(
    bot: Bot,
    *,
    model: Path,
    cache: Path,
    backend: Backend,
    callbacks: CallbackDesk,
    control: CallControl,
    clock: Clock,
    note: Callable[[Entry], None],
    synthesis_processes: int = 1,
) -> House:
    """Load the model and the voice; close the returned house's synthesiser when done."""
    return House(
        bot=bot,
        understanding=understanding_of(bot),
        model=load_model(model),
        synthesiser=Synthesiser(workers=synthesis_processes, cache=PromptCache(cache)),
        backend=backend,
        callbacks=callbacks,
        control=control,
        clock=clock,
        note=note,
    )


def open_rehearsal_house(name: str, work: Path, model: Path | None = None) -> House:
    """Open a bot's house for replay: nothing leaves it, and everything spoken is kept, as nobody is real.

    Prompts and the bot's own speech model are kept in `work`; it is made from that in `model`, or the best
    here. Each replayed call puts its own clock, control and back-end in.
    """
    tell = partial(print, "voicebot:", file=sys.stderr)
    own = open_bot_model(name, choose_model(model).path, work / "models", tell)  # as long as we live
    return House(
        bot=(bot := load_bot(name)),
        understanding=understanding_of(bot),
        model=load_model(own.path),
        synthesiser=Synthesiser(cache=PromptCache(work / "prompts"), keeps_personal=True),
        backend=DemoShop(today=date.today),
        callbacks=MemoryCallbacks(),
        control=MemoryControl(),
        clock=WallClock(),
        note=lambda entry: None,
    )


def callback_house(house: House) -> House:
    """Return the house for callers who come to leave a number: all the same, but for the bot."""
    bot = callback_bot(house.bot)
    return replace(house, bot=bot, understanding=understanding_of(bot), prepare=lambda package: {})


def house_with_analysis(house: House, on: bool) -> House:
    """Return the house with a bot that listens for irritation in the voice, or does not."""
    escalation = house.bot.escalation.model_copy(update={"voice": on})
    return replace(house, bot=house.bot.model_copy(update={"escalation": escalation}))


def as_stored(messages: Iterable[Message]) -> str:
    """Return a call's log as the event store would hold it, redacted, as JSON lines."""
    redactor = Redactor()
    return "\n".join(json.dumps(encode(redactor.redact(message)), ensure_ascii=False) for message in messages)


def shop(orders: Sequence[Mapping[str, Any]] | None, today: Callable[[], date]) -> DemoShop:
    """Return a demo shop in memory, with these orders or its own; raises BackendError for a wrong one."""
    if orders is None:
        return DemoShop(today=today)
    try:
        return DemoShop(today=today, orders=[Order(**order) for order in orders])
    except TypeError as problem:
        raise BackendError(f"not an order: {problem}") from None


def check_actions(bot: Bot, known: Collection[str]) -> None:
    """Raise BotError for an action that neither the back-end does, which has these `known` ones, nor we."""
    there = sorted({*known, STORE_CALLBACK})
    for action in bot.actions:
        if action not in there:
            listed = ", ".join(there)
            raise BotError(f"actions: no back-end does {action!r}; there is {listed}", quote=f"{action}:")


def voice_of(bot: Bot) -> Voice:
    """Return a bot's own voice."""
    return Voice(bot.voice.name, bot.voice.rate_wpm)


def dialplan_of(bot: Bot) -> DialplanSettings:
    """Return what a dialplan takes from a bot, but for its opening hours: queues, skills, subjects."""
    skilled: dict[tuple[str, str], int] = {}
    for one in bot.escalation.treatment.values():
        if one.skill or one.priority:
            pair = one.queue or bot.queue, one.skill or URGENT
            skilled[pair] = max(one.priority, skilled.get(pair, 1))
    return DialplanSettings(
        queue=bot.queue,
        other_queues=tuple(name for name in bot.queues if name != bot.queue),
        skilled=dict(sorted(skilled.items())),
        topics={name: intent.label for name, intent in bot.intents.items()},
        timezone=bot.timezone,
    )


def queue_prompts(
    bot: Bot, synthesiser: Synthesiser, settings: DialplanSettings
) -> dict[str, NDArray[np.int16]]:
    """Return what the dialplan says, in the bot's voice: name -> int16 mono 8 kHz, shape (n,)."""
    return {
        name: synthesiser.speak(normalise(text, bot.respell), voice_of(bot))
        for name, text in settings.prompts.items()
    }


def specs_of(bot: Bot) -> tuple[dict[str, IntentSpec], dict[str, SlotSpec]]:
    """Return a bot's intents and slots, as far as they are about language."""
    intents = {name: IntentSpec(spec.templates) for name, spec in bot.intents.items()}
    slots = {name: SlotSpec(spec.type, spec.length) for name, spec in bot.slots.items()}
    return intents, slots


def understanding_of(bot: Bot) -> Understanding:
    """Train what a bot understands."""
    return Understanding(*specs_of(bot), bot.escalation.risks)


class SyntheticCaller:
    """A voice for callers who are none; starts when it is first needed."""

    def __init__(self) -> None:
        self._synthesiser: Synthesiser | None = None

    def say(self, text: str, voice: str, rate_wpm: int) -> NDArray[np.int16]:
        """Return `text` (as one would say it) spoken: int16 mono 8 kHz, shape (n,)."""
        self._synthesiser = self._synthesiser or Synthesiser()
        return self._synthesiser.speak(normalise(text), Voice(voice, rate_wpm))

    def close(self) -> None:
        """Stop the voice."""
        if self._synthesiser is not None:
            self._synthesiser.close()
