"""The vocabulary of a call: events (what happened) and effects (what to do about it).

A call is a stream of events; the engine in `voicebot.dialogue` answers each with effects; `voicebot.call`
carries them out. Everything else only reads the stream. All messages are frozen, and JSON and back by
`voicebot.event_json`. Values that could identify a person travel as `Personal`: nobody but the back-end and
the mouth looks inside, so the redacted log decides the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from voicebot.expectation import Expectation
from voicebot.values import Personal, TimedWord, Value


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A caller is on the line."""

    call_id: str
    bot: str
    bot_version: str
    """Hash of the bot's files."""
    code_version: str
    started_at: str
    """Local date and time, ISO 8601 with zone."""
    caller: Personal | None = None
    """The caller's number, when Asterisk told it, as `voicebot.understanding.phone_number` writes it."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """Intent -> what people read for it, such as ``een klacht``; so that the log explains itself."""
    purpose: str = ""
    """The flow that it began with: ``callback`` to take a number to call back; empty: an open question."""
    closed: bool = False
    """Whether it came outside the opening hours of the queue."""
    vip: bool = False
    """Whether the bot names the caller's number among those whom a human serves at once."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak."""

    during_prompt: int | None = None
    """The prompt that was being spoken, if any."""


@dataclass(frozen=True, slots=True)
class SpeechContinued:
    """The caller went on after all: the next `UtteranceEnded` has the last one in it, and replaces it."""

    during_prompt: int | None
    """The prompt that was being spoken, if any."""


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """The caller stopped speaking; this is what was recognised ("" when nothing was)."""

    text: str
    started_ms: int
    """First voiced sample, ms since the call started."""
    ended_ms: int
    """Last voiced sample, ms since the call started."""
    words: tuple[TimedWord, ...] = ()
    """The words of the text, in order; none where their times are not known."""
    passed_over: bool = False
    """A cough, or a sign of listening, over a prompt that went on; no answer to anything."""


@dataclass(frozen=True, slots=True)
class IntentRecognised:
    """The last utterance means this."""

    intent: str
    confidence: float
    """0..1."""
    slots: Mapping[str, Value] = field(default_factory=dict)
    certainty: float = 1.0
    """How likely the least certain word of the slots' values is right, 0..1."""


@dataclass(frozen=True, slots=True)
class IntentNotRecognised:
    """The last utterance means nothing this bot knows (no-match)."""


@dataclass(frozen=True, slots=True)
class WarningHeard:
    """The last utterance held something that a supervisor would want to know of."""

    irritation: tuple[str, ...] = ()
    """Signs of irritation in its words: ``swearing``, ``complaint``, ``repetition``."""
    risk: str = ""
    """The bot's name for a subject that is for humans, such as ``juridisch``; empty: none."""
    refuses: bool = False
    """The caller wants their voice not to be analysed."""


@dataclass(frozen=True, slots=True)
class MoodScored:
    """How the caller's voice sounded in an utterance, beside the same caller's earlier ones."""

    score: float
    """0 calm .. 1 frustrated, of this utterance alone."""
    level: float
    """The same over the last utterances of the call."""
    alarm: bool
    """Whether it has sounded frustrated for long enough to act on."""
    reasons: tuple[str, ...]
    """What made it so, strongest first, in Dutch."""
    started_ms: int
    """Where the utterance begins, ms since the call started."""
    ended_ms: int


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key."""

    key: str
    """``0``, ``*`` or ``#`` when it stands by itself; ``digit`` for part of a number (see `KeysEntered`)."""


@dataclass(frozen=True, slots=True)
class KeysEntered:
    """The caller finished keying a number; understood as a value for the open question."""

    slots: Mapping[str, Value] = field(default_factory=dict)
    """Empty when the keys were no complete value."""
    intent: str = ""
    """``yes`` or ``no``, when the keys say so."""


@dataclass(frozen=True, slots=True)
class PromptStarted:
    """The first sound of a prompt left for the caller."""

    prompt: int
    name: str
    template: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PromptFinished:
    """The caller heard a prompt to its end."""

    prompt: int


@dataclass(frozen=True, slots=True)
class PromptInterrupted:
    """A prompt was stopped before its end (or before its start: heard_ms 0)."""

    prompt: int
    heard_ms: int


@dataclass(frozen=True, slots=True)
class BackendReplied:
    """A back-end action answered."""

    request: int
    outcome: str
    """One of the action's outcomes, such as ``found`` or ``not_found``."""
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BackendFailed:
    """A back-end action failed, or took too long."""

    request: int
    error: str
    """The kind of failure, never its data: ``timeout``, ``error``, ``unknown_action``."""


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """A timer that the engine started ran out."""

    timer: str


