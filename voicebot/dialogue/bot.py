"""What a bot is: the schema of its YAML folder. Wording, intents, slots, flows, actions, queues; no code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from voicebot.dialogue.escalation import EscalationSpec
from voicebot.dialogue.steps import (
    AskSpec,
    CallSpec,
    ConfirmSpec,
    FinishSpec,
    Name,
    Part,
    RetrySpec,
    SaySpec,
    Step,
    walk,
)

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PHONE = "phone_number"
"""The slot of a number to call back."""


class IntentSpec(Part):
    """What callers say for one wish, as hassil templates."""

    templates: tuple[str, ...] = Field(min_length=1)
    label: str
    """What the agent reads after "De beller belt over", such as ``een klacht``."""


class SlotSpec(Part):
    """One piece of information the bot can ask for."""

    type: Literal["digits", "postcode", "phone", "yes_no"]
    length: int | None = Field(default=None, ge=1, le=30)
    personal: bool = True
    from_caller: bool = False
    """Begins as the number that the caller calls from, where that is known; to be confirmed, not asked."""
    question: str
    hint: str
    """The question again, in other words, after a no-match or silence."""


class ActionSpec(Part):
    """What a back-end action needs and can answer."""

    arguments: tuple[Name, ...] = ()
    outcomes: tuple[Name, ...]
    facts: tuple[Name, ...] = ()
    only_reads: bool = False
    """It changes nothing, so it can be done, and done again, before the caller's turn is over for good."""


class OpenHours(Part):
    """Opening hours that several days share."""

    days: tuple[Day, ...]
    opens: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes: str = Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> OpenHours:
        if self.closes <= self.opens:
            raise ValueError(f"closes at {self.closes}, before it opens at {self.opens}; split them at 24:00")
        return self


