"""How a call went, as its messages tell it: wishes, look-ups, answers, misses, mood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallStarted,
    IntentRecognised,
    Message,
    NoteFrustration,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    TakeBack,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)
from voicebot.values import Personal, Value, fill

_BACKEND_FAILED = "backend_failed"
"""The reason of a transfer when a company's system gave no answer, or none that the bot knows."""
_CALLBACK = "callback"
"""The purpose of a call in which only a number to call back is taken."""
NOT_FOUND = "not_found"
"""The outcome of a look-up that found nothing; any other found something."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """The bot looked something up with what the caller gave."""

    request: int
    given: Mapping[str, Value]
    outcome: str = ""
    """Empty while there was no answer."""
    failed: bool = False

    @property
    def found(self) -> bool:
        """Whether what the caller gave is in the company's system."""
        return self.outcome not in ("", NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Answer:
    """The bot told something about a wish."""

    prompt: int
    intent: str
    text: str
    """As the caller heard it, with real values."""
    redacted: str
    """The same, with ``<order_number>`` for a personal value."""
    interrupted: bool = False


Step: TypeAlias = Lookup | Answer


@dataclass(frozen=True, slots=True)
class Course:
    """What happened in a call, without what was taken back."""

    transfer: Transfer
    """How it ended."""
    started: CallStarted | None
    spoke: bool
    """Whether the caller said anything in words."""
    intents: tuple[str, ...]
    """Wishes that have a name in Dutch, each once, in the order in which they came up first."""
    steps: tuple[Step, ...]
    """Oldest first."""
    no_matches: int
    """How often the bot said that it did not understand."""
    no_inputs: int
    """How often it said that it heard nothing."""
    mixed_up: int
    """How often it said that it had understood something else."""
    moods: tuple[tuple[float, float], ...]
    """Seconds since the start of the call, and how frustrated the caller was then, 0..1; in order."""
    evidence: tuple[str, ...]
    """What shows it, oldest first, in Dutch."""
    risk: str
    """The bot's name for the subject for humans that came up last; empty: none."""

    @property
    def topics(self) -> Mapping[str, str]:
        """The bot's intents in Dutch."""
        return self.started.topics if self.started else {}

    @property
    def asks_callback(self) -> bool:
        """Whether the call was only to leave a number to call back."""
        return self.started is not None and self.started.purpose == _CALLBACK

    @property
    def topic(self) -> str:
        """What the caller came for last, in Dutch; empty when unknown."""
        return self.topics.get(self.transfer.intent, "een terugbelverzoek" if self.asks_callback else "")

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        """The look-ups that were answered, or failed."""
        steps = (step for step in self.steps if isinstance(step, Lookup))
        return tuple(step for step in steps if step.outcome or step.failed)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What the bot told."""
        return tuple(step for step in self.steps if isinstance(step, Answer))


def follow(transfer: Transfer, messages: Sequence[Message]) -> Course:
    """Return how a call with these messages went, which ended in this transfer."""
    standing = _standing(messages)
    prompts = [message.name for message in standing if isinstance(message, PromptStarted)]
    started = next((message for message in standing if isinstance(message, CallStarted)), None)
    topics = started.topics if started else {}
    wishes = (message.intent for message in standing if isinstance(message, IntentRecognised))
    notes = [message for message in standing if isinstance(message, NoteFrustration)]
    risks = [message.risk for message in standing if isinstance(message, WarningHeard) and message.risk]
    return Course(
        transfer,
        started,
        spoke=any(isinstance(message, UtteranceEnded) and _is_turn(message) for message in standing),
        intents=tuple(dict.fromkeys(wish for wish in wishes if wish in topics)),
        steps=_steps(standing, transfer.reason),
        no_matches=prompts.count("no_match"),
        no_inputs=prompts.count("no_input"),
        mixed_up=prompts.count("misunderstood"),
        moods=_moods(standing),
        evidence=notes[-1].evidence if notes else (),
        risk=risks[-1] if risks else "",
    )


def _is_turn(said: UtteranceEnded) -> bool:
    return bool(said.text) and not said.passed_over


def _standing(messages: Iterable[Message]) -> list[Message]:
    """Return the messages without what was taken back."""
    standing: list[Message] = []
    for message in messages:
        match message:
            case TakeBack(prompt=prompt, request=request):
                if standing and isinstance(standing[-1], SpeechContinued):
                    del standing[_last_turn(standing) :]
                standing = [one for one in standing if not _is_after(one, prompt, request)]
            case _:
                standing.append(message)
    return standing


def _last_turn(messages: Sequence[Message]) -> int:
    """Return where the caller's last turn ended; the length when there was none."""
    turns = [
        at for at, message in enumerate(messages) if isinstance(message, UtteranceEnded) and _is_turn(message)
    ]
    return turns[-1] if turns else len(messages)


def _is_after(message: Message, prompt: int, request: int) -> bool:
    match message:
        case PromptStarted():
            return message.prompt > prompt
        case CallBackend() | BackendReplied() | BackendFailed():
            return message.request > request
    return False


def _steps(messages: Iterable[Message], reason: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for message in messages:
        match message:
            case CallBackend(request=request, arguments=given, only_reads=True) if any(
                isinstance(value, Personal) for value in given.values()
            ):
                steps.append(Lookup(request, given))
            case BackendReplied(request=request, outcome=outcome):
                steps = [_replied(step, request, outcome=outcome) for step in steps]
            case BackendFailed(request=request):
                steps = [_replied(step, request, failed=True) for step in steps]
            case PromptStarted(prompt=prompt, name=name) if name.endswith(".say"):
                steps.append(
                    Answer(prompt, name.removesuffix(".say"), _spoken(message, True), _spoken(message, False))
                )
            case PromptInterrupted(prompt=prompt):
                steps = [
                    replace(step, interrupted=True)
                    if isinstance(step, Answer) and step.prompt == prompt
                    else step
                    for step in steps
                ]
    if reason == _BACKEND_FAILED and steps and isinstance(steps[-1], Lookup):  # its outcome was no known one
        steps[-1] = replace(steps[-1], outcome="", failed=True)
    return tuple(steps)


def _replied(step: Step, request: int, *, outcome: str = "", failed: bool = False) -> Step:
    if isinstance(step, Lookup) and step.request == request:
        return replace(step, outcome=outcome, failed=failed)
    return step


def _spoken(prompt: PromptStarted, reveal: bool) -> str:
    try:
        return fill(prompt.template, prompt.values, reveal=reveal)
    except KeyError:  # a bot's place without a value; the caller heard nothing there either
        return prompt.template


def _moods(messages: Iterable[Message]) -> tuple[tuple[float, float], ...]:
    moods: list[tuple[float, float]] = []
    now_s = 0.0
    for message in messages:
        match message:
            case UtteranceEnded(ended_ms=ended_ms):
                now_s = max(now_s, ended_ms / 1000)
            case NoteFrustration(level=level):
                moods.append((now_s, level))
    return tuple(moods)
