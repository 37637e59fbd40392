"""The memory of calls: a redacted event log that a call never waits for."""

from voicebot.records.callbacks import Callback, CallbackDesk, Callbacks, MemoryCallbacks
from voicebot.records.feed import FeedReceiver, FeedSender, ServiceStatus
from voicebot.records.handovers import Handover, Handovers, counted
from voicebot.records.log import EventLog
from voicebot.records.redaction import Redactor, redact_text
from voicebot.records.secret_key import open_key
from voicebot.records.store import CallSummary, EventStore

__all__ = [
    "CallSummary",
    "Callback",
    "CallbackDesk",
    "Callbacks",
    "EventLog",
    "EventStore",
    "FeedReceiver",
    "FeedSender",
    "Handover",
    "Handovers",
    "MemoryCallbacks",
    "Redactor",
    "ServiceStatus",
    "counted",
    "open_key",
    "redact_text",
]
