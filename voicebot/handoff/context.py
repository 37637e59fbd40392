"""What the agent gets to know when a call is handed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from voicebot.events import Message, SpeechContinued, Transfer, UtteranceEnded
from voicebot.handoff.course import Course, follow
from voicebot.handoff.story import Line, Story
from voicebot.handoff.telling import briefing, callback_briefing, paragraph, tried
from voicebot.values import Personal, Value

LONGEST_SUMMARY = 200
"""Characters; more does not fit in a channel variable and a SIP header."""

REASON_SENTENCES = {
    "asked_for_human": "De beller vroeg om een medewerker.",
    "not_understood": "De bot begreep de beller niet.",
    "no_input": "De bot hoorde de beller niet.",
    "not_identified": "De bot kon de gegevens van de beller niet terugvinden.",
    "backend_failed": "Het systeem met de gegevens deed het niet.",
    "out_of_scope": "De bot kan dit niet zelf doen.",
    "fault": "Er ging iets mis in de bot.",
    "frustrated": "De beller is ontevreden.",
    "risk": "Het gaat om iets wat een mens moet doen.",
    "vip": "Deze beller krijgt meteen een mens.",
    "hard_to_hear": "De beller is slecht te verstaan.",
    "declined": "De beller wil niet verder met de bot.",
    "time_limit": "Het gesprek met de bot duurde te lang.",
    "taken_over": "Een collega wilde dit gesprek overnemen.",
    "callback": "Deze beller wordt teruggebeld.",
    "busy": "De bot had te veel gesprekken tegelijk, in totaal of van dit nummer.",
}
"""Reason of a transfer -> what the agent is told about it."""
_TOKEN = re.compile(r"\s*<\w+>")

Identification: TypeAlias = Literal["identified", "failed", "not_asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextPackage:
    """What goes along with a caller who is handed over."""

    call_id: str = ""
    bot: str = ""
    started_at: str = ""
    """ISO 8601; empty when not known."""
    caller: str = ""
    """Their telephone number; empty when not known."""
    reason: str = ""
    """Why a human is needed: the code in `Transfer.reason`."""
    intent: str = ""
    """What the caller came for; empty when unknown."""
    topic: str = ""
    """The same in Dutch."""
    queue: str = ""
    skill: str = ""
    """What the agent must be good at; empty: nothing special."""
    priority: int = 0
    """Who comes first in the queue: 0 as everybody, higher sooner."""
    summary: str = ""
    """One paragraph of Dutch, at most 200 characters, without personal values."""
    paragraph: str = ""
    """One paragraph of Dutch for the agent, with real values."""
    briefing: str = ""
    """One sentence to whisper to the agent, spoken within 6 s, without personal values."""
    callback_briefing: str = ""
    """The same when the caller is called back."""
    identification: Identification = "not_asked"
    """Whether what the caller gave was found in the company's system; not asked: nothing was looked up."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """What the caller gave last, real values."""
    tried: tuple[str, ...] = ()
    """What the bot looked up and told: Dutch, oldest first, with real values."""
    mood: tuple[tuple[float, float], ...] = ()
    """Seconds since the start of the call, and the frustration then, 0 calm .. 1; in order."""
    evidence: tuple[str, ...] = ()
    """What led to the hand-over, oldest first, in Dutch."""
    transcript: tuple[Line, ...] = ()
    """What was said, without personal values."""

    @property
    def variables(self) -> Mapping[str, str]:
        """The channel variables to set."""
        return {
            "VB_REASON": self.reason,
            "VB_INTENT": self.intent,
            "VB_SUMMARY": self.summary,
            "VB_QUEUE": self.queue,
            "VB_PRIORITY": str(self.priority),
            "VB_SKILL": self.skill,
        }

    def to_json(self) -> str:
        """Return the package as a JSON object; it holds personal values."""
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> ContextPackage:
        """Return the package that `to_json` wrote, in any version; raises ValueError on anything else."""
        try:
            return _ADAPTER.validate_json(text)
        except ValidationError as error:  # which quotes what it read, and that is personal
            raise ValueError(f"no context package: {error.error_count()} fields are wrong") from None


_ADAPTER = TypeAdapter(ContextPackage)


def build_context(
    call_id: str, transfer: Transfer, messages: Sequence[Message], redact: Callable[[Message], Message]
) -> ContextPackage:
    """Return what the agent should know, given the call's `messages` so far.

    `redact` takes personal values out of each message, in order, before it goes into the transcript.
    """
    course = follow(transfer, messages)
    started = course.started
    last_given = course.lookups[-1].given if course.lookups else {}
    return ContextPackage(
        call_id=call_id,
        bot=started.bot if started else "",
        started_at=started.started_at if started else "",
        caller=_real(started.caller) if started and started.caller else "",
        reason=transfer.reason,
        intent=transfer.intent,
        topic=course.topic,
        queue=transfer.queue,
        skill=transfer.skill,
        priority=transfer.priority,
        summary=_summary(course),
        paragraph=paragraph(course),
        briefing=briefing(course),
        callback_briefing=callback_briefing(course),
        identification=_identification(course),
        slots={name: _real(value) for name, value in {**last_given, **transfer.slots}.items()},
        tried=tried(course),
        mood=course.moods,
        evidence=transfer.evidence,
        transcript=_transcript(messages, redact),
    )


def _identification(course: Course) -> Identification:
    answered = [lookup for lookup in course.lookups if lookup.outcome and not lookup.failed]
    if not answered:  # nothing was looked up, or the system was down
        return "not_asked"
    return "identified" if answered[-1].found else "failed"


def _real(value: Value) -> str:
    return value.value if isinstance(value, Personal) else str(value)


def _transcript(messages: Sequence[Message], redact: Callable[[Message], Message]) -> tuple[Line, ...]:
    """Return what was said; also what the caller was still adding to when the call was handed over."""
    story = Story()
    turns = [
        at for at, message in enumerate(messages) if isinstance(message, UtteranceEnded | SpeechContinued)
    ]
    for at, message in enumerate(messages):
        redacted = redact(message)
        if not (isinstance(message, SpeechContinued) and at == turns[-1]):
            story.apply(redacted)
    return tuple(story.lines)


# --------------------------------------------------------------------------- the summary


def _summary(course: Course) -> str:
    transfer = course.transfer
    sentences = [
        _about(course),
        _answer(course),
        REASON_SENTENCES.get(transfer.reason, ""),
        f"De beller {', '.join(transfer.evidence)}." if transfer.reason == "frustrated" else "",
    ]
    summary = ""
    for sentence in filter(None, sentences):
        longer = f"{summary} {sentence}".strip()
        if len(longer) <= LONGEST_SUMMARY:
            summary = longer
    return summary


def _about(course: Course) -> str:
    if course.topic:
        return f"De beller belt over {course.topic}."
    if course.spoke:
        return "Het is nog niet duidelijk waarover de beller belt."
    return "De beller heeft nog niets gezegd."


def _answer(course: Course) -> str:
    """Return what the bot told about the wish last, without personal values."""
    told = [answer for answer in course.answers if answer.intent == course.transfer.intent]
    return f"De bot zei: {_TOKEN.sub('', told[-1].redacted)}" if told else ""
