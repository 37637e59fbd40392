"""What the agent gets to know when a call is handed over; told in events, never in personal values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voicebot.events import BackendReplied, CallBackend, Message, Personal, Transfer, UtteranceEnded

LONGEST_SUMMARY = 200
"""Characters; more does not fit in a channel variable and a SIP header."""

REASON_SENTENCES = {
    "asked_for_human": "De beller vroeg om een medewerker.",
    "not_understood": "De bot begreep de beller niet.",
    "no_input": "De bot hoorde de beller niet.",
    "not_identified": "Bestelnummer en postcode hoorden niet bij elkaar.",
    "backend_failed": "Het systeem met de gegevens deed het niet.",
    "out_of_scope": "De bot kan dit niet zelf doen.",
    "fault": "Er ging iets mis in de bot.",
    "time_limit": "Het gesprek met de bot duurde te lang.",
}
"""Reason of a transfer -> what the agent is told about it."""
INTENT_LABELS = {
    "order_status": "de status van een bestelling",
    "opening_hours": "de openingstijden",
    "return_request": "een retour",
    "cancel_order": "het annuleren van een bestelling",
    "change_delivery": "een andere bezorging",
    "invoice_copy": "een kopie van een factuur",
    "complaint": "een klacht",
    "product_question": "een product",
}
"""Intent -> what follows on "De beller belt over"."""
_RESULTS = {
    "on_the_way": "De bestelling is onderweg en komt {delivery_day} {window}.",
    "preparing": "De bestelling wordt ingepakt en komt {delivery_day}.",
    "delivered": "De bestelling is {delivery_day} bezorgd door {carrier}.",
    "delayed": "De bestelling is vertraagd en komt {delivery_day}.",
    "cancelled": "De bestelling is geannuleerd.",
    "not_found": "De bestelling is niet gevonden.",
}


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

    @property
    def variables(self) -> Mapping[str, str]:
        """The channel variables to set."""
        return {
            "VB_REASON": self.reason,
            "VB_INTENT": self.intent,
            "VB_QUEUE": self.queue,
            "VB_SUMMARY": self.summary,
        }


def build_context(call_id: str, transfer: Transfer, messages: Sequence[Message]) -> ContextPackage:
    """Return what the agent should know, given the call's `messages` so far."""
    sentences = [_topic(transfer, messages), *_results(messages), REASON_SENTENCES.get(transfer.reason, "")]
    summary = ""
    for sentence in filter(None, sentences):
        longer = f"{summary} {sentence}".strip()
        if len(longer) <= LONGEST_SUMMARY:
            summary = longer
    return ContextPackage(call_id, transfer.reason, transfer.intent, transfer.queue, summary)


def _topic(transfer: Transfer, messages: Sequence[Message]) -> str:
    if transfer.intent in INTENT_LABELS:
        return f"De beller belt over {INTENT_LABELS[transfer.intent]}."
    if any(isinstance(message, UtteranceEnded) and message.text for message in messages):
        return "Het is nog niet duidelijk waarover de beller belt."
    return "De beller heeft nog niets gezegd."


def _results(messages: Sequence[Message]) -> list[str]:
    """Return what the last look-up gave, in at most one sentence."""
    asked = {message.request for message in messages if isinstance(message, CallBackend)}
    replies = [m for m in messages if isinstance(m, BackendReplied) and m.request in asked]
    if not replies or replies[-1].outcome not in _RESULTS:
        return []
    facts = {k: str(v) for k, v in replies[-1].facts.items() if not isinstance(v, Personal)}
    try:
        return [_RESULTS[replies[-1].outcome].format_map(facts)]
    except KeyError:  # another back-end, with facts of its own
        return []