class QueueSpec(Part):
    """A queue of human agents; without hours it never closes."""

    hours: tuple[OpenHours, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Return whether agents answer at `now`, local time."""
        day, time = _DAYS[now.weekday()], f"{now:%H:%M}"
        return not self.hours or any(
            day in part.days and part.opens <= time < part.closes for part in self.hours
        )


class VoiceSpec(Part):
    """The bot's own voice; `voicebot voices list` has the names."""

    name: str = "nl"
    rate_wpm: int = Field(default=140, ge=80, le=300)


class Limits(Part):
    """When trying ends and a human takes over."""

    no_match: int = Field(default=2, ge=1, le=5)
    no_input: int = Field(default=2, ge=1, le=5)
    no_input_after_ms: int = Field(default=6000, ge=2000, le=60_000)
    call_minutes: int = Field(default=15, ge=1, le=120)
    sure: float = Field(default=0.5, ge=0, le=1)
    """Least certainty of words whose value need not be read back (`ConfirmSpec.when`)."""


_MACHINE = (
    r"computer|robot|machine|automatisch|digitale (assistent|medewerker|collega)|chatbot|voicebot|kunstmatige"
)
"""How a disclosure can say that no human speaks."""


class Prompts(Part):
    """The sentences every bot needs."""

    disclosure: str
    """First, never interrupted: a machine, whose, what it can do, and that "medewerker" always works."""
    opening: str
    no_match: str
    no_input: str
    anything_else: str
    still_busy: str = "Een ogenblik, ik zoek het voor u op."
    """When a back-end takes longer than 0.8 s."""
    take_your_time: str = "Neem rustig de tijd."
    """To who asks for a moment."""
    slower: str = "Goed, ik praat langzamer."
    """To who asks for it; from then on the whole call is slower."""
    help: str = "U kunt mijn vraag beantwoorden. Of zeg: herhaal, langzamer, stop, of medewerker."
    """To who does not know what to say; best also what this bot can do. The open question follows."""
    misunderstood: str = "Sorry, dan heb ik u verkeerd begrepen."
    """To who meant something else; the opening question follows."""
    stopped: str = "Goed, ik stop."
    """To who says "stop"; "anything else?" follows."""
    restarted: str = "Goed, we beginnen opnieuw."
    """To who wants to begin again; the opening question follows."""
    goodbye: str
    handoff: Mapping[Name, str]
    """By reason; ``default`` for every other, and ``closed`` for all of them outside opening hours."""

    @field_validator("disclosure")
    @classmethod
    def _names_the_human(cls, text: str) -> str:
        if "medewerker" not in text.lower():
            raise ValueError('the disclosure must say that "medewerker" always works')
        return _names_the_machine(text)

    @field_validator("handoff")
    @classmethod
    def _has_default(cls, texts: Mapping[str, str]) -> Mapping[str, str]:
        return _with_default(texts)


class CallbackSpec(Part):
    """What is said to take a number to call back, when no agent could answer; any bot can use it as it is."""

    disclosure: str = "U spreekt met de computer van {company}. Wij bellen u graag terug."
    """First, never interrupted: it may be the first that this caller hears of the machine."""
    offer: str = "U belt met nummer {phone_number}. Zullen wij u op dat nummer terugbellen?"
    question: str = "Op welk telefoonnummer kunnen wij u terugbellen?"
    hint: str = "Noem de tien cijfers van uw telefoonnummer, of toets ze in."
    confirm: str = "Uw nummer is {phone_number}. Klopt dat?"
    still_busy: str = "Een ogenblik, ik schrijf het voor u op."
    done: str = "Dank u wel. Wij bellen u zo snel mogelijk terug. Tot ziens."
    goodbye: str = "Goed. Tot ziens."
    """For who wants no call-back after all."""
    handoff: Mapping[Name, str] = Field(
        default_factory=lambda: {
            "default": "U kunt nu een bericht inspreken.",
            "asked_for_human": "Er is nu geen medewerker bereikbaar. U kunt wel een bericht inspreken.",
            "not_understood": "Ik kan u niet goed verstaan. U kunt nu een bericht inspreken.",
            "backend_failed": "Ik kan uw nummer nu niet opschrijven. U kunt wel een bericht inspreken.",
        }
    )
    """Before the message after the tone, by reason; ``default`` for every other."""

    @field_validator("disclosure")
    @classmethod
    def _discloses(cls, text: str) -> str:
        return _names_the_machine(text)

    @field_validator("handoff")
    @classmethod
    def _has_default(cls, texts: Mapping[str, str]) -> Mapping[str, str]:
        return _with_default(texts)

    @model_validator(mode="after")
    def _fills_what_is_known(self) -> CallbackSpec:
        for name, text in self:
            known = {"disclosure": ["company"], "offer": [PHONE], "confirm": [PHONE]}.get(name, [])
            for part in text.values() if isinstance(text, Mapping) else (text,):
                for place in set(_places(part)) - set(known):
                    raise ValueError(f"{name!r} has the place {{{place}}}, which is not known there")
        for name in ("offer", "confirm"):
            if PHONE not in _places(getattr(self, name)):
                raise ValueError(f"{name!r} must read {{{PHONE}}} back")
        return self


def _names_the_machine(text: str) -> str:
    if not re.search(_MACHINE, text.lower()):
        raise ValueError(
            "the disclosure must say that a machine speaks, such as a computer (AI Act, art. 50)"
        )
    return text


def _with_default(texts: Mapping[str, str]) -> Mapping[str, str]:
    if "default" not in texts:
        raise ValueError('the handoff prompts need one named "default"')
    return texts


class SurveySpec(Part):
    """What is asked of a caller who was helped, before the goodbye; silence skips both questions."""

    helped: str = "Bent u hiermee geholpen?"
    score: str = "Welk cijfer geeft u dit gesprek? Zeg of toets een cijfer van één tot en met vijf."
    thanks: str = "Dank u wel."


class Bot(Part):
    """One whole bot."""

    name: Name
    company: str
    timezone: str = "Europe/Amsterdam"
    voice: VoiceSpec = VoiceSpec()
    respell: Mapping[str, str] = Field(default_factory=dict)
    """Written word -> how to write it so that the voice says it well."""
    limits: Limits = Limits()
    queue: Name
    """The queue that humans are called from."""
    queues: Mapping[Name, QueueSpec]
    prompts: Prompts
    intents: Mapping[Name, IntentSpec]
    slots: Mapping[Name, SlotSpec] = Field(default_factory=dict)
    actions: Mapping[Name, ActionSpec] = Field(default_factory=dict)
    flows: Mapping[Name, tuple[Step, ...]]
    """By intent."""
    begins_with: Name | None = None
    """The flow that a call begins with; None: with the open question."""
    escalation: EscalationSpec = EscalationSpec()
    survey: SurveySpec | None = None
    """Asked at the end; None: nothing is."""
    callback: CallbackSpec = Field(default_factory=CallbackSpec)
    version: str = ""
    """Hash of the bot's files; set by the loader."""

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"no such time zone: {name}") from None
        return name

    @model_validator(mode="after")
    def _names_exist(self) -> Bot:
        problem = next(_unknown_names(self), None)
        if problem:
            raise ValueError(problem)
        return self

    def fixed_prompts(self) -> Iterator[tuple[str, str, str]]:
        """Yield (section, name, text) of every sentence outside the flows."""
        for name, text in self.prompts:
            if isinstance(text, str):
                yield "prompts", name, text
        for reason, text in self.prompts.handoff.items():
            yield "prompts", f"handoff.{reason}", text
        for name in ("notice",) * self.escalation.voice + ("refused", "apology"):
            yield "escalation", name, getattr(self.escalation, name)
        for name, text in self.survey or ():
            yield "survey", name, text
        for slot, spec in self.slots.items():
            yield "slots", slot, spec.question
            yield "slots", slot, spec.hint

    def static_prompts(self) -> list[str]:
        """Return every sentence without a place to fill in: what can be rendered before any call."""
        texts = [text for _, _, text in self.fixed_prompts()]
        for flow in self.flows.values():
            texts += [step.say for step in walk(flow) if isinstance(step, SaySpec | RetrySpec | FinishSpec)]
        return [text for text in dict.fromkeys(texts) if text and "{" not in text]


