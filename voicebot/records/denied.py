"""Whether a caller was denied a human: told from a call's log alone, so that the record proves it.

It does not ask the engine, nor the bot: what it knows of them are the few names below. Who asked for a human
is on the way to one, whatever they say next; two failed tries in a row are made good by being understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voicebot.events import (
    CallBackend,
    CallEnded,
    CallerHungUp,
    CallStarted,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Listen,
    Message,
    Say,
    SpeechContinued,
    TimerExpired,
    Transfer,
    UtteranceEnded,
)

_HUMAN: Final = "human"
_HUMAN_KEY: Final = "0"
_SILENCE: Final = "no_input"
_PROMISE: Final = "handoff."
"""What the names of prompts begin with that announce a human."""
_RATING: Final = ("helped", "score")
"""The slots of the survey, to which silence is an answer."""
_CALLBACK: Final = "callback"
"""The purpose of a call in which no human can be had, and the outcome of one that promised to call back."""
_TRIES: Final = 2

TELLING: Final = (
    CallStarted,
    Say,
    Listen,
    CallBackend,
    UtteranceEnded,
    SpeechContinued,
    IntentRecognised,
    IntentNotRecognised,
    KeyPressed,
    KeysEntered,
    TimerExpired,
    Transfer,
    HangUp,
    CallerHungUp,
    CallEnded,
)
"""The messages that it looks at; the others may be left out."""


def human_denied(messages: Sequence[Message]) -> str:
    """Return why the caller of these messages, in order, was denied a human; empty when they were not.

    A call without its `CallEnded` is not over, and no one was denied anything yet. One that ended as
    transferred went to the queue, with or without a story. In a call that takes a number to call back, the
    promise to do so is as good as a human.
    """
    ended = next((message for message in messages if isinstance(message, CallEnded)), None)
    gone = any(isinstance(message, CallerHungUp | Transfer) for message in messages)
    if ended is None or gone or ended.outcome == "transferred":
        return ""
    if ended.outcome == _CALLBACK and _is_for_callback(messages):
        return ""
    wish = _open_wish(messages)
    return f"{wish}, but the call ended as {ended.outcome or 'nothing'} without one" if wish else ""


def _is_for_callback(messages: Sequence[Message]) -> bool:
    return any(isinstance(message, CallStarted) and message.purpose == _CALLBACK for message in messages)


def _open_wish(messages: Sequence[Message]) -> str:
    """Return why a human was due when we hung up."""
    tries = before_turn = 0
    asked = False  # whether a question is open that wants an answer
    for message in messages:
        match message:
            case IntentRecognised(intent=intent) if intent == _HUMAN:
                return "the caller asked for a human"
            case KeyPressed(key=key) if key == _HUMAN_KEY:
                return "the caller pressed the key for a human"
            case Say(name=name) if name.startswith(_PROMISE):
                return f"a human was announced ({name.removeprefix(_PROMISE)})"
            case Listen(expectation=expectation):
                asked = expectation.slot not in _RATING
            case CallBackend() | Say(name="goodbye" | "finish"):
                asked = False
            case UtteranceEnded(passed_over=False):
                before_turn = tries
            case SpeechContinued():  # that turn was not over, and will be told again
                tries = min(tries, before_turn)
            case IntentNotRecognised():
                tries += asked
            case TimerExpired(timer=timer) if timer == _SILENCE:
                tries += asked
            case KeysEntered(slots=slots, intent=intent) if not (slots or intent):
                tries += asked
            case IntentRecognised() | KeysEntered():
                tries = 0
            case HangUp():  # whatever is told after it came when the line was being closed
                break
    return f"{tries} tries in a row failed" if tries >= _TRIES else ""
