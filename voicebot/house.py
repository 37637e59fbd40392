"""What all calls of a process share: bot, model, voice, understanding, back-end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voicebot.backends import Backend
from voicebot.clock import Clock
from voicebot.dialogue import Bot
from voicebot.events import Entry
from voicebot.hearing import Model, load_model
from voicebot.speaking import PromptCache, Synthesiser, Voice
from voicebot.telephony import CallControl
from voicebot.understanding import IntentSpec, SlotSpec, Understanding


@dataclass(frozen=True, slots=True)
class House:
    """What all calls of a process share."""

    bot: Bot
    understanding: Understanding
    model: Model
    synthesiser: Synthesiser
    backend: Backend
    control: CallControl
    clock: Clock
    note: Callable[[Entry], None]
    """Takes each line of a call's log; never blocks."""

    @property
    def voice(self) -> Voice:
        """The bot's own voice."""
        return Voice(self.bot.voice.name, self.bot.voice.rate_wpm)


def open_house(
    bot: Bot,
    *,
    model: Path,
    cache: Path,
    backend: Backend,
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
        control=control,
        clock=clock,
        note=note,
    )


def understanding_of(bot: Bot) -> Understanding:
    """Train what a bot understands."""
    intents = {name: IntentSpec(spec.templates) for name, spec in bot.intents.items()}
    slots = {name: SlotSpec(spec.type, spec.length) for name, spec in bot.slots.items()}
    return Understanding(intents, slots)
