"""The calls of this moment, as the live feed tells them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    Message,
    NoteFrustration,
    Transfer,
)
from voicebot.handoff import REASON_SENTENCES, Story

SHOWN_S = 300
"""How long a call stays in view after its last entry."""
MOST_CALLS = 500

_PURPOSES = {"callback": "een terugbelverzoek"}
_OUTCOMES = {
    "contained": "Geholpen door de bot",
    "callback": "Wordt teruggebeld",
    "transferred": "Doorverbonden",
    "abandoned": "Beller heeft opgehangen",
    "ended": "Beëindigd door een collega",
}
_LOST = "De bot viel uit. De beller gaat naar een medewerker."
ANGRY = 0.5
"""From this frustration on a caller is dissatisfied."""
_MOODS = ((ANGRY, "ontevreden"), (0.25, "gespannen"))
"""From which level on a caller is called what; below, calm."""


@dataclass(slots=True)
class LiveCall(Story):
    """One call in progress, or just ended."""

    call_id: str
    worker: int
    """Process id of the worker that has it."""
    bot: str = ""
    started_at: str = ""
    """ISO 8601; empty when its start was missed."""
    intent: str = ""
    """What the caller came for last."""
    topic: str = ""
    """The same in Dutch."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """The bot's intents in Dutch."""
    frustration: float = 0.0
    """0 calm .. 1 frustrated."""
    evidence: Sequence[str] = ()
    """What shows it, oldest first, in Dutch; after a hand-over, what led to that."""
    outcome: str = ""
    """Empty while the call lasts; ``lost`` when its worker is gone, which left no `CallEnded`."""
    result: str = ""
    """How it ended, in Dutch."""

    @property
    def mood(self) -> str:
        """How the caller is, in a word of Dutch."""
        return mood_word(self.frustration)


class LiveCalls:
    """Keeps up with all calls; bounded. `now` gives seconds that only go forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._calls: OrderedDict[str, tuple[LiveCall, float]] = OrderedDict()
        self._workers: Collection[int] | None = None

    def apply(self, entry: Entry, worker: int) -> None:
        """Take one redacted entry from the worker with this process id."""
        call, _ = self._calls.pop(entry.call_id, (LiveCall(entry.call_id, worker), 0.0))
        _follow(call, entry.message)
        self._calls[entry.call_id] = call, self._now()
        if len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)

    def know_workers(self, workers: Collection[int]) -> None:
        """Take the process ids of the workers that are there: calls of others are lost."""
        self._workers = workers

    def calls(self) -> list[LiveCall]:
        """Return the calls in view: those in progress first, then those that ended; the newest first."""
        oldest = self._now() - SHOWN_S
        while self._calls and next(iter(self._calls.values()))[1] < oldest:
            self._calls.popitem(last=False)
        calls = (self._as_it_is(call) for call, _ in self._calls.values())
        newest_first = sorted(calls, key=_start, reverse=True)
        return sorted(newest_first, key=lambda call: bool(call.outcome))

    def find(self, call_id: str) -> LiveCall | None:
        """Return a call in view by its id."""
        return next((call for call in self.calls() if call.call_id == call_id), None)

    def is_with_bot(self, call_id: str) -> bool:
        """Whether this call is in view and not over for the bot."""
        call = self.find(call_id)
        return call is not None and not call.outcome

    def _as_it_is(self, call: LiveCall) -> LiveCall:
        if call.outcome or self._workers is None or call.worker in self._workers:
            return call
        return lost(call)


def mood_word(level: float) -> str:
    """Return how a caller with this much frustration (0 .. 1) is, in a word of Dutch."""
    return next((name for least, name in _MOODS if level >= least), "rustig")


def lost(call: LiveCall) -> LiveCall:
    """Return a call whose worker is gone."""
    return replace(call, outcome="lost", result=_LOST)


def retold(entries: Sequence[Entry]) -> LiveCall | None:
    """Return a call as its log tells it; None for an empty log."""
    if not entries:
        return None
    call = LiveCall(entries[0].call_id, worker=0)
    for entry in entries:
        _follow(call, entry.message)
    return call


def _start(call: LiveCall) -> tuple[str, str]:
    return call.started_at, call.call_id


def _follow(call: LiveCall, message: Message) -> None:
    call.apply(message)
    match message:
        case CallStarted(bot=bot, started_at=started_at, topics=topics, purpose=purpose):
            call.bot, call.started_at, call.topics = bot, started_at, topics
            call.topic = _PURPOSES.get(purpose, "")
        case IntentRecognised(intent=intent) if intent in call.topics:
            call.intent, call.topic = intent, call.topics[intent]
        case NoteFrustration(level=level, evidence=evidence):
            call.frustration, call.evidence = level, evidence
        case Transfer(evidence=evidence):
            call.evidence = evidence
        case CallEnded(outcome=outcome, reason=reason):
            sentences = [f"{_OUTCOMES.get(outcome, outcome)}.", REASON_SENTENCES.get(reason, "")]
            call.outcome, call.result = outcome, " ".join(filter(None, sentences))
