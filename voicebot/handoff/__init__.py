"""Bringing in a human: what the agent should know, and how the queue stands."""

from voicebot.handoff.context import REASON_SENTENCES, ContextPackage, build_context
from voicebot.handoff.queue import Agent, QueueSnapshot, QueueState
from voicebot.handoff.webhook import deliver, pause_s, signature, verify

__all__ = [
    "REASON_SENTENCES",
    "Agent",
    "ContextPackage",
    "QueueSnapshot",
    "QueueState",
    "build_context",
    "deliver",
    "pause_s",
    "signature",
    "verify",
]
