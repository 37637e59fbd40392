"""Recorded callers that behave like people, and the same calls again, faster than the clock."""

from voicebot.replay.caller import Turn, VirtualCaller
from voicebot.replay.fixture import Fixture, load_fixture
from voicebot.replay.jobs import replay_all
from voicebot.replay.judge import Failure, Gist, gist, judge, spoken
from voicebot.replay.perform import replay_direct
from voicebot.replay.recording import record_call
from voicebot.replay.recordings import Recordings
from voicebot.replay.rehearsal import Rehearsal, Via, fixtures_in
from voicebot.replay.rendering import LINES, render
from voicebot.replay.replayed import Began, Replayed
from voicebot.replay.report import folder_checksum, write_report
from voicebot.replay.result import Result, summary, timeline
from voicebot.replay.starter import starter

__all__ = [
    "LINES",
    "Began",
    "Failure",
    "Fixture",
    "Gist",
    "Recordings",
    "Rehearsal",
    "Replayed",
    "Result",
    "Turn",
    "Via",
    "VirtualCaller",
    "fixtures_in",
    "folder_checksum",
    "gist",
    "judge",
    "load_fixture",
    "record_call",
    "render",
    "replay_all",
    "replay_direct",
    "spoken",
    "starter",
    "summary",
    "timeline",
    "write_report",
]
