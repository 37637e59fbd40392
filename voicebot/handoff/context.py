"""What the agent gets to know when a call is handed over; told in events, never in personal values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voicebot.events import CallStarted, Message, PromptStarted, TakeBack, Transfer, UtteranceEnded
from voicebot.values import fill

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
    "busy": "De bot had te veel gesprekken tegelijk, in totaal of van dit nummer.",
}
"""Reason of a transfer -> what the agent is told about it."""
_TOKEN = re.compile(r"\s*<\w+>")


@dataclass(frozen=True, slots=True)
class ContextPackage:
    """What goes along with a caller who is handed over."""

    call_id: str
    reason: str
    """Why a human is needed: the code in `Transfer.reason`."""
    intent: str
    """What the caller came for; empty when unknown."""
    queue: str
    summary: str
    """One paragraph of Dutch, at most 200 characters, without personal values."""
    priority: int = 0
    """Who comes first in the queue: 0 as everybody, higher sooner."""
    skill: str = ""
    """What the agent must be good at; empty: nothing special."""

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


def build_context(call_id: str, transfer: Transfer, messages: Sequence[Message]) -> ContextPackage:
    """Return what the agent should know, given the call's `messages` so far."""
    sentences = [
        _topic(transfer, messages),
        _answer(transfer, messages),
        REASON_SENTENCES.get(transfer.reason, ""),
        f"De beller {', '.join(transfer.evidence)}." if transfer.reason == "frustrated" else "",
    ]
    summary = ""
    for sentence in filter(None, sentences):
        longer = f"{summary} {sentence}".strip()
        if len(longer) <= LONGEST_SUMMARY:
            summary = longer
    return ContextPackage(
        call_id,
        transfer.reason,
        transfer.intent,
        transfer.queue,
        summary,
        transfer.priority,
        transfer.skill,
    )


def _topic(transfer: Transfer, messages: Sequence[Message]) -> str:
    started = next((message for message in messages if isinstance(message, CallStarted)), None)
    if started is not None and transfer.intent in started.topics:
        return f"De beller belt over {started.topics[transfer.intent]}."
    if any(isinstance(message, UtteranceEnded) and message.text for message in messages):
        return "Het is nog niet duidelijk waarover de beller belt."
    return "De beller heeft nog niets gezegd."


def _answer(transfer: Transfer, messages: Sequence[Message]) -> str:
    """Return what the bot told about the wish last, and did not take back; without personal values."""
    name = f"{transfer.intent}.say"
    told: list[PromptStarted] = []
    for message in messages:
        if isinstance(message, PromptStarted) and message.name == name:
            told.append(message)
        elif isinstance(message, TakeBack):
            told = [one for one in told if one.prompt <= message.prompt]
    if not told:
        return ""
    return f"De bot zei: {_TOKEN.sub('', fill(told[-1].template, told[-1].values, reveal=False))}"