@dataclass(frozen=True, slots=True)
class ContextDelivered:
    """The context for the human was (or was not) set on the caller's channel."""

    delivered: bool
    took_ms: int


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller left."""


@dataclass(frozen=True, slots=True)
class SupervisorAsked:
    """A supervisor wants something of this call."""

    order: str
    """``take_over``, or ``end``."""
    phone: str = ""
    """The telephone that takes it over, as Asterisk dials it."""


@dataclass(frozen=True, slots=True)
class FaultOccurred:
    """Something of ours broke; the call goes to a human."""

    part: str
    """The part that broke: ``hearing``, ``speaking``, ``engine``, ``backend``, ..."""
    error: str
    """The error's class name."""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """Our part of the call is over."""

    outcome: str
    """``contained``, ``callback`` (was promised), ``transferred``, ``abandoned`` or ``ended`` (by us)."""
    reason: str = ""
    """Why a human was brought in, when one was."""
    frames_sent: int = 0
    frames_late: int = 0  # dropped because our own clock stalled
    frames_received: int = 0


Event: TypeAlias = (
    CallStarted
    | SpeechStarted
    | SpeechContinued
    | UtteranceEnded
    | IntentRecognised
    | IntentNotRecognised
    | WarningHeard
    | MoodScored
    | KeyPressed
    | KeysEntered
    | PromptStarted
    | PromptFinished
    | PromptInterrupted
    | BackendReplied
    | BackendFailed
    | TimerExpired
    | ContextDelivered
    | CallerHungUp
    | SupervisorAsked
    | FaultOccurred
    | CallEnded
)


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a prompt after those already queued."""

    prompt: int
    """Number of this prompt in the call, from 1."""
    name: str
    """What the bot's author calls it, such as ``disclosure``."""
    template: str
    """Written Dutch with ``{name}`` places."""
    values: Mapping[str, Value] = field(default_factory=dict)
    interruptible: bool = True
    slow: bool = False
    """Slowly, in short pieces: the caller asked for it."""


@dataclass(frozen=True, slots=True)
class Listen:
    """From now on expect this from the caller."""

    expectation: Expectation
    question: int = 0
    """The prompt that asks for it."""


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Stop the current prompt within a frame and forget the queued ones."""


@dataclass(frozen=True, slots=True)
class CallBackend:
    """Do an action in the company's systems."""

    request: int
    action: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    only_reads: bool = False
    """It changes nothing there, so it need not wait until the caller's turn is over for good."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo what was decided too soon: forget the prompts and the back-end requests after these."""

    prompt: int
    request: int


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Start (or restart) a timer."""

    timer: str
    ms: int


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Stop a timer, if it runs."""

    timer: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Give the caller to a human, with the story so far."""

    queue: str
    reason: str
    """Why: ``asked_for_human``, ``not_understood``, ``no_input``, ``not_identified``, ``fault``, ..."""
    intent: str = ""
    """What the caller came for, as far as known."""
    slots: Mapping[str, Value] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    """What led to it, oldest first, in Dutch."""
    skill: str = ""
    """What the agent must be good at, in the bot's own word; empty: nothing special."""
    priority: int = 0
    """Who comes first in the queue: 0 as everybody, higher sooner."""
    phone: str = ""
    """Whose telephone rings before the queue does: of a supervisor who takes over."""


@dataclass(frozen=True, slots=True)
class AnalyseVoice:
    """From now on score how the caller sounds, or no longer."""

    on: bool


@dataclass(frozen=True, slots=True)
class NoteFrustration:
    """Keep how much patience the caller has lost; the log is where it is kept."""

    level: float
    """0 calm .. 1 frustrated, of words, voice and what happened together."""
    evidence: tuple[str, ...]
    """The signs so far, oldest first, in Dutch."""


@dataclass(frozen=True, slots=True)
class NoteRating:
    """Keep what the caller thought of the call; the log is where it is kept."""

    helped: bool | None  # None when they did not say
    score: int | None  # 1 (bad) to 5 (good)


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call; only ever after a goodbye."""

    outcome: str


Effect: TypeAlias = (
    Say
    | Listen
    | StopSpeaking
    | CallBackend
    | TakeBack
    | StartTimer
    | CancelTimer
    | Transfer
    | AnalyseVoice
    | NoteFrustration
    | NoteRating
    | HangUp
)

Message: TypeAlias = Event | Effect


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a call's log."""

    call_id: str
    seq: int
    at_ms: int  # since the call started
    message: Message
