"""Bringing in a human: what the agent should know, how the queue stands, who calls back."""

from voicebot.handoff.agents import AgentDesk, Person, Roster
from voicebot.handoff.context import REASON_SENTENCES, ContextPackage, build_context
from voicebot.handoff.dialler import Dialler, Policy
from voicebot.handoff.orders import ORDER, Orders
from voicebot.handoff.queue import Agent, QueueSnapshot, QueueState, Waiting
from voicebot.handoff.story import Line, Story
from voicebot.handoff.telling import label
from voicebot.handoff.watch import QueueWatch
from voicebot.handoff.webhook import deliver, pause_s, signature, verify

__all__ = [
    "ORDER",
    "REASON_SENTENCES",
    "Agent",
    "AgentDesk",
    "ContextPackage",
    "Dialler",
    "Line",
    "Orders",
    "Person",
    "Policy",
    "QueueSnapshot",
    "QueueState",
    "QueueWatch",
    "Roster",
    "Story",
    "Waiting",
    "build_context",
    "deliver",
    "label",
    "pause_s",
    "signature",
    "verify",
]
