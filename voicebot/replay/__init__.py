"""Recorded callers that behave like people, and the same calls again, faster than the clock."""

from voicebot.replay.caller import Turn, VirtualCaller
from voicebot.replay.fixture import Fixture, load_fixture
from voicebot.replay.judge import Failure, judge, spoken
from voicebot.replay.perform import Began, Replayed, replay_direct
from voicebot.replay.recordings import Recordings
from voicebot.replay.rehearsal import Rehearsal, Result, fixtures_in, summary, timeline

__all__ = [
    "Began",
    "Failure",
    "Fixture",
    "Recordings",
    "Rehearsal",
    "Replayed",
    "Result",
    "Turn",
    "VirtualCaller",
    "fixtures_in",
    "judge",
    "load_fixture",
    "replay_direct",
    "spoken",
    "summary",
    "timeline",
]
