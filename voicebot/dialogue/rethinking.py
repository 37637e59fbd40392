"""One turn never gets two answers: a caller who goes on after all is answered anew.

What a caller said is decided on as soon as it seems whole. The state remembers what it was before; when the
caller goes on, it becomes that again, and what was decided is taken back.
"""

from __future__ import annotations

from dataclasses import replace

from voicebot.dialogue.draft import BUSY, LEAVING, NO_INPUT
from voicebot.dialogue.state import State
from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CancelTimer,
    Effect,
    Event,
    IntentNotRecognised,
    IntentRecognised,
    Listen,
    MoodScored,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    TakeBack,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)

_FOLLOWS = (
    WarningHeard,
    MoodScored,
    IntentRecognised,
    IntentNotRecognised,
    PromptStarted,
    PromptFinished,
    PromptInterrupted,
)
"""What comes of the end of a turn, and goes when that is taken back."""


def remembering(after: State, before: State, event: Event) -> State:
    """Return the state `after` an event, with what to go back to if the turn was not over."""
    match event:
        case UtteranceEnded(text=text, passed_over=False) if text:
            return replace(after, before=replace(before, before=None))
        case BackendReplied(request=request) | BackendFailed(request=request) if (
            before.before and request > before.before.requests
        ):
            return after
        case _ if isinstance(event, _FOLLOWS):
            return after
    return replace(after, before=None)  # something else has happened meanwhile: it stays as it was decided


def taken_back(state: State) -> tuple[State, tuple[Effect, ...]]:
    """Return the state before the last turn was over, and how to undo what came of it.

    Who asked for a human is on the way to one, whatever they say next.
    """
    before, speaking = state.before, replace(state, speaking=True, before=None)
    if before is None or before.phase == "leaving" or state.phase == "ended" or _brings_human(state):
        return speaking, ()
    temper = before.temper.unheard() if state.analysis == "refused" else before.temper
    speaking = replace(speaking, temper=temper, irritated=before.irritated)
    if (before.prompts, before.requests) == (state.prompts, state.requests):
        return speaking, ()
    timers = [CancelTimer(timer) for timer in (NO_INPUT, BUSY, LEAVING)]
    undone = replace(before, speaking=True, prompts=state.prompts, requests=state.requests)
    undone = replace(undone, analysis=state.analysis, temper=temper)  # who refused it has refused it
    return undone, (
        TakeBack(before.prompts, before.requests),
        *timers,
        Listen(before.expectation, before.question),
    )


def _brings_human(state: State) -> bool:
    return state.phase == "leaving" and isinstance(state.exit, Transfer)
