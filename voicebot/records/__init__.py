"""The memory of calls: a redacted event log that a call never waits for."""

from voicebot.records.callbacks import Callback, CallbackDesk, Callbacks, MemoryCallbacks
from voicebot.records.contexts import Contexts
from voicebot.records.day import CallOfDay, Day
from voicebot.records.denied import human_denied
from voicebot.records.feed import FeedReceiver, FeedSender, ServiceStatus
from voicebot.records.feedback import Correction, Feedback
from voicebot.records.handovers import Denied, Handover, Handovers, counted
from voicebot.records.log import EventLog
from voicebot.records.outbox import Letter, Outbox
from voicebot.records.passages import Passage, Passages, Step
from voicebot.records.redaction import Redactor, redact_text
from voicebot.records.secret_key import open_key
from voicebot.records.store import CallSummary, EventStore

__all__ = [
    "CallOfDay",
    "CallSummary",
    "Callback",
    "CallbackDesk",
    "Callbacks",
    "Contexts",
    "Correction",
    "Day",
    "Denied",
    "EventLog",
    "EventStore",
    "FeedReceiver",
    "FeedSender",
    "Feedback",
    "Handover",
    "Handovers",
    "Letter",
    "MemoryCallbacks",
    "Outbox",
    "Passage",
    "Passages",
    "Redactor",
    "ServiceStatus",
    "Step",
    "counted",
    "human_denied",
    "open_key",
    "redact_text",
]
