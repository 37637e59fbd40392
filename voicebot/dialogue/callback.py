"""The bot that takes a number to call back: a flow like any other, made from a bot's own wording.

It answers when a caller waits for a human and none can come (`voicebot.telephony.callback_leg`). Whatever it
cannot do it hands over, as every bot does; what comes then is the message after the tone.
"""

from __future__ import annotations

from voicebot.dialogue.bot import PHONE, ActionSpec, Bot, CallbackSpec, SlotSpec
from voicebot.dialogue.steps import AskSpec, CallSpec, ConfirmSpec, FinishSpec, Step

CALLBACK = "callback"
"""The flow, and what a call came to that ends with a promise to call back."""
STORE_CALLBACK = "store_callback"
"""The action that keeps the number; every bot can `call` it."""


def callback_bot(bot: Bot) -> Bot:
    """Return the bot that takes call-backs for `bot`: its company, voice and wording, but one flow."""
    wording = bot.callback
    prompts = bot.prompts.model_copy(
        update={
            "disclosure": wording.disclosure.replace("{company}", bot.company),
            "opening": wording.question,
            "anything_else": wording.question,
            "still_busy": wording.still_busy,
            "goodbye": wording.goodbye,
            "handoff": wording.handoff,
        }
    )
    escalation = bot.escalation.model_copy(
        update={"voice": False, "risks": {}, "vip": (), "apology": wording.handoff["default"]}
    )
    number = SlotSpec(type="phone", from_caller=True, question=wording.question, hint=wording.hint)
    return bot.model_copy(
        update={
            "prompts": prompts,
            "escalation": escalation,
            "intents": {},
            "slots": {PHONE: number},
            "actions": {STORE_CALLBACK: ActionSpec(arguments=(PHONE,), outcomes=("stored",))},
            "flows": {CALLBACK: _flow(wording)},
            "begins_with": CALLBACK,
        }
    )


def _flow(wording: CallbackSpec) -> tuple[Step, ...]:
    stored = FinishSpec(finish="callback", say=wording.done)
    return (
        ConfirmSpec(confirm=PHONE, say=wording.offer),
        AskSpec(ask=PHONE),
        ConfirmSpec(confirm=PHONE, say=wording.confirm),
        CallSpec(call=STORE_CALLBACK, on={"stored": (stored,)}),
    )
