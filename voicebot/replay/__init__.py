"""Recorded callers that behave like people: they listen, and speak when it is their turn."""

from voicebot.replay.caller import Turn, VirtualCaller
from voicebot.replay.fixture import Fixture, load_fixture

__all__ = ["Fixture", "Turn", "VirtualCaller", "load_fixture"]
