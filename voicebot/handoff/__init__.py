"""Bringing in a human: what the agent should know, and how the queue stands."""

from voicebot.handoff.context import REASON_SENTENCES, ContextPackage, build_context
from voicebot.handoff.queue import Agent, QueueSnapshot, QueueState, Waiting
from voicebot.handoff.story import Line, Story
from voicebot.handoff.telling import label

__all__ = [
    "REASON_SENTENCES",
    "Agent",
    "ContextPackage",
    "Line",
    "QueueSnapshot",
    "QueueState",
    "Story",
    "Waiting",
    "build_context",
    "label",
]
