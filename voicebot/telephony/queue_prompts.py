"""What the dialplan says itself, to be rendered in the bot's own voice: Asterisk's Dutch is not good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voicebot.telephony.open_hours import OpenHours, written_hours

CALLBACK_KEY = "5"
"""Leaves the queue for a call-back: the key with the dot, and "vijf" sounds like no other digit."""
POSITIONS = 10
"""Places in the queue with a sentence of their own."""
WAIT_STEPS = {1: 90, 2: 150, 3: 240, 5: 450, 10: 750}
"""Minutes that an expected wait is told as -> seconds below which they are the nearest; more is ``many``."""

_WOULD_YOU = "Zullen wij u terugbellen? Druk dan op de vijf."

QUEUE_PROMPTS: Mapping[str, str] = {
    "transfer": "Ik verbind u door.",  # short: whose bot just broke has waited already
    "full": "Het is op dit moment erg druk. Alle medewerkers zijn in gesprek.",
    "no_agent": "Er is op dit moment helaas geen medewerker vrij.",
    "waited_long": "Het spijt ons dat u moet wachten. Wij kunnen u terugbellen.",
    "asked": "Goed. Een ogenblik alstublieft.",
    "all_busy": "Alle medewerkers zijn in gesprek.",
    "press_for_callback": _WOULD_YOU,
    "still_waiting": f"Bedankt voor het wachten. {_WOULD_YOU}",
    "position_1": "U bent als eerste aan de beurt.",
    "position_2": "Er is één beller voor u.",
    **{f"position_{place}": f"Er zijn {place - 1} bellers voor u." for place in range(3, POSITIONS + 1)},
    "position_many": f"Er zijn {POSITIONS} of meer bellers voor u.",
    "wait_1": "De wachttijd is ongeveer één minuut.",
    **{f"wait_{step}": f"De wachttijd is ongeveer {step} minuten." for step in WAIT_STEPS if step > 1},
    "wait_many": f"De wachttijd is langer dan {max(WAIT_STEPS)} minuten.",
    "leave_message": (
        "Spreek na de toon uw naam en telefoonnummer in, dan bellen wij u terug. "
        "Druk daarna op het hekje, of hang op."
    ),
    "message_saved": "Dank u wel. Wij bellen u zo snel mogelijk terug. Tot ziens.",
    "message_failed": "Het opnemen is helaas niet gelukt. Belt u ons later nog een keer.",
    "farewell": "Tot ziens.",
    "agent_logged_in": "U bent aangemeld.",
    "agent_paused": "U staat op pauze.",
    "agent_resumed": "U krijgt weer gesprekken.",
    "agent_logged_out": "U bent afgemeld.",
    "agent_unknown": "Dit toestel hoort niet bij een medewerker in de wachtrij.",
    "feedback_thanks": "Dank u wel, het is genoteerd.",
    "cannot_call": "Bellen lukt op dit moment niet.",
    "caller_not_reached": "De beller neemt niet op.",
}
"""Name of the sound file -> plain Dutch text; see `prompt_texts`."""


def prompt_texts(hours: Sequence[OpenHours], topics: Sequence[str] = ()) -> Mapping[str, str]:
    """Return `QUEUE_PROMPTS`, and what depends on opening hours and on what the bot knows about."""
    texts = {**QUEUE_PROMPTS, "feedback_menu": _feedback_menu(topics)}
    if hours:
        texts["closed"] = "Onze klantenservice is op dit moment gesloten."
        texts["opening_hours"] = written_hours(hours)
    return texts


def _feedback_menu(topics: Sequence[str]) -> str:
    keys = [f"Voor {topic}, druk {key}." for key, topic in enumerate(topics, start=1)]
    other = "Voor iets anders, druk op het hekje."
    return " ".join(("De bot had het mis in uw laatste gesprek. Waar ging het over?", *keys, other))
