"""The memory of calls: a redacted event log that a call never waits for."""

from voicebot.records.feed import FeedReceiver, FeedSender
from voicebot.records.log import EventLog
from voicebot.records.redaction import Redactor, redact_text
from voicebot.records.store import CallSummary, EventStore

__all__ = ["CallSummary", "EventLog", "EventStore", "FeedReceiver", "FeedSender", "Redactor", "redact_text"]
