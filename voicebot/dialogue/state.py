"""What the engine remembers of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from voicebot.dialogue.frustration import Temper
from voicebot.dialogue.steps import Step
from voicebot.events import HangUp, Transfer
from voicebot.expectation import Expectation
from voicebot.values import Value

Analysis = Literal["off", "told", "on", "refused"]
"""Whether the voice is analysed: not by this bot, not before the caller was told, now, never again."""
Phase = Literal["opening", "asking", "waiting", "closing", "rating", "leaving", "ended"]


@dataclass(frozen=True, slots=True)
class State:
    """Everything the engine remembers of a call."""

    phase: Phase = "opening"
    intent: str = ""
    """What the caller came for last."""
    todo: tuple[Step, ...] = ()
    """The steps of the running flow that are still to do."""
    slots: Mapping[str, Value] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    """Slots whose value was read back and is right."""
    unsure: frozenset[str] = frozenset()
    """Slots whose value may have been heard wrong."""
    certainty: float = 1.0
    """How sure the values are that the caller gave last, 0..1."""
    asking: str | None = None
    """The slot whose question is open."""
    question: int = 0
    """The prompt that ends with the open question; silence counts from its end."""
    expectation: Expectation = field(default_factory=Expectation)
    """What the open question waits for."""
    no_matches: int = 0
    """In a row, at this question."""
    no_inputs: int = 0
    """In a row, at this question."""
    noises: int = 0
    """Sounds without words, at this question."""
    asides: int = 0
    """Times that the caller spoke about the talk itself ("herhaal", "momentje"), at this question."""
    slow: bool = False
    """The caller asked to speak slower."""
    patient: bool = False
    """The caller asked for a moment since the question."""
    told: tuple[str, ...] = ()
    """What the caller was told about what they came for last: wording, to say again when asked."""
    helped: bool | None = None
    """Whether the caller says to have been helped."""
    retries: Mapping[str, int] = field(default_factory=dict)
    """Times that a flow began again, by intent, and that a value was wrong, by ``confirm.`` and slot.

    Over the whole call: nobody gets new tries by asking anew.
    """
    temper: Temper = field(default_factory=Temper)
    """How much patience the caller has left."""
    irritated: bool = False
    """The last utterance had signs of irritation in it."""
    content: bool = False
    """In their last turn the caller thanked, or said goodbye."""
    analysis: Analysis = "off"
    notice: int = 0
    """The prompt that tells that the voice is analysed."""
    unsure_in_a_row: int = 0
    """Turns in a row with a value that may have been heard wrong."""
    closed: bool = False
    """No agent answers at this hour."""
    interrupted: bool = False
    """The caller broke into the last prompt, and has said nothing understandable since."""
    prompts: int = 0
    """Prompts so far in the call."""
    requests: int = 0
    """Back-end requests so far in the call."""
    filler: int = 0
    """The last prompt that only said that it takes a while."""
    last_words: int = 0
    """The prompt after which the call leaves us."""
    speaking: bool = False
    """The caller is speaking, and what they say is not known yet."""
    words_over: bool = False
    """The last words have been spoken."""
    exit: Transfer | HangUp | None = None
    """What happens after the last words."""
    before: State | None = None
    """What it was before the caller's last turn was over: to go back to when it was not."""
