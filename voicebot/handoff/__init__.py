"""Bringing in a human: what the agent should know, and how the queue stands."""

from voicebot.handoff.context import INTENT_LABELS, REASON_SENTENCES, ContextPackage, build_context
from voicebot.handoff.queue import Agent, QueueSnapshot, QueueState

__all__ = [
    "INTENT_LABELS",
    "REASON_SENTENCES",
    "Agent",
    "ContextPackage",
    "QueueSnapshot",
    "QueueState",
    "build_context",
]