def _unknown_names(bot: Bot) -> Iterator[str]:
    """Yield a sentence for every name that leads nowhere."""
    if bot.queue not in bot.queues:
        yield f"queue: {bot.queue!r} is not among the queues"
    for reason, treatment in bot.escalation.treatment.items():
        if treatment.queue not in (None, *bot.queues):
            yield f"escalation: {reason!r} goes to {treatment.queue!r}, which is not among the queues"
    for intent in bot.intents:
        if intent not in bot.flows:
            yield f"intents: {intent!r} has no flow"
    for action, needs in bot.actions.items():
        for argument in needs.arguments:
            if argument not in bot.slots:
                yield f"actions: {action!r} needs {argument!r}, which is not a slot"
    for section, name, text in bot.fixed_prompts():
        for place in _places(text):
            yield f"{section}: {name!r} has the place {{{place}}}, but only flows can fill places in"
    if bot.begins_with is not None and bot.begins_with not in bot.flows:
        yield f"begins_with: {bot.begins_with!r} is not a flow"
    for name, flow in bot.flows.items():
        if name not in bot.intents and name != bot.begins_with:
            yield f"flows: {name!r} is not an intent"
        yield from _unknown_in(bot, f"flows: {name!r}", flow, frozenset())


def _unknown_in(bot: Bot, where: str, steps: tuple[Step, ...], known: frozenset[str]) -> Iterator[str]:
    """Walk a flow as a call would; `known` are the slots and facts that have a value by then."""
    for step in steps:
        match step:
            case AskSpec(ask=slot):
                if slot not in bot.slots:
                    yield f"{where} asks {slot!r}, which is not a slot"
                known |= {slot}
            case RetrySpec(retry=slots, say=text):
                for slot in slots:
                    if slot not in bot.slots:
                        yield f"{where} forgets {slot!r}, which is not a slot"
                yield from _unknown_places(where, text, known)
            case ConfirmSpec(confirm=slot, say=text):
                if slot not in bot.slots:
                    yield f"{where} confirms {slot!r}, which is not a slot"
                elif slot not in known and not bot.slots[slot].from_caller:
                    yield f"{where} confirms {slot!r} without having asked it"
                yield from _unknown_places(where, text, known | {slot})
            case SaySpec(say=text) | FinishSpec(say=text):
                yield from _unknown_places(where, text, known)
            case CallSpec():
                yield from _unknown_in_call(bot, where, step, known)


def _unknown_in_call(bot: Bot, where: str, call: CallSpec, known: frozenset[str]) -> Iterator[str]:
    action = bot.actions.get(call.call)
    if action is None:
        yield f"{where} calls {call.call!r}, which is not an action"
        return
    for argument in action.arguments:
        if argument not in known:
            yield f"{where} calls {call.call!r} without having asked {argument!r}"
    for outcome in sorted(set(action.outcomes) - set(call.on)):
        yield f"{where} does not say what to do when {call.call} gives {outcome!r}"
    for outcome in sorted(set(call.on) - set(action.outcomes)):
        yield f"{where} has a branch {outcome!r}, which {call.call} never gives"
    for branch in call.on.values():
        yield from _unknown_in(bot, where, branch, known | set(action.facts))


def _unknown_places(where: str, text: str, known: frozenset[str]) -> Iterator[str]:
    for place in _places(text):
        if place not in known:
            yield f"{where} says {{{place}}}, which is neither a slot asked nor a fact known by then"


def _places(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)
